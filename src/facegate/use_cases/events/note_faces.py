"""What doors recognise, for the history: whoever stays before a lens is not an event per frame."""

import threading
from collections.abc import Hashable, Sequence

from facegate.domain.events.event import Event
from facegate.ports.clock import Clock
from facegate.use_cases.events.door_events import sameness
from facegate.use_cases.events.event_log import EventLog

REPEAT_AFTER_S = 30.0

_MAX_REMEMBERED = 10_000


class NoteFaces:
    """Notes the first of events that say the same of the same door, and the next one after `repeat_after_s`.

    Neither waits nor fails. Safe from several threads.
    """

    def __init__(
        self,
        log: EventLog,
        clock: Clock,
        repeat_after_s: float = REPEAT_AFTER_S,
        max_remembered: int = _MAX_REMEMBERED,
    ) -> None:
        """With `repeat_after_s` 0 every event is noted."""
        self._log = log
        self._clock = clock
        self._repeat_after_s = repeat_after_s
        self._max_remembered = max_remembered
        self._lock = threading.Lock()
        # Oldest first: what is over leaves at the front.
        self._noted_s: dict[Hashable, float] = {}

    def __call__(self, events: Sequence[Event]) -> None:
        """Notes those that are new."""
        for event in events:
            if self._is_new(sameness(event)):
                self._log.note(event)

    def _is_new(self, key: Hashable) -> bool:
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._leave_behind(now_s)
            if key in self._noted_s:
                return False
            if self._repeat_after_s > 0:
                self._noted_s[key] = now_s
            return True

    def _leave_behind(self, now_s: float) -> None:
        while self._noted_s:
            oldest = next(iter(self._noted_s))
            is_over = now_s - self._noted_s[oldest] >= self._repeat_after_s
            if not is_over and len(self._noted_s) < self._max_remembered:
                return
            del self._noted_s[oldest]
