"""How long a channel that failed rests."""

import math

from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.alerts.retries import (
    LONGEST_ASKED_PAUSE_S,
    LONGEST_PAUSE_S,
    asked_pause_s,
    retry_pause_s,
)


def test_pauses_double_up_to_ten_minutes() -> None:
    assert [retry_pause_s(count, 0.5) for count in (0, 1, 2, 3, 9, 10, 500)] == [2, 2, 4, 8, 512, 600, 600]


@given(count=st.integers(1, 10_000), jitter=st.floats(0, 1))
def test_jitter_stays_within_a_quarter(count: int, jitter: float) -> None:
    middle = retry_pause_s(count, 0.5)
    assert 0.75 * middle <= retry_pause_s(count, jitter) <= 1.25 * middle <= 1.25 * LONGEST_PAUSE_S


def test_what_is_asked_for_is_obeyed_within_reason() -> None:
    assert asked_pause_s(37) == 37
    assert asked_pause_s(0) == 0.1
    assert asked_pause_s(math.inf) == LONGEST_ASKED_PAUSE_S
    assert asked_pause_s(math.nan) == asked_pause_s(-5) == 2
