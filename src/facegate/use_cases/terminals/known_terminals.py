"""Terminals in memory, with what of them is not written yet."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from facegate.domain.terminals.devices import Terminal

SEEN_WRITTEN_AFTER = timedelta(seconds=60)
"""After a crash `last_seen_at` may be so old; writing it with every message would write all day."""


class KnownTerminals:
    """The register's memory. Every method is short and does no I/O. Safe from several threads."""

    def __init__(self) -> None:
        self._terminals: dict[str, Terminal] = {}
        self._unwritten: set[str] = set()
        self._seen_written_at: dict[str, datetime | None] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._terminals)

    def find(self, serial_number: str) -> Terminal | None:
        """The terminal, or None."""
        return self._terminals.get(serial_number)

    def in_order(self) -> list[Terminal]:
        """All of them, in order of serial number."""
        with self._lock:
            terminals = list(self._terminals.values())
        return sorted(terminals, key=lambda terminal: terminal.serial_number)

    def load(self, stored: Iterable[Terminal]) -> None:
        """Replaces everything but what is not written yet."""
        by_number = {terminal.serial_number: terminal for terminal in stored}
        with self._lock:
            self._seen_written_at = {number: one.last_seen_at for number, one in by_number.items()}
            self._terminals = by_number | {number: self._terminals[number] for number in self._unwritten}

    def change(
        self, first: Terminal, change: Callable[[Terminal], Terminal], *, is_written: bool = False
    ) -> Terminal:
        """The terminal with `first`'s serial number, changed; `first` itself where there is none."""
        number = first.serial_number
        with self._lock:
            changed = change(self._terminals.get(number, first))
            self._terminals[number] = changed
            if not is_written:
                self._unwritten.add(number)
        return changed

    def saw(self, serial_number: str, now: datetime) -> None:
        """Notes that a known terminal is alive; to be written when the last time written is old."""
        with self._lock:
            terminal = self._terminals.get(serial_number)
            if terminal is None:
                return
            self._terminals[serial_number] = replace(terminal, last_seen_at=now)
            written_at = self._seen_written_at.get(serial_number)
            if written_at is None or now - written_at >= SEEN_WRITTEN_AFTER:
                self._unwritten.add(serial_number)

    def remove(self, serial_number: str) -> bool:
        """False when there was none."""
        with self._lock:
            self._unwritten.discard(serial_number)
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
                    if terminal.last_seen_at != self._seen_written_at.get(number)
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
