"""What a terminal is going to do, by time: frames to send, links to break, reminders to itself."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Send:
    """A frame for the server; text, or bytes for a binary one."""

    content: str | bytes


@dataclass(frozen=True, slots=True)
class HangUp:
    """The connection breaks without a goodbye. A lingering one stays open and mute."""

    reason: str
    lingers: bool = False


Effect = Send | HangUp
Reminder = Callable[[float], None]
"""Is called with the time when it is due."""


class Outbox:
    """Effects of the same time leave in the order in which they were put in."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Effect]] = []
        self._order = itertools.count()
        self._reminders: dict[str, tuple[float, Reminder]] = {}

    def put(self, effect: Effect, due_s: float) -> None:
        """Plans it."""
        heapq.heappush(self._waiting, (due_s, next(self._order), effect))

    def remind(self, name: str, due_s: float, reminder: Reminder) -> None:
        """Plans a call; a name has one at most."""
        self._reminders[name] = (due_s, reminder)

    def forget(self, name: str) -> None:
        """Drops the reminder of this name."""
        self._reminders.pop(name, None)

    def clear(self) -> None:
        """Drops everything."""
        self._waiting.clear()
        self._reminders.clear()

    @property
    def next_due_s(self) -> float | None:
        """The earliest time for which something is planned."""
        due = [due_s for due_s, _ in self._reminders.values()]
        if self._waiting:
            due.append(self._waiting[0][0])
        return min(due, default=None)

    def take(self, now_s: float) -> list[Effect]:
        """Everything that is due, up to and with the first HangUp; reminders are called first."""
        for name, (due_s, reminder) in list(self._reminders.items()):
            if due_s <= now_s and self._reminders.get(name) == (due_s, reminder):
                del self._reminders[name]
                reminder(now_s)
        effects: list[Effect] = []
        while self._waiting and self._waiting[0][0] <= now_s:
            effects.append(heapq.heappop(self._waiting)[2])
            if isinstance(effects[-1], HangUp):
                break
        return effects
