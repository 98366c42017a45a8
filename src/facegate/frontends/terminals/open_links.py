"""All sockets of this door, and which of them is each terminal's own. On the event loop."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol
from weakref import WeakValueDictionary

from facegate.domain.terminals.devices import Terminal, TerminalStatus
from facegate.frontends.terminals.messages import CloseCode
from facegate.frontends.wire.open_sockets import OpenSockets
from facegate.use_cases.terminals.register import TerminalRegister

_LOGGER = logging.getLogger("facegate.terminals")

_MAX_LEAVING = 100
"""Sockets that were told to give way and are not gone yet; beyond that nobody else comes in."""

_LOGGED_AT_FIRST_AND_EVERY = 100


class OpenLink(Protocol):
    """An open socket, registered or not."""

    @property
    def address(self) -> str:
        """From where it came, for the log."""
        ...

    def close(self, code: CloseCode, reason: str) -> None:
        """Closes it, soon."""
        ...

    def terminal_changed(self) -> None:
        """An administrator changed what is known of its terminal."""
        ...


class OpenLinks:
    """One link per serial number; a newer one takes the place of an older one."""

    def __init__(self) -> None:
        self._sockets = OpenSockets()
        # A dict for its order: whoever has waited longest comes first.
        self._unregistered: dict[OpenLink, None] = {}
        self._gave_way_count = 0
        self._register: TerminalRegister | None = None
        self._of_terminal: dict[str, OpenLink] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def farewell(self) -> str | None:
        """What sockets that still come are told; None as long as they are served."""
        return self._sockets.farewell

    @property
    def count(self) -> int:
        """Open sockets, registered or not."""
        return self._sockets.count

    @property
    def registered_count(self) -> int:
        """Terminals that are connected to this process."""
        return len(self._of_terminal)

    def follow(self, register: TerminalRegister) -> None:
        """From now on what an administrator changes is heard here; more than once does no harm."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._register = register
            register.on_change(self._changed_on_any_thread)

    @contextmanager
    def listed(self, link: OpenLink) -> Iterator[None]:
        """Counted, and told when the server stops."""
        self._unregistered[link] = None
        try:
            with self._sockets.listed(lambda farewell: link.close(CloseCode.GOING_AWAY, farewell)):
                yield
        finally:
            self._unregistered.pop(link, None)

    def make_room(self, max_sockets: int) -> bool:
        """Whether one more socket may come.

        Where all places are taken, the one that has waited longest for a registration gives way: a flood of
        sockets that never register must not keep terminals out.
        """
        if self.count < max_sockets:
            return True
        oldest = next(iter(self._unregistered), None)
        if oldest is None or self.count >= max_sockets + _MAX_LEAVING:
            return False
        del self._unregistered[oldest]
        self._give_way(oldest, "it was not registered, and others wait to come in")
        return True

    def make_place(self, terminal: Terminal, max_terminals: int) -> bool:
        """Whether this terminal may be served: in its own place or in a free one.

        One that an administrator listed may have the place of one that nobody listed, which gives way.
        """
        if terminal.serial_number in self._of_terminal or len(self._of_terminal) < max_terminals:
            return True
        unlisted = next(filter(self._is_unlisted, self._of_terminal), None) if terminal.is_listed else None
        if unlisted is None:
            return False
        self._give_way(self._of_terminal.pop(unlisted), "nobody listed it, and a listed one needs its place")
        return True

    def turn(self, serial_number: str) -> asyncio.Lock:
        """Links of one terminal are attached and detached one after the other."""
        return self._turns.setdefault(serial_number, asyncio.Lock())

    def take_place(self, serial_number: str, link: OpenLink) -> OpenLink | None:
        """`link` is the terminal's now; the one whose place it took, which is to be ended."""
        older = self._of_terminal.get(serial_number)
        self._of_terminal[serial_number] = link
        self._unregistered.pop(link, None)
        return older if older is not link else None

    def leave_place(self, serial_number: str, link: OpenLink) -> None:
        """Unless another one has taken it."""
        if self._of_terminal.get(serial_number) is link:
            del self._of_terminal[serial_number]
            self._unregistered[link] = None

    async def end_all(self, farewell: str, timeout_s: float) -> None:
        """Ends all, and returns when they are closed or after `timeout_s`; new ones are turned away."""
        await self._sockets.end_all(farewell, timeout_s)

    def _is_unlisted(self, serial_number: str) -> bool:
        terminal = None if self._register is None else self._register.find(serial_number)
        return terminal is None or not terminal.is_listed

    def _give_way(self, link: OpenLink, why: str) -> None:
        self._gave_way_count += 1
        if self._gave_way_count % _LOGGED_AT_FIRST_AND_EVERY == 1:
            _LOGGER.warning(
                "all places of FACEGATE_TERMINALS__MAX_CONNECTIONS are taken: the connection from %s is "
                "closed, %s (number %d)",
                link.address,
                why,
                self._gave_way_count,
            )
        link.close(CloseCode.TRY_AGAIN_LATER, "this server is full")

    def _changed_on_any_thread(self, terminal: Terminal | None, serial_number: str) -> None:
        # A loop that is closed has no connections left to tell.
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._changed, terminal, serial_number)

    def _changed(self, terminal: Terminal | None, serial_number: str) -> None:
        link = self._of_terminal.get(serial_number)
        if link is None:
            return
        if terminal is None:
            link.close(CloseCode.POLICY, "the terminal was removed")
        elif terminal.status is not TerminalStatus.ALLOWED:
            link.close(CloseCode.POLICY, "the terminal was blocked")
        else:
            link.terminal_changed()
