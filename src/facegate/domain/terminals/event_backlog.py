"""What waits for one listener who is slower than the events."""

from collections import deque

from facegate.domain.terminals.activity import TerminalEvent

MISSED_EVENT = "missed"

MAX_WAITING_EVENTS = 1000


class EventBacklog:
    """Events in order, at most so many; in the place of those that found no room stands one `missed`.

    The oldest are kept and the newest dropped, so that a listener knows up to where it has seen everything.
    """

    def __init__(self, max_events: int = MAX_WAITING_EVENTS) -> None:
        self._max_events = max(1, max_events)
        self._events: deque[TerminalEvent] = deque()
        self._missed_count = 0
        self._last_missed: TerminalEvent | None = None

    def __len__(self) -> int:
        return len(self._events) + (self._last_missed is not None)

    def add(self, event: TerminalEvent) -> None:
        """Room is made by `take`; without room the event counts as missed."""
        if len(self._events) >= self._max_events:
            self._missed_count += 1
            self._last_missed = event
            return
        self._close_gap()
        self._events.append(event)

    def take(self) -> TerminalEvent | None:
        """The next event; None when nothing waits."""
        if not self._events:
            self._close_gap()
        return self._events.popleft() if self._events else None

    def _close_gap(self) -> None:
        """What was missed is told in its place, dated by its last event."""
        if self._last_missed is not None:
            facts = {"count": self._missed_count}
            self._events.append(TerminalEvent(MISSED_EVENT, "", self._last_missed.at, facts))
            self._missed_count, self._last_missed = 0, None
