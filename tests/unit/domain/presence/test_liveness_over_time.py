"""The median of the liveness net's answers: robust to one outlier, never longer than its window."""

from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.staged import ALL_RAN, observed

from facegate.domain.presence.liveness_over_time import median_live_probability
from facegate.domain.presence.observation import Observation
from facegate.domain.presence.verdicts import Check, CheckState

REUSED = {**ALL_RAN, Check.LIVENESS: CheckState.REUSED}
WINDOW_S = 3.0


def looks(*probabilities: float | None, interval_s: float = 0.5) -> list[Observation]:
    return [
        observed(number * interval_s, live_probability=probability, seed=number)
        for number, probability in enumerate(probabilities)
    ]


def median_of(*frames: Observation) -> float | None:
    return median_live_probability(frames[-1], frames[:-1], WINDOW_S)


@pytest.mark.parametrize("outlier", [0.0, 1.0])
@pytest.mark.parametrize("place", range(5))
def test_one_outlier_of_five_changes_little(outlier: float, place: int) -> None:
    probabilities = [0.61, 0.62, 0.63, 0.64, 0.65]
    probabilities[place] = outlier
    median = median_of(*looks(*probabilities))
    assert median is not None
    assert 0.61 <= median <= 0.65


def test_the_first_frame_counts_alone() -> None:
    assert median_of(*looks(0.3)) == 0.3


def test_of_two_looks_the_lower_counts() -> None:
    assert median_of(*looks(0.99, 0.03)) == 0.03
    assert median_of(*looks(0.03, 0.99)) == 0.03


def test_a_frame_without_a_look_has_no_median() -> None:
    assert median_of(*looks(0.9, None)) is None


def test_looks_older_than_the_window_do_not_count() -> None:
    assert median_of(*looks(0.9, 0.9, 0.1, 0.1, interval_s=2.0)) == 0.1
    assert median_of(*looks(0.9, 0.9, 0.9, 0.1, interval_s=1.0)) == 0.9


def test_looks_before_the_face_was_out_of_sight_do_not_count() -> None:
    nobody = observed(0.7, faces=(), live_probability=None)
    before = [observed(number / 10, live_probability=0.99) for number in range(6)]
    after = observed(1.0, live_probability=0.1)
    assert median_of(*before, after) == 0.99
    assert median_of(*before, nobody, after) == 0.1


def test_a_reused_look_counts_in_its_own_frame_only() -> None:
    reused = [observed(number / 2, live_probability=0.9, checks=REUSED) for number in range(4)]
    assert median_of(*reused) == 0.9
    assert median_of(*reused, observed(2.0, live_probability=0.1)) == 0.1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6).flatmap(st.permutations))
def test_the_order_of_looks_within_the_window_does_not_matter(probabilities: list[float]) -> None:
    assert median_of(*looks(*probabilities)) == median_low(sorted(probabilities))
