"""An even choice of frames."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.cameras.frame_pace import FramePace


def taken(wanted_per_s: float, times_s: list[float]) -> list[float]:
    pace = FramePace(wanted_per_s)
    return [at_s for at_s in times_s if pace.takes(at_s)]


def test_five_of_twenty_five_evenly() -> None:
    times_s = taken(5, [1000 + number / 25 for number in range(250)])
    assert len(times_s) == pytest.approx(50, abs=1)
    gaps_s = [later - earlier for earlier, later in pairwise(times_s)]
    assert max(gaps_s) < 0.25
    assert min(gaps_s) > 0.15


@pytest.mark.parametrize("unevenness_s", [0.0, 0.02, 0.045])
def test_a_camera_that_sends_just_as_many_as_are_wanted_loses_none(unevenness_s: float) -> None:
    times_s = [number / 5 + (unevenness_s if number % 2 else 0.0) for number in range(100)]
    assert len(taken(5, times_s)) == 100


def test_a_rate_that_does_not_divide_the_cameras_is_kept_on_average() -> None:
    assert len(taken(7, [number / 25 for number in range(2500)])) == pytest.approx(700, abs=2)


def test_after_a_gap_there_is_no_burst() -> None:
    pace = FramePace(5)
    assert pace.takes(0.0)
    late_s = [60 + number / 25 for number in range(26)]
    assert len([at_s for at_s in late_s if pace.takes(at_s)]) == 6


@given(
    st.floats(0.1, 30),
    st.lists(st.floats(0.001, 3), min_size=1, max_size=200),
)
def test_never_more_than_asked_for(wanted_per_s: float, gaps_s: list[float]) -> None:
    times_s = [sum(gaps_s[:number]) for number in range(len(gaps_s))]
    lasted_s = times_s[-1] - times_s[0]
    assert 1 <= len(taken(wanted_per_s, times_s)) <= lasted_s * wanted_per_s + 1.26
