"""Holds one simulated terminal's connection: opens it, loses it, opens it again, as a device does."""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.uri import parse_uri

from facegate.commands.simulated_terminals.device.outbox import HangUp
from facegate.commands.simulated_terminals.device.terminal import SimulatedTerminal

MAX_MESSAGE_BYTES = 16 * 2**20


class Observer(Protocol):
    """Looks on; `content` holds secrets and photos."""

    def sent(self, serial_number: str, content: str | bytes) -> None:
        """The terminal sent this."""
        ...

    def heard(self, serial_number: str, content: str | bytes) -> None:
        """The server sent this."""
        ...

    def noted(self, serial_number: str, sentence: str) -> None:
        """Something happened to the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """Where the server is, and how patient a terminal is. Seconds.

    A lost connection is opened again after a time between `back_after_s` and twice that.

    Raises:
        InvalidURI: `url` is no address of a WebSocket.
    """

    url: str
    back_after_s: float = 3.0
    open_timeout_s: float = 20.0
    linger_s: float = 30.0

    def __post_init__(self) -> None:
        """Says it now rather than trying for ever."""
        parse_uri(self.url)


class TerminalLink:
    """One terminal on one route. On the event loop only."""

    def __init__(
        self,
        terminal: SimulatedTerminal,
        route: Route,
        *,
        observer: Observer | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.terminal = terminal
        self._route = route
        self._observer = observer
        self._chance = chance or random.Random(terminal.serial_number)  # noqa: S311 - no secret
        self._wake = asyncio.Event()
        self._lingering: set[asyncio.Task[None]] = set()

    def nudge(self) -> None:
        """The terminal has something to do that did not come over the connection, such as a scan."""
        self._wake.set()

    async def run(self) -> None:
        """Stays connected until it is cancelled; then the connection is cut."""
        try:
            while True:
                await self._connect_once()
                await asyncio.sleep(self._route.back_after_s * (1 + self._chance.random()))
        finally:
            for task in self._lingering:
                task.cancel()
            await asyncio.gather(*self._lingering, return_exceptions=True)

    async def _connect_once(self) -> None:
        try:
            socket = await connect(
                self._route.url,
                compression=None,
                ping_interval=None,
                max_size=MAX_MESSAGE_BYTES,
                open_timeout=self._route.open_timeout_s,
            )
        except (OSError, TimeoutError, EOFError, WebSocketException) as error:
            self._note(f"cannot connect: {str(error) or type(error).__name__}")
            return
        lingers = False
        try:
            lingers = await self._converse(socket)
        finally:
            self.terminal.closed()
            if lingers:
                self._let_linger(socket)
            else:
                await _cut(socket)

    async def _converse(self, socket: ClientConnection) -> bool:
        """Until the connection ends; True when the terminal has left it without closing it."""
        loop = asyncio.get_running_loop()
        self._note("connected")
        self.terminal.opened(loop.time())
        listening = asyncio.create_task(self._listen(socket))
        listening.add_done_callback(lambda _: self._wake.set())
        try:
            while not listening.done():
                # Before what is due is looked up: a nudge in between must not be lost.
                self._wake.clear()
                for effect in self.terminal.poll(loop.time()):
                    if isinstance(effect, HangUp):
                        self._note(f"hangs up: {effect.reason}")
                        return effect.lingers
                    await socket.send(effect.content)
                    if self._observer is not None:
                        self._observer.sent(self.terminal.serial_number, effect.content)
                await self._sleep_until_due(loop)
        except ConnectionClosed:
            pass
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        self._note(f"the server closed the connection ({_close_reason(socket)})")
        return False

    async def _sleep_until_due(self, loop: asyncio.AbstractEventLoop) -> None:
        due_s = self.terminal.next_due_s
        alarm = None if due_s is None else loop.call_at(due_s, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            if alarm is not None:
                alarm.cancel()

    async def _listen(self, socket: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        async for content in socket:
            if self._observer is not None:
                self._observer.heard(self.terminal.serial_number, content)
            self.terminal.received(content, loop.time())
            self._wake.set()

    def _let_linger(self, socket: ClientConnection) -> None:
        """As after a power cut: the server is told nothing and hears nothing, not even pongs."""
        socket.transport.pause_reading()

        async def linger() -> None:
            try:
                await asyncio.sleep(self._route.linger_s)
            finally:
                await _cut(socket)

        task = asyncio.create_task(linger())
        self._lingering.add(task)
        task.add_done_callback(self._lingering.discard)

    def _note(self, sentence: str) -> None:
        if self._observer is not None:
            self._observer.noted(self.terminal.serial_number, sentence)


async def _cut(socket: ClientConnection) -> None:
    """Without a goodbye; the other side sees 1006."""
    socket.transport.abort()
    with contextlib.suppress(ConnectionClosed):
        await socket.wait_closed()


def _close_reason(socket: ClientConnection) -> str:
    code, reason = socket.close_code, socket.close_reason
    return f"{code} {reason}" if reason else str(code)
