"""When the nightly work is due, also on the two odd days of the year, and that the loop survives."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.fakes.gallery import FakeClock

from facegate.composition.nightly import next_run, run_every_night
from facegate.domain.errors import StoreFailed

BERLIN = ZoneInfo("Europe/Berlin")
ONE = time(1, 0)


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(2026, 6, 1, 0, 59), at(2026, 6, 1, 1)),
        (at(2026, 6, 1, 1), at(2026, 6, 2, 1)),
        (at(2026, 6, 1, 23), at(2026, 6, 2, 1)),
        (at(2026, 12, 31, 12), at(2027, 1, 1, 1)),
    ],
)
def test_the_next_run_is_the_next_time_the_clock_shows_it(now: datetime, expected: datetime) -> None:
    assert next_run(now, ONE, BERLIN) == expected


@pytest.mark.parametrize(
    ("day", "hours"),
    [((2026, 3, 28), 24), ((2026, 3, 29), 23), ((2026, 10, 24), 24), ((2026, 10, 25), 25)],
)
def test_days_of_23_and_25_hours_do_not_shift_it(day: tuple[int, int, int], hours: int) -> None:
    first = at(*day, 1)
    following = next_run(first, ONE, BERLIN)
    assert (following.hour, following.minute) == (1, 0)
    assert following.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=hours)


def test_a_time_that_is_skipped_or_comes_twice_happens_once_that_day() -> None:
    half_past_two = time(2, 30)
    for now in (at(2026, 3, 28, 12), at(2026, 10, 24, 12)):
        first = next_run(now, half_past_two, BERLIN)
        second = next_run(first, half_past_two, BERLIN)
        assert first.date() == now.date() + timedelta(days=1)
        assert second.date() == now.date() + timedelta(days=2)


def test_without_a_zone_the_systems_is_meant() -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC).astimezone()
    due = next_run(now, ONE)
    assert (due.astimezone().hour, due.astimezone().minute) == (1, 0)
    assert timedelta(0) < due - now <= timedelta(hours=25)


class _Nights:
    """Lets the fake clock run while the loop sleeps, and ends the test after so many runs."""

    def __init__(self, clock: FakeClock, errors: list[Exception | None]) -> None:
        self.clock = clock
        self.errors = errors
        self.ran_at: list[datetime] = []

    async def work(self) -> None:
        self.ran_at.append(self.clock.now_local())
        error = self.errors.pop(0)
        if error is not None:
            raise error
        if not self.errors:
            raise asyncio.CancelledError

    async def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 300
        self.clock.advance(seconds)


def test_it_runs_once_each_night_and_goes_on_after_failures(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock(datetime(2026, 6, 1, 12, tzinfo=UTC))
    nights = _Nights(clock, [StoreFailed("the disk is full"), ZeroDivisionError(), None])

    async def run() -> None:
        await run_every_night(ONE, clock, nights.work, nights.sleep)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert [moment.hour for moment in nights.ran_at] == [1, 1, 1]
    assert len({moment.date() for moment in nights.ran_at}) == 3
    assert "the disk is full" in caplog.text
    assert "ZeroDivisionError" in caplog.text
