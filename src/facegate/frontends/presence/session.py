"""One open socket: what the protocol wants is done here, on the event loop and on worker threads."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import assert_never

from starlette.websockets import WebSocket, WebSocketDisconnect

from facegate.domain.errors import FacegateError
from facegate.domain.presence.clients import PresenceClient
from facegate.frontends.presence.after_answers import AfterAnswers
from facegate.frontends.presence.effects import (
    Answered,
    BadFrame,
    Close,
    Effect,
    Inspect,
    Judge,
    LogIn,
    Parse,
    Send,
    Superseded,
)
from facegate.frontends.presence.frame_work import FrameWork
from facegate.frontends.presence.messages import OutgoingMessage
from facegate.frontends.presence.parts import PresenceParts, moment_of
from facegate.frontends.presence.protocol import PresenceProtocol
from facegate.frontends.presence.session_slot import LoopHandle, SessionSlot
from facegate.frontends.presence.states import ConnectionState
from facegate.frontends.presence.translate import FrameRequest, Moment, frame_request
from facegate.frontends.wire.answering_route import known_error, log_fault
from facegate.use_cases.presence.judge_frame import JudgedFrame
from facegate.use_cases.presence.log_in import LogInRefusal

SMALL_MESSAGE_CHARS = 256 * 1024
"""Parsed at once: 0.07 ms, or 0.7 ms where all of it is escapes, and so no dearer than the way to a thread.

Larger ones are parsed on a worker.
"""

SEND_TIMEOUT_S = 30.0
"""A client that does not read its answers for so long is gone."""

MAX_MESSAGES_PER_S = 200
"""Read from one socket; what comes faster waits in the network and does not fill the event loop."""

GONE = (WebSocketDisconnect, OSError, RuntimeError, TimeoutError)
"""How servers say that a socket can be sent nothing more; uvicorn says RuntimeError where it has closed the
socket itself, after a message that was too large, and the application has not heard of it yet."""

_ENDED = "an administrator has ended this connection"


class Session:
    """A reader that never waits for the work, and one driver that does what the protocol says, in order."""

    def __init__(self, socket: WebSocket, parts: PresenceParts, token: str | None, address: str) -> None:
        self._socket = socket
        self._clock = parts.clock
        self._protocol = PresenceProtocol(parts.options.limits, self._now())
        self._slot = SessionSlot(parts.sessions)
        self._work = FrameWork(parts, self._slot, token, address)
        self._after_answers = AfterAnswers(parts, self._slot)
        self._handle: LoopHandle | None = None
        self._effects: deque[Effect] = deque()
        self._news = asyncio.Event()
        self._jobs: set[asyncio.Task[None]] = set()
        self._judged: dict[int, tuple[str, JudgedFrame]] = {}

    async def run(self) -> None:
        """Serves the socket, which was accepted, to its end; closes it where the protocol says so."""
        reader = asyncio.create_task(self._read())
        try:
            await self._drive()
        finally:
            self._protocol.departed()
            self._slot.end()
            for task in (reader, *self._jobs):
                task.cancel()
            await asyncio.gather(reader, *self._jobs, return_exceptions=True)
            await self._after_answers.finish()

    def end(self, message: str) -> None:
        """Says NETWORK_ERROR and closes with 4000, soon."""
        self._feed(self._protocol.ended_by_server(message))

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                until_s = loop.time() + 1.0
                for _ in range(MAX_MESSAGES_PER_S):
                    message = await self._socket.receive()
                    if message["type"] == "websocket.disconnect":
                        return
                    text = message.get("text")
                    content = (message.get("bytes") or b"") if text is None else text
                    self._feed(self._protocol.message(content, self._now()))
                await asyncio.sleep(max(0.0, until_s - loop.time()))
        finally:
            self._protocol.departed()
            self._news.set()

    async def _drive(self) -> None:
        while True:
            while self._effects:
                effect = self._effects.popleft()
                await self._do(effect)
                if isinstance(effect, Close):
                    return
            if self._protocol.state is ConnectionState.CLOSED:
                return
            await self._wait()

    async def _wait(self) -> None:
        """For something to do, or until the protocol has waited long enough."""
        self._news.clear()
        deadline_s = self._protocol.next_deadline_s
        delay_s = None if deadline_s is None else max(0.0, deadline_s - self._clock.monotonic_s())
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._news.wait()
        self._effects.extend(self._protocol.tick(self._now()))

    async def _do(self, effect: Effect) -> None:
        match effect:
            case Send():
                await self._send(effect.message)
            case Close():
                await self._close(effect)
            case Parse():
                self._parse(effect)
            case Inspect():
                self._start(effect.frame_id, lambda: self._inspect(effect))
            case LogIn():
                self._start(effect.frame_id, lambda: self._log_in(effect))
            case Judge():
                self._start(effect.frame_id, lambda: self._judge(effect))
            case Answered():
                client_id, judged = self._judged.pop(effect.frame_id, ("", None))
                self._after_answers.sent(effect, client_id, judged)
            case BadFrame():
                self._slot.record_bad_frame()
            case Superseded():
                self._slot.record_superseded()
            case _:
                assert_never(effect)

    async def _send(self, message: OutgoingMessage) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.send_text(message.model_dump_json())
        except GONE:
            self._protocol.departed()

    async def _close(self, effect: Close) -> None:
        with suppress(*GONE):
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.close(effect.code, effect.code.name)

    def _parse(self, effect: Parse) -> None:
        if len(effect.content) > SMALL_MESSAGE_CHARS:
            self._start(effect.frame_id, lambda: self._parse_on_worker(effect))
            return
        try:
            request = frame_request(effect.content, effect.arrived)
        except FacegateError as error:
            self._feed(self._protocol.failed(effect.frame_id, error, self._now()))
        else:
            self._feed(self._protocol.parsed(effect.frame_id, request, self._now()))

    async def _parse_on_worker(self, effect: Parse) -> None:
        request = await self._work.parse(effect)
        self._feed(self._protocol.parsed(effect.frame_id, request, self._now()))

    async def _inspect(self, effect: Inspect) -> None:
        encoded, is_tiny = await self._work.inspect(effect)
        self._feed(self._protocol.inspected(effect.frame_id, encoded, is_tiny=is_tiny, now=self._now()))

    async def _log_in(self, effect: LogIn) -> None:
        handle = LoopHandle(self._client_changed, self._disconnected, self._replaced)
        outcome = await self._work.log_in(effect, handle)
        if outcome.client is None:
            is_blocked = outcome.refusal is LogInRefusal.BLOCKED
            self._feed(self._protocol.log_in_refused(effect.frame_id, self._now(), is_blocked=is_blocked))
            return
        self._feed(self._protocol.logged_in(effect.frame_id, outcome.client, self._now()))
        if self._handle is not None:
            self._handle.die()
        self._handle = handle
        handle.go_live()

    async def _judge(self, effect: Judge) -> None:
        judged = await self._work.judge(effect, lambda: self._newest(effect.frame_id))
        # Only the last one: the answer to an earlier one was sent before this one was begun.
        self._judged = {effect.frame_id: (effect.client_id, judged)}
        self._feed(self._protocol.judged(effect.frame_id, judged.verdict, self._now()))

    def _newest(self, frame_id: int) -> Judge | None:
        newer = self._protocol.refreshed(frame_id, _small_request)
        if newer is not None:
            self._slot.record_superseded()
        return newer

    def _start(self, frame_id: int, work: Callable[[], Awaitable[None]]) -> None:
        job = asyncio.create_task(self._to_the_end(frame_id, work))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _to_the_end(self, frame_id: int, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the outermost layer of this door
            known = known_error(error)
            log_fault(error, known)
            self._feed(self._protocol.failed(frame_id, known, self._now()))

    def _client_changed(self, client: PresenceClient | None) -> None:
        self._feed(self._protocol.client_changed(client, self._now()))

    def _disconnected(self, note: str) -> None:
        self.end(f"an administrator has ended this connection: {note}" if note else _ENDED)

    def _replaced(self) -> None:
        self._feed(self._protocol.replaced())

    def _feed(self, effects: list[Effect]) -> None:
        self._effects.extend(effects)
        self._news.set()

    def _now(self) -> Moment:
        return moment_of(self._clock)


def _small_request(content: str | bytes, arrived: Moment) -> FrameRequest | None:
    """What a message asks, if that is quickly found out."""
    if len(content) > SMALL_MESSAGE_CHARS:
        return None
    with suppress(FacegateError):
        return frame_request(content, arrived)
    return None
