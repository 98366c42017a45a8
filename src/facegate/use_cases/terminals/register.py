"""The register of terminals: who may connect, and what is known of each. In memory over the store."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from facegate.domain.errors import InvalidInput, StoreFailed, TerminalNotFound
from facegate.domain.terminals.device_clock import clock_offset_s, parse_zone
from facegate.domain.terminals.devices import (
    AccessEncoding,
    DeviceInfo,
    Terminal,
    TerminalStatus,
    bounded,
    parse_serial_number,
)
from facegate.domain.terminals.terminal_changes import TerminalChange, changer
from facegate.ports.clock import Clock
from facegate.ports.terminal_store import TerminalStore
from facegate.use_cases.terminals.known_terminals import KnownTerminals
from facegate.use_cases.terminals.server_zone import SERVER_ZONE

__all__ = [
    "Admission",
    "ChangeListener",
    "RegisterOptions",
    "TerminalChange",
    "TerminalRegister",
]

logger = logging.getLogger(__name__)

MAX_TERMINALS = 50_000
"""Where unknown terminals are let in: beyond this only known ones are. How many may wait is in
`known_terminals.py`."""

ChangeListener = Callable[[Terminal | None, str], None]
"""Hears the changed terminal (None when it was removed) and its serial number, on any thread.

It may read the register, but not write to it.
"""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a terminal may go on; `reason` is for its screen when it may not."""

    terminal: Terminal
    is_allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RegisterOptions:
    """`default_zone` None is the server's own; `access_encoding` holds for terminals without their own."""

    accept_unknown: bool = True
    default_zone: ZoneInfo | None = None
    access_encoding: AccessEncoding = AccessEncoding.INTEGER


class TerminalRegister:
    """All terminals. Safe from several threads; one register writes to a store.

    What terminals say themselves is kept in memory and written by `flush`, that of unknown ones that are not
    let in stays in memory; what an administrator says is durable when the method returns, and listeners
    have heard it.
    """

    def __init__(self, store: TerminalStore, clock: Clock, options: RegisterOptions) -> None:
        self._store = store
        self._clock = clock
        self._options = options
        self._known = KnownTerminals()
        self._listeners: list[ChangeListener] = []
        # Around writes alone: nobody who registers on the event loop waits for the database.
        self._write_lock = threading.Lock()

    def load(self) -> int:
        """Reads the store, at start or again; the number of terminals. What waits to be written stays.

        Raises:
            StoreFailed: it could not be read.
        """
        with self._write_lock:
            stored = self._store.list_terminals()
            self._known.load(stored)
        for terminal in stored:
            if terminal.zone_name is not None and _zone_or_none(terminal.zone_name) is None:
                logger.warning(
                    "terminal %s: this system does not know its zone, so the default holds",
                    terminal.serial_number,
                )
        return len(self._known)

    def admit(self, serial_number: str, info: DeviceInfo) -> Admission:
        """The answer to a registration, which may come again at any time. No I/O.

        Raises:
            InvalidInput: the serial number is none.
        """
        known_number = parse_serial_number(serial_number)
        now = self._clock.now_utc()
        offset_s = clock_offset_s(info.time_text, self.zone_of(known_number), now)
        unlisted = self._unlisted(known_number, now)
        if self._is_full() and self._known.find(known_number) is None:
            return Admission(unlisted, is_allowed=False, reason="too many unknown devices")
        kept = bounded(info)

        def registered(terminal: Terminal) -> Terminal:
            # One that waited is let in as soon as unknown ones are.
            is_let_in = terminal.status is TerminalStatus.WAITING and self._options.accept_unknown
            return replace(
                terminal,
                status=TerminalStatus.ALLOWED if is_let_in else terminal.status,
                info=kept,
                registered_at=now,
                last_seen_at=now,
                clock_offset_s=offset_s,
            )

        terminal = self._known.change(unlisted, registered)
        return Admission(terminal, terminal.status is TerminalStatus.ALLOWED, _REASONS[terminal.status])

    def _is_full(self) -> bool:
        return self._options.accept_unknown and self._known.lasting_count >= MAX_TERMINALS

    def _unlisted(self, serial_number: str, now: datetime) -> Terminal:
        return Terminal(serial_number, TerminalStatus.WAITING, created_at=now)

    def saw(self, serial_number: str) -> None:
        """Notes that the terminal is alive; of one that is not known nothing. No I/O."""
        self._known.saw(serial_number, self._clock.now_utc())

    def flush(self, *, is_last: bool = False) -> int:
        """Writes what terminals said since the last time, in one transaction; the number of terminals.

        With `is_last` also when each was seen, to the second.

        Raises:
            StoreFailed: nothing was written; the next call tries again.
        """
        with self._write_lock:
            terminals = self._known.take_unwritten(with_seen=is_last)
            try:
                self._write(terminals)
            except StoreFailed:
                self._known.put_back(terminals)
                raise
        return len(terminals)

    def _write(self, terminals: Sequence[Terminal]) -> None:
        """Under the write lock."""
        if terminals:
            self._store.save_terminals(terminals)
            self._known.written(terminals)

    def zone_of(self, serial_number: str) -> tzinfo:
        """The zone of the terminal's clock: its own, else the default, else the server's."""
        terminal = self._known.find(serial_number)
        own = None if terminal is None or terminal.zone_name is None else _zone_or_none(terminal.zone_name)
        return own or self._options.default_zone or SERVER_ZONE

    def access_encoding_of(self, serial_number: str) -> AccessEncoding:
        """How the terminal takes `access`: its own way, else the default."""
        terminal = self._known.find(serial_number)
        own = None if terminal is None else terminal.access_encoding
        return own or self._options.access_encoding

    def find(self, serial_number: str) -> Terminal | None:
        """The terminal, or None."""
        return self._known.find(serial_number)

    def get(self, serial_number: str) -> Terminal:
        """The terminal.

        Raises:
            TerminalNotFound: there is none.
        """
        terminal = self._known.find(serial_number)
        if terminal is None:
            raise _not_found()
        return terminal

    def list_terminals(self) -> list[Terminal]:
        """All of them, in order of serial number."""
        return self._known.in_order()

    def add(self, serial_number: str, *, name: str = "", zone_name: str | None = None) -> Terminal:
        """Lists and allows a terminal; of one that is known only what is given changes.

        Raises:
            InvalidInput: a serial number, name or zone that is none.
            StoreFailed: nothing was changed.
        """
        known_number = parse_serial_number(serial_number)
        change = changer(TerminalChange(name=name or None, zone_name=zone_name))
        return self._change(
            known_number,
            lambda terminal: _allowed(change(terminal)),
            first=self._unlisted(known_number, self._clock.now_utc()),
        )

    def change(self, serial_number: str, change: TerminalChange) -> Terminal:
        """The changed terminal.

        Raises:
            TerminalNotFound: there is none.
            InvalidInput: a name, zone or label that is none.
            StoreFailed: nothing was changed.
        """
        return self._change(serial_number, changer(change))

    def allow(self, serial_number: str) -> Terminal:
        """Lets it in from now on; see `change` for what is raised."""
        return self._change(serial_number, _allowed)

    def block(self, serial_number: str) -> Terminal:
        """Turns it away, its open connection at once; see `change` for what is raised."""
        return self._change(serial_number, lambda one: replace(one, status=TerminalStatus.BLOCKED))

    def remove(self, serial_number: str) -> None:
        """Forgets the terminal; its activity stays. Where unknown ones are let in it may come again.

        Raises:
            TerminalNotFound: there is none.
            StoreFailed: it is still there.
        """
        with self._write_lock:
            was_stored = self._store.remove_terminal(serial_number)
            was_known = self._known.remove(serial_number)
            if not was_stored and not was_known:
                raise _not_found()
            self._tell(None, serial_number)

    def on_change(self, listener: ChangeListener) -> None:
        """Calls the listener after every change by an administrator, in the order of the changes."""
        self._listeners.append(listener)

    def _change(
        self, serial_number: str, change: Callable[[Terminal], Terminal], first: Terminal | None = None
    ) -> Terminal:
        """Durable first, told second. `first` is changed where no such terminal is known."""
        with self._write_lock:
            before = self._known.find(serial_number) or first
            if before is None:
                raise _not_found()
            self._write([change(before)])
            # It may have registered during the write: what it said then must not be lost.
            changed = self._known.change(before, change, is_written=True)
            self._tell(changed, serial_number)
        return changed

    def _tell(self, terminal: Terminal | None, serial_number: str) -> None:
        for listener in self._listeners:
            listener(terminal, serial_number)


_REASONS = {
    TerminalStatus.ALLOWED: "",
    TerminalStatus.WAITING: "unknown device",
    TerminalStatus.BLOCKED: "device is blocked",
}


def _allowed(terminal: Terminal) -> Terminal:
    return replace(terminal, status=TerminalStatus.ALLOWED, is_listed=True)


def _zone_or_none(name: str) -> ZoneInfo | None:
    try:
        return parse_zone(name)
    except InvalidInput:
        return None


def _not_found() -> TerminalNotFound:
    return TerminalNotFound("no terminal has this serial number")
