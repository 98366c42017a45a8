"""Hours of weekdays."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule
from facegate.domain.errors import InvalidInput

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A local time in the week of Monday, 5 January 2026."""
    return datetime(2026, 1, 5 + day, hour, minute)  # noqa: DTZ001 - local times have no zone here


def test_the_end_is_not_inside() -> None:
    hours = DailyHours(time(8), time(17))
    assert hours.holds(at(MONDAY, 8))
    assert hours.holds(at(MONDAY, 16, 59))
    assert not hours.holds(at(MONDAY, 17))
    assert not hours.holds(at(MONDAY, 7, 59))


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    night = DailyHours(time(22), time(6), frozenset({FRIDAY}))
    assert night.holds(at(FRIDAY, 23))
    assert night.holds(at(SATURDAY, 5, 59))
    assert not night.holds(at(SATURDAY, 6))
    assert not night.holds(at(SATURDAY, 23))
    assert not night.holds(at(FRIDAY, 5))


def test_a_night_that_begins_on_sunday_ends_on_monday() -> None:
    assert DailyHours(time(22), time(6), frozenset({SUNDAY})).holds(at(MONDAY, 1))


@given(st.integers(0, 6), st.times())
def test_equal_ends_are_the_whole_day(day: int, end: time) -> None:
    whole = DailyHours(end, end, frozenset({day}))
    assert whole.holds(at(day, 0))
    assert whole.holds(at(day, 23, 59))
    assert not whole.holds(at((day + 1) % 7, 12))


@given(st.times(), st.times(), st.times())
def test_a_time_lies_in_the_hours_or_in_the_rest_of_the_day(begins: time, ends: time, now: time) -> None:
    moment = datetime.combine(datetime(2026, 1, 7, tzinfo=UTC).date(), now)
    if begins != ends:
        assert DailyHours(begins, ends).holds(moment) != DailyHours(ends, begins).holds(moment)


def test_a_schedule_holds_when_any_of_its_hours_does() -> None:
    schedule = WeeklySchedule((DailyHours(time(8), time(9)), DailyHours(time(12), time(13))))
    assert schedule.holds(at(MONDAY, 12, 30))
    assert not schedule.holds(at(MONDAY, 10))


def test_days_that_do_not_exist_and_hours_with_a_zone_are_refused() -> None:
    for days in (frozenset({7}), frozenset[int]()):
        with pytest.raises(InvalidInput):
            DailyHours(time(8), time(9), days)
    with pytest.raises(InvalidInput):
        DailyHours(time(8, tzinfo=UTC), time(9))


@pytest.mark.parametrize("count", [0, 51])
def test_a_schedule_has_one_to_fifty_entries(count: int) -> None:
    with pytest.raises(InvalidInput):
        WeeklySchedule((DailyHours(time(8), time(9)),) * count)
