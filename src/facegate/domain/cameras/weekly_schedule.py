"""When something holds: hours of weekdays, in local time."""

from dataclasses import dataclass
from datetime import datetime, time

from facegate.domain.errors import InvalidInput

_DAYS = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class DailyHours:
    """From `begins` until `ends`, exclusive; over midnight where it ends before it begins.

    Monday is 0. Hours over midnight belong to the day on which they begin. Equal ends are the whole day.
    """

    begins: time
    ends: time
    days: frozenset[int] = _DAYS

    def __post_init__(self) -> None:
        if not self.days or not self.days <= _DAYS:
            raise InvalidInput("days are numbers from 0 (Monday) to 6 (Sunday)", field="days")
        if self.begins.tzinfo is not None or self.ends.tzinfo is not None:
            raise InvalidInput("hours are local times without a zone", field="hours")

    def holds(self, at_local: datetime) -> bool:
        """Whether this local time lies inside."""
        now, day = at_local.time(), at_local.weekday()
        if self.begins == self.ends:
            return day in self.days
        if self.begins < self.ends:
            return day in self.days and self.begins <= now < self.ends
        began_yesterday = now < self.ends and (day - 1) % 7 in self.days
        return began_yesterday or (day in self.days and now >= self.begins)


@dataclass(frozen=True, slots=True)
class WeeklySchedule:
    """Holds when any of its hours does."""

    hours: tuple[DailyHours, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.hours) <= 50:
            raise InvalidInput("a schedule has 1 to 50 entries", field="schedule")

    def holds(self, at_local: datetime) -> bool:
        """Whether this local time lies inside."""
        return any(hours.holds(at_local) for hours in self.hours)
