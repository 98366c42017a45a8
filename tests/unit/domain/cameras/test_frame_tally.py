"""Counts and rates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.cameras.frame_tally import FrameFate, FrameTally, RateMeter
from facegate.domain.cameras.status import FrameCounts


@given(st.lists(st.sampled_from(FrameFate)), st.integers(0, 2))
def test_decoded_is_analysed_dropped_or_under_way(fates: list[FrameFate], open_count: int) -> None:
    tally = FrameTally()
    for _ in range(len(fates) + open_count):
        tally.decoded()
    for fate in fates:
        tally.settle(fate)
    counts = tally.counts()
    dropped = counts.not_due + counts.superseded + counts.still + counts.failed
    assert counts.decoded == counts.analysed + dropped + open_count
    assert tally.open_count == open_count


def test_nothing_is_nothing() -> None:
    assert FrameTally().counts() == FrameCounts()


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    meter = RateMeter(100.0)
    for number in range(100):
        meter.mark(100.0 + number / 25)
    assert meter.per_s(104.0) == pytest.approx(25)
    assert meter.per_s(112.0) == pytest.approx(5, abs=0.2)
    assert meter.per_s(120.0) == 0


def test_the_first_second_promises_nothing() -> None:
    meter = RateMeter(100.0)
    meter.mark(100.0)
    assert meter.per_s(100.001) == 1.0
