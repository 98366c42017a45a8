"""Terminals in memory, with what of them is not written yet."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from facegate.domain.terminals.devices import Terminal, TerminalStatus

SEEN_WRITTEN_AFTER = timedelta(seconds=60)
"""After a crash `last_seen_at` may be so old; writing it with every message would write all day."""

MAX_WAITING = 2_000
"""Anybody who reaches the port can make up serial numbers, and these are in memory alone."""


class KnownTerminals:
    """The register's memory. Every method is short and does no I/O. Safe from several threads.

    Terminals that wait and were never stored are not to be written: they register again and again anyway.
    Of too many of them the one that has not registered for longest is forgotten.
    """

    def __init__(self) -> None:
        self._terminals: dict[str, Terminal] = {}
        self._unwritten: set[str] = set()
        self._waiting: dict[str, None] = {}  # never stored; the last one registered last
        self._seen_written_at: dict[str, datetime | None] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._terminals)

    @property
    def lasting_count(self) -> int:
        """How many there are without those that wait and were never stored."""
        return len(self._terminals) - len(self._waiting)

    def find(self, serial_number: str) -> Terminal | None:
        """The terminal, or None."""
        return self._terminals.get(serial_number)

    def in_order(self) -> list[Terminal]:
        """All of them, in order of serial number."""
        with self._lock:
            terminals = list(self._terminals.values())
        return sorted(terminals, key=lambda terminal: terminal.serial_number)

    def load(self, stored: Iterable[Terminal]) -> None:
        """Replaces everything but what is not written yet, and what is not to be written."""
        by_number = {terminal.serial_number: terminal for terminal in stored}
        with self._lock:
            self._seen_written_at = {number: one.last_seen_at for number, one in by_number.items()}
            self._waiting = {number: None for number in self._waiting if number not in by_number}
            kept = self._unwritten.union(self._waiting)
            self._terminals = by_number | {number: self._terminals[number] for number in kept}

    def change(
        self, first: Terminal, change: Callable[[Terminal], Terminal], *, is_written: bool = False
    ) -> Terminal:
        """The terminal with `first`'s serial number, changed; `first` itself where there is none.

        With `is_written` the changed `first` is in the store already.
        """
        number = first.serial_number
        with self._lock:
            known = self._terminals.get(number, first)
            changed = change(known)
            self._terminals[number] = changed
            self._waiting.pop(number, None)
            if is_written and known is first:
                return changed
            if changed.status is TerminalStatus.WAITING and number not in self._seen_written_at:
                self._waiting[number] = None
                self._forget_longest_silent()
            else:
                self._unwritten.add(number)
        return changed

    def _forget_longest_silent(self) -> None:
        while len(self._waiting) > MAX_WAITING:
            number = next(iter(self._waiting))
            del self._waiting[number], self._terminals[number]

    def saw(self, serial_number: str, now: datetime) -> None:
        """Notes that a known terminal is alive; to be written when the last time written is old."""
        with self._lock:
            terminal = self._terminals.get(serial_number)
            if terminal is None:
                return
            self._terminals[serial_number] = replace(terminal, last_seen_at=now)
            if serial_number in self._waiting:
                return
            written_at = self._seen_written_at.get(serial_number)
            if written_at is None or now - written_at >= SEEN_WRITTEN_AFTER:
                self._unwritten.add(serial_number)

    def remove(self, serial_number: str) -> bool:
        """False when there was none."""
        with self._lock:
            self._unwritten.discard(serial_number)
            self._waiting.pop(serial_number, None)
            self._seen_written_at.pop(serial_number, None)
            return self._terminals.pop(serial_number, None) is not None

    def take_unwritten(self, *, with_seen: bool = False) -> list[Terminal]:
        """What is to be written, which then counts as written; `with_seen` whatever was seen since, too."""
        with self._lock:
            numbers = set(self._unwritten)
            if with_seen:
                numbers.update(
                    number
                    for number, terminal in self._terminals.items()
                    if number not in self._waiting
                    and terminal.last_seen_at != self._seen_written_at.get(number)
                )
            self._unwritten.clear()
            return [self._terminals[number] for number in sorted(numbers)]

    def put_back(self, terminals: Iterable[Terminal]) -> None:
        """They could not be written after all."""
        with self._lock:
            self._unwritten.update(terminal.serial_number for terminal in terminals)

    def written(self, terminals: Iterable[Terminal]) -> None:
        """Notes which sight of each the store has now."""
        with self._lock:
            self._seen_written_at.update((one.serial_number, one.last_seen_at) for one in terminals)
