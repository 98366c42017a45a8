"""One open socket of a terminal: what the protocol wants is done here, on the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import assert_never

from starlette.websockets import WebSocket, WebSocketDisconnect

from facegate.domain.errors import FacegateError
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.frontends.terminals.deeds import Deeds
from facegate.frontends.terminals.effects import (
    Admit,
    Attach,
    Close,
    Detach,
    Effect,
    Enrol,
    Finish,
    Judge,
    Note,
    Send,
    Store,
)
from facegate.frontends.terminals.incoming import MAX_UNREGISTERED_BYTES, ReadingPace, understood
from facegate.frontends.terminals.messages import CloseCode
from facegate.frontends.terminals.origins import Origin
from facegate.frontends.terminals.parts import TerminalParts, moment_of
from facegate.frontends.terminals.protocol import TerminalProtocol
from facegate.frontends.terminals.states import ConnectionState, Moment
from facegate.frontends.terminals.translate import wire_text
from facegate.frontends.wire.answering_route import known_error, log_fault

SEND_TIMEOUT_S = 30.0
"""A terminal that takes nothing for so long is gone."""

_MAX_OUTGOING = 100
"""Answers that wait for a terminal which does not take them; beyond that nothing more is read from it."""

GONE = (WebSocketDisconnect, OSError, RuntimeError, TimeoutError)
"""How servers say that a socket can be sent nothing more; uvicorn says RuntimeError where it has closed the
socket itself and the application has not heard of it yet."""


class Session:
    """A reader, a writer and a clock, so that none waits for another. A link as the bus wants it."""

    def __init__(self, socket: WebSocket, parts: TerminalParts, origin: Origin) -> None:
        """`origin` is for the log."""
        self._socket = socket
        self._parts = parts
        options = parts.options
        self._limits = options.limits
        self._protocol = TerminalProtocol(options.limits, self._now(), ask_for_users=options.ask_for_users)
        self._origin = origin
        self._pace = ReadingPace()
        self._deeds = Deeds(parts, self._protocol, self._feed, self._after_answers, origin)
        self._serial_number = ""
        self._effects: deque[Effect] = deque()
        self._is_doing = False
        self._outgoing: deque[Send | Close] = deque()
        self._afterwards: deque[Callable[[], None]] = deque()
        self._news_for_writer = asyncio.Event()
        self._news_for_clock = asyncio.Event()
        self._has_room = asyncio.Event()
        self._is_gone = False
        self._is_over = False
        self._calls: dict[int, asyncio.Future[CommandReply]] = {}
        self._call_count = 0

    @property
    def serial_number(self) -> str:
        """Whose link this is; empty before the registration."""
        return self._serial_number

    @property
    def address(self) -> str:
        """From where it came, for the log."""
        return self._origin.address

    @property
    def pending_count(self) -> int:
        """Commands that wait or are being answered."""
        return self._protocol.pending_count

    async def call(self, command: DeviceCommand) -> CommandReply:
        """Queues the command, sends it when its turn comes and waits for its own answer.

        Raises:
            TerminalOffline: the connection ended before the answer.
            CommandTimedOut: no answer in time; a late one is dropped.
            EngineOverloaded: too many commands wait for this terminal already.
        """
        self._call_count += 1
        call_id = self._call_count
        future: asyncio.Future[CommandReply] = asyncio.get_running_loop().create_future()
        self._calls[call_id] = future
        try:
            self._feed(self._protocol.call(call_id, command, self._now()))
            return await future
        finally:
            if self._calls.pop(call_id, None) is not None:
                self._protocol.withdraw(call_id)

    async def run(self) -> None:
        """Serves the socket, which was accepted, to its end; closes it where the protocol says so."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._keep_time())]
        try:
            await self._write()
        finally:
            self._feed(self._protocol.departed())
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception):
                    log_fault(outcome, known_error(outcome))
            self._is_over = True
            while self._afterwards:
                self._afterwards.popleft()()
            await self._deeds.finish(self)

    def close(self, code: CloseCode, reason: str) -> None:
        """Closes the socket, soon; whoever waits for an answer hears of it at once."""
        self._feed(self._protocol.ended_by_server(code, reason))

    def end(self, reason: str) -> None:
        """Closes it with 1000: the terminal is another connection's now, perhaps in another process."""
        self.close(CloseCode.NORMAL, reason)

    def terminal_changed(self) -> None:
        """An administrator changed the terminal's zone or its encoding."""
        self._deeds.terminal_changed()

    async def _read(self) -> None:
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                text = message.get("text")
                content = (message.get("bytes") or b"") if text is None else text
                pause_s = self._pace.pause_s(
                    len(content), self._now().at_s, is_registered=self._protocol.facts is not None
                )
                await self._hear(content)
                await self._wait_for_room()
                await asyncio.sleep(pause_s)
        finally:
            self._is_gone = True
            self._news_for_writer.set()

    async def _hear(self, content: str | bytes) -> None:
        max_bytes = self._limits.max_message_bytes
        if self._protocol.facts is None:
            max_bytes = min(max_bytes, MAX_UNREGISTERED_BYTES)
        if len(content) > max_bytes:
            self._feed(self._protocol.too_large())
            return
        incoming = await understood(content, self._parts)
        if self._serial_number:
            self._parts.register.saw(self._serial_number)
        self._feed(self._protocol.received(incoming, self._now()))

    async def _wait_for_room(self) -> None:
        while self._protocol.is_full or len(self._outgoing) > _MAX_OUTGOING:
            self._has_room.clear()
            await self._has_room.wait()

    async def _write(self) -> None:
        while not self._is_gone:
            while self._outgoing and not self._is_gone:
                effect = self._outgoing.popleft()
                if isinstance(effect, Close):
                    await self._close(effect)
                    return
                await self._send(effect)
                self._has_room.set()
            while self._afterwards:
                self._afterwards.popleft()()
            if not self._outgoing and not self._is_gone:
                self._news_for_writer.clear()
                await self._news_for_writer.wait()

    async def _keep_time(self) -> None:
        while self._protocol.state is not ConnectionState.ENDED:
            self._news_for_clock.clear()
            deadline_s = self._protocol.next_deadline_s
            delay_s = None if deadline_s is None else max(0.0, deadline_s - self._parts.clock.monotonic_s())
            with suppress(TimeoutError):
                async with asyncio.timeout(delay_s):
                    await self._news_for_clock.wait()
            self._feed(self._protocol.tick(self._now()))

    def _feed(self, effects: list[Effect]) -> None:
        """Does what can be done at once and hands the rest to whom it concerns."""
        self._effects.extend(effects)
        self._news_for_clock.set()
        self._has_room.set()
        if self._is_doing:
            return
        self._is_doing = True
        try:
            while self._effects:
                self._do(self._effects.popleft())
        finally:
            self._is_doing = False

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send() | Close():
                self._outgoing.append(effect)
                self._news_for_writer.set()
            case Finish():
                self._resolve(effect)
            case Attach():
                self._serial_number = effect.serial_number
                self._deeds.attach(self)
            case Detach():
                self._deeds.detach(self)
            case Admit() | Store() | Enrol() | Judge() | Note():
                self._deeds.do(effect)
            case _:
                assert_never(effect)

    def _resolve(self, effect: Finish) -> None:
        future = self._calls.pop(effect.call_id, None)
        if future is None or future.done():
            return
        if isinstance(effect.outcome, FacegateError):
            future.set_exception(effect.outcome)
        else:
            future.set_result(effect.outcome)

    def _after_answers(self, work: Callable[[], None]) -> None:
        """Does it once everything that waits to be sent is sent."""
        if self._is_over:
            work()
            return
        self._afterwards.append(work)
        self._news_for_writer.set()

    async def _send(self, effect: Send) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.send_text(wire_text(effect.message))
        except GONE:
            self._is_gone = True
            return
        if effect.call_id is not None:
            self._feed(self._protocol.written(effect.call_id, self._now()))

    async def _close(self, effect: Close) -> None:
        with suppress(*GONE):
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.close(effect.code, effect.reason)

    def _now(self) -> Moment:
        return moment_of(self._parts.clock)
