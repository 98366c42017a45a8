"""Letting go of events and their pictures: in time, by size, and what was left where something broke off."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from facegate.domain.events.event import Event, EventQuery
from facegate.ports.clock import Clock
from facegate.ports.events.event_store import EventStore
from facegate.ports.events.shot_store import ShotStore
from facegate.use_cases.events.event_log import EventLog

_DELETED_AT_ONCE = 1000

_DEEP_EVERY_S = 86_400.0
"""How often every picture is held against its event: that takes a query for each."""

_FIRST_DEEP_AFTER_S = 60.0
"""A server that starts has other things to do."""

_LOOKS_BACK = timedelta(days=7)
"""How far back events are held against the gallery. Older ones were when they were new."""

_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EventRetention:
    """How long events are kept and how many, how long their pictures, and how much of these."""

    days: float = 90.0
    shot_days: float = 14.0
    shot_max_bytes: int = 2 * 2**30
    max_events: int = 2_000_000

    def __post_init__(self) -> None:
        if not (self.days > 0 and self.shot_days > 0) or min(self.shot_max_bytes, self.max_events) < 0:
            raise ValueError("events and pictures are kept for more than 0 days, and sizes are not negative")


@dataclass(frozen=True, slots=True)
class EventSweep:
    """What went. `orphan_count` are pictures without an event that knows of them."""

    event_count: int
    shot_count: int
    orphan_count: int


class SweepEvents:
    """Run it every few minutes, one call at a time. Now and then it looks deeper on its own."""

    def __init__(
        self,
        store: EventStore,
        shots: ShotStore,
        log: EventLog,
        retention: EventRetention,
        clock: Clock,
        forget_gone: Callable[[Collection[str]], None] | None = None,
    ) -> None:
        """`forget_gone` takes out those of these persons who are no longer enrolled."""
        self._store = store
        self._shots = shots
        self._log = log
        self._retention = retention
        self._clock = clock
        self._forget_gone = forget_gone
        self._suspects: frozenset[str] = frozenset()
        self._deep_from_s = clock.monotonic_s() + _FIRST_DEEP_AFTER_S

    def __call__(self, should_stop: Callable[[], bool] = lambda: False) -> EventSweep:
        """Sweeps once; a little after `should_stop` says so it ends where it is.

        Raises:
            StoreFailed: something could not be read or deleted; the next call goes on.
        """
        oldest = self._clock.now_utc() - timedelta(days=self._retention.days)
        event_count, shot_count = self._delete_events(oldest, None, should_stop)
        excess = self._store.count_events(EventQuery()) - self._retention.max_events
        more_events, more_shots = self._delete_events(_END_OF_TIME, excess, should_stop)
        shot_count += more_shots + self._expire_shots()
        orphan_count = self._delete_orphans()
        now_s = self._clock.monotonic_s()
        if now_s >= self._deep_from_s and self._look_deeper(should_stop):
            self._deep_from_s = now_s + _DEEP_EVERY_S
        return EventSweep(event_count + more_events, shot_count, orphan_count)

    def _delete_events(
        self, before: datetime, count: int | None, should_stop: Callable[[], bool]
    ) -> tuple[int, int]:
        """The oldest, with their pictures, no more than `count`; how many of each."""
        event_count = shot_count = 0
        while not should_stop():
            left = _DELETED_AT_ONCE if count is None else min(_DELETED_AT_ONCE, count - event_count)
            gone = self._store.delete_before(before, limit=left) if left > 0 else []
            event_count += len(gone)
            shot_count += self._shots.delete(gone) if gone else 0
            if len(gone) < _DELETED_AT_ONCE:
                break
        return event_count, shot_count

    def _look_deeper(self, should_stop: Callable[[], bool]) -> bool:
        """Whether it came to the end."""
        suspects: set[str] = set()
        for event_id in self._shots.list_ids():
            if should_stop():
                return False
            if self._is_orphan(event_id):
                suspects.add(event_id)
        self._suspects = frozenset(suspects)
        return self._forget_those_who_are_gone(should_stop)

    def _expire_shots(self) -> int:
        gone = self._shots.sweep(
            older_than_s=self._retention.shot_days * 86_400.0, max_bytes=self._retention.shot_max_bytes
        )
        for event_id in gone:
            self._log.change(event_id, _without_shot, is_told=False)
        return len(gone)

    def _delete_orphans(self) -> int:
        """Those that were orphans at the last look and still are: then, a picture may have been just kept."""
        orphans = [event_id for event_id in self._suspects if self._is_orphan(event_id)]
        self._suspects = frozenset()
        return self._shots.delete(orphans) if orphans else 0

    def _is_orphan(self, event_id: str) -> bool:
        event = self._store.find_event(event_id)
        return event is None or not event.has_shot

    def _forget_those_who_are_gone(self, should_stop: Callable[[], bool]) -> bool:
        if self._forget_gone is None:
            return True
        named: set[str] = set()
        for people in self._store.people_since(self._clock.now_utc() - _LOOKS_BACK):
            if should_stop():
                return False
            named |= people
        if named:
            self._forget_gone(named)
        return True


def _without_shot(event: Event) -> Event:
    return replace(event, has_shot=False)
