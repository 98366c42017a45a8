"""The server's zone, with its changes between summer and winter."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.terminals.device_clock import cloud_time, parse_device_time
from facegate.use_cases.terminals.server_zone import SERVER_ZONE


@pytest.fixture(params=["Europe/Berlin", "America/New_York", "Asia/Kolkata"], scope="module")
def zone(request: pytest.FixtureRequest) -> Iterator[ZoneInfo]:
    """The process's own zone, as if the server stood there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield ZoneInfo(request.param)
    time.tzset()


FIRST = datetime(1990, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=17_000)).map(lambda passed: FIRST + passed)


@given(moment=MOMENTS)
def test_it_agrees_with_the_zone_at_every_moment(zone: ZoneInfo, moment: datetime) -> None:
    ours, theirs = moment.astimezone(SERVER_ZONE), moment.astimezone(zone)
    assert ours.replace(tzinfo=None) == theirs.replace(tzinfo=None)
    assert ours.utcoffset() == theirs.utcoffset()
    assert ours.fold == theirs.fold
    assert ours.astimezone(UTC) == moment


@given(moment=MOMENTS)
def test_what_a_terminal_was_told_comes_back_as_the_same_moment(zone: ZoneInfo, moment: datetime) -> None:
    read = parse_device_time(cloud_time(moment, SERVER_ZONE), SERVER_ZONE)
    assert read is not None
    # Of an hour that comes twice the first is taken.
    assert moment.replace(microsecond=0) - read in (timedelta(0), timedelta(hours=1))
    assert read == parse_device_time(cloud_time(moment, zone), zone)


@pytest.mark.parametrize("text", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_the_ends_of_time_do_not_fail(zone: ZoneInfo, text: str) -> None:
    assert zone
    moment = parse_device_time(text, SERVER_ZONE)
    assert moment is None or moment.tzinfo is UTC
