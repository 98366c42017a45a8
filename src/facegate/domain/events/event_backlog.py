"""What waits for one listener who is slower than the events."""

from collections import deque
from dataclasses import dataclass

from facegate.domain.events.event import Event

MAX_WAITING_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Missed:
    """Stands in the place of events that found no room: they are in the store, to be asked for."""

    count: int


class EventBacklog:
    """Events in order, at most so many, and one `Missed` where some found no room.

    The oldest are kept and the newest dropped, so that a listener knows up to where it has seen everything.
    """

    def __init__(self, max_events: int = MAX_WAITING_EVENTS) -> None:
        self._max_events = max(1, max_events)
        self._waiting: deque[Event | Missed] = deque()
        self._missed_count = 0

    def __len__(self) -> int:
        return len(self._waiting) + (self._missed_count > 0)

    def add(self, event: Event) -> None:
        """Room is made by `take`; without room the event counts as missed."""
        if len(self._waiting) >= self._max_events:
            self._missed_count += 1
            return
        self._close_gap()
        self._waiting.append(event)

    def take(self) -> Event | Missed | None:
        """What comes next; None when nothing waits."""
        if not self._waiting:
            self._close_gap()
        return self._waiting.popleft() if self._waiting else None

    def _close_gap(self) -> None:
        if self._missed_count:
            self._waiting.append(Missed(self._missed_count))
            self._missed_count = 0
