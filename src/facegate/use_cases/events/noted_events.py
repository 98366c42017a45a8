"""Events of doors on their way to the store: nobody waits, and an outage loses only what finds no room."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from facegate.domain.errors import FacegateError, StoreFailed
from facegate.domain.events.event import Event
from facegate.ports.clock import Clock

logger = logging.getLogger(__name__)

MAX_EVENTS_PER_TRANSACTION = 500

_FAILURES_OF_AN_OUTAGE = 3
"""So many events failing one after the other are the store's fault, not theirs."""

_MAX_FAILURES_OF_ONE = 5
"""So often an event may fail while others are stored."""


@dataclass(frozen=True, slots=True)
class NotedOptions:
    """How much waits and how long.

    `linger_s` lets a burst gather: a busy door costs ten transactions a second and not one per face.
    `close_timeout_s` bounds how long the end waits for a store that does not answer.
    """

    max_waiting: int = 10_000
    linger_s: float = 0.1
    retry_min_s: float = 0.5
    retry_max_s: float = 30.0
    close_timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class NotedCounts:
    """Since the start: `dropped` found no room, `refused` the store cannot take."""

    waiting: int
    stored: int
    dropped: int
    refused: int


@dataclass(slots=True)
class _Noted:
    """An event that waits. `failure_count` counts failures while others were stored."""

    event: Event
    failure_count: int = 0


class NotedEvents:
    """A bounded queue and one thread that puts all that came meanwhile into one transaction."""

    def __init__(
        self, write: Callable[[Sequence[Event]], None], clock: Clock, options: NotedOptions | None = None
    ) -> None:
        """`write` is durable when it returns; what it raises has written nothing."""
        self._write = write
        self._clock = clock
        self._options = options or NotedOptions()
        self._changed = threading.Condition()
        self._waiting: deque[_Noted] = deque()
        self._in_work_count = 0
        self._stored_count = self._dropped_count = self._refused_count = 0
        self._dropped_before_outage = 0
        self._failing_since_s: float | None = None
        self._is_closed = self._is_dropping = False
        # A daemon, so that somebody who forgets to close it gets an end of the program and not a hang.
        self._thread = threading.Thread(target=self._run, name="event-writer", daemon=True)
        self._thread.start()

    def counts(self) -> NotedCounts:
        """What became of the events so far."""
        with self._changed:
            waiting = len(self._waiting) + self._in_work_count
            return NotedCounts(waiting, self._stored_count, self._dropped_count, self._refused_count)

    def add(self, event: Event) -> None:
        """Never waits and never fails: without room the event is dropped and counted."""
        with self._changed:
            if self._is_closed or len(self._waiting) + self._in_work_count >= self._options.max_waiting:
                self._drop()
                return
            self._waiting.append(_Noted(event))
            self._changed.notify()

    def close(self) -> None:
        """Writes what waits, unless the store is away: then it is lost, and said."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join(self._options.close_timeout_s)
        lost = self.counts().waiting
        if lost:
            logger.error("%d events were lost: the store could not be reached before the end", lost)

    def _drop(self) -> None:
        self._dropped_count += 1
        if not self._is_dropping:
            self._is_dropping = True
            self._dropped_before_outage = self._dropped_count - 1
            logger.error(
                "events are dropped: %d wait already for a store that is slow or away", len(self._waiting)
            )

    def _run(self) -> None:
        pause_s = 0.0
        while group := self._next_group(max(pause_s, self._options.linger_s)):
            left = self._store(group)
            with self._changed:
                self._in_work_count = 0
                self._waiting.extendleft(reversed(left))
                if left and self._is_closed:
                    return
            if left:
                pause_s = min(self._options.retry_max_s, max(self._options.retry_min_s, 2 * pause_s))
            else:
                pause_s = 0.0

    def _next_group(self, pause_s: float) -> list[_Noted]:
        """What has come, at least one event; empty at the end."""
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            self._changed.wait_for(lambda: self._is_closed, timeout=pause_s)
            size = min(len(self._waiting), MAX_EVENTS_PER_TRANSACTION)
            group = [self._waiting.popleft() for _ in range(size)]
            self._in_work_count = len(group)
        return group

    def _store(self, group: Sequence[_Noted]) -> list[_Noted]:
        """Those that have to be tried again."""
        error = self._attempt(group)
        if error is None:
            self._recovered()
            return []
        if len(group) > 1:
            return self._store_each(group)
        if isinstance(error, StoreFailed):
            self._failing(error)
            return list(group)
        self._refuse(error)
        return []

    def _store_each(self, group: Sequence[_Noted]) -> list[_Noted]:
        """One by one: an event that the store cannot take must not keep all others out for ever."""
        has_stored = False
        failed: list[_Noted] = []
        for position, noted in enumerate(group):
            error = self._attempt([noted])
            if error is None:
                has_stored = True
            elif not isinstance(error, StoreFailed):
                self._refuse(error)
            else:
                failed.append(noted)
                if len(failed) >= _FAILURES_OF_AN_OUTAGE and not has_stored:
                    self._failing(error)
                    return [*failed, *group[position + 1 :]]
        return self._tried_again(failed) if has_stored else failed

    def _tried_again(self, failed: Sequence[_Noted]) -> list[_Noted]:
        again = []
        for noted in failed:
            noted.failure_count += 1
            if noted.failure_count < _MAX_FAILURES_OF_ONE:
                again.append(noted)
            else:
                self._refuse(StoreFailed("it fails while others are stored"))
        return again

    def _attempt(self, group: Sequence[_Noted]) -> Exception | None:
        try:
            self._write([noted.event for noted in group])
        except Exception as error:  # noqa: BLE001 - a loop that must survive; what it was is logged below
            return error
        with self._changed:
            self._stored_count += len(group)
        return None

    def _refuse(self, error: Exception) -> None:
        with self._changed:
            self._refused_count += 1
        if isinstance(error, FacegateError):
            logger.error("an event was not stored: %s", error.message)
        else:
            logger.error("an event was not stored", exc_info=error)

    def _failing(self, error: StoreFailed) -> None:
        if self._failing_since_s is None:
            self._failing_since_s = self._clock.monotonic_s()
            logger.error("events of doors wait until they can be stored: %s", error.message)

    def _recovered(self) -> None:
        with self._changed:
            # Only once there is room again, or a store that is too slow would be told of at every event.
            if len(self._waiting) > self._options.max_waiting // 2:
                return
            dropped = self._dropped_count - self._dropped_before_outage if self._is_dropping else 0
            since_s, self._failing_since_s, self._is_dropping = self._failing_since_s, None, False
        if since_s is not None or dropped:
            lasted_s = 0.0 if since_s is None else self._clock.monotonic_s() - since_s
            logger.warning(
                "events of doors are stored again after %.0f s; %d were dropped", lasted_s, dropped
            )
