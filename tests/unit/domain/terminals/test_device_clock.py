"""Times of terminals when clocks are put back or forward."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from facegate.domain.terminals.device_clock import clock_offset_s, cloud_time, parse_device_time

BERLIN = ZoneInfo("Europe/Berlin")
TWICE = "2024-10-27 02:30:00"
FIRST, SECOND = datetime(2024, 10, 27, 0, 30, tzinfo=UTC), datetime(2024, 10, 27, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("near", "moment"),
    [
        (None, FIRST),
        (FIRST + timedelta(minutes=1), FIRST),
        (SECOND + timedelta(seconds=5), SECOND),
        (SECOND + timedelta(days=1), SECOND),
    ],
)
def test_an_hour_that_comes_twice(near: datetime | None, moment: datetime) -> None:
    assert parse_device_time(TWICE, BERLIN, near) == moment


@given(st.integers(1_600_000_000, 1_900_000_000))
def test_what_we_tell_a_terminal_is_read_back(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    text = cloud_time(moment, BERLIN)
    assert parse_device_time(text, BERLIN, near=moment) == moment
    assert clock_offset_s(text, BERLIN, moment) == 0.0


def test_a_clock_that_is_right_is_right_in_both_hours() -> None:
    assert clock_offset_s(TWICE, BERLIN, FIRST) == 0.0
    assert clock_offset_s(TWICE, BERLIN, SECOND) == 0.0


@pytest.mark.parametrize("text", ["", "yesterday", "2024-02-30 00:00:00", "0001-01-01 00:00:00"])
def test_what_is_no_time(text: str) -> None:
    assert parse_device_time(text, BERLIN, near=FIRST) is None
