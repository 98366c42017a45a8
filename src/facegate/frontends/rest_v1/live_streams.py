"""Server-sent events: answers that never end by themselves, whatever they tell of."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager
from typing import Any, Generic, TypeVar

from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection, Request
from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override

from facegate.domain.access import Door
from facegate.domain.errors import AccessRefused, EngineOverloaded, RateLimited
from facegate.frontends.wire.access_gate import AccessGate, Caller

_LOGGER = logging.getLogger("facegate.live_streams")

T = TypeVar("T")

Listening = Callable[[], AbstractAsyncContextManager[AsyncIterator[T]]]
"""Enters a block in which everything that happens from then on is heard."""

TextOf = Callable[[T], str | None]

FIRST_LINES = "retry: 2000\n: listening\n\n"
SIGN_OF_LIFE = ": \n\n"

_LONGEST_SEND_S = 30.0
"""What is sent waits at most so long for the client to read what came before."""

STREAM_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Otherwise nginx collects events until it has a buffer full.
    "X-Accel-Buffering": "no",
}


class OpenStreams:
    """Open streams of one kind, bounded, so that a server that stops can end them. On the event loop only."""

    def __init__(self, max_streams: int, too_many: str) -> None:
        """`too_many` is the sentence for whom there is no room."""
        self._max_streams = max_streams
        self._too_many = too_many
        self._open: set[asyncio.Event] = set()
        self._is_stopping = False

    @property
    def count(self) -> int:
        """Open streams."""
        return len(self._open)

    def end_all(self) -> None:
        """Ends every stream now, and those that still come at once; call it when the server stops."""
        self._is_stopping = True
        for end in self._open:
            end.set()

    def check_room(self) -> None:
        """Raises EngineOverloaded when no stream more is served."""
        if len(self._open) >= self._max_streams:
            raise EngineOverloaded(self._too_many, retry_after_s=10)
        if self._is_stopping:
            raise EngineOverloaded("the server is stopping: come back in a moment")

    @contextmanager
    def listed(self) -> Iterator[asyncio.Event]:
        """Counts as open inside the block; the event says that it has to end."""
        end = asyncio.Event()
        if self._is_stopping:
            end.set()
        self._open.add(end)
        try:
            yield end
        finally:
            self._open.discard(end)


class EventStreams(OpenStreams):
    """Open streams of events."""

    def __init__(self, max_streams: int = 100, sign_of_life_every_s: float = 15.0) -> None:
        super().__init__(max_streams, "too many programs listen already: close one")
        self._sign_of_life_every_s = sign_of_life_every_s

    async def serve(
        self, listening: Listening[T], text_of: TextOf[T], may_go_on: Callable[[], object]
    ) -> AsyncGenerator[str, None]:
        """The text of one stream, beginning with the line `: listening` once nothing is missed any more.

        `text_of` gives None for what is not wanted. `may_go_on` is asked now and then, and ends the stream by
        AccessRefused.
        """
        now_s = asyncio.get_running_loop().time
        with self.listed() as end:
            async with listening() as events, _waiting(events, end) as waiting:
                yield FIRST_LINES
                due_at_s = now_s() + self._sign_of_life_every_s
                while not (end.is_set() or waiting.is_over):
                    event = await waiting.next(due_at_s - now_s())
                    text = None if event is None else text_of(event)
                    if text is not None:
                        yield text
                    if now_s() >= due_at_s:
                        if not still_may_go_on(may_go_on):
                            return
                        yield SIGN_OF_LIFE
                        due_at_s = now_s() + self._sign_of_life_every_s


class _Waiting(Generic[T]):
    """The next event or the end of the stream, whichever is first. No wait is given up half-way."""

    def __init__(self, events: AsyncIterator[T], end: asyncio.Event) -> None:
        self._events = events
        self._ending = asyncio.ensure_future(end.wait())
        self._next: asyncio.Future[T | None] | None = None
        self.is_over = False

    async def next(self, timeout_s: float) -> T | None:
        """None when there was none in time, or nothing more comes: then `is_over` is True."""
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._events, None))
        waits: set[asyncio.Future[Any]] = {self._next, self._ending}
        await asyncio.wait(waits, timeout=max(0.0, timeout_s), return_when=asyncio.FIRST_COMPLETED)
        if not self._next.done():
            return None
        event = self._next.result()
        self._next = None
        self.is_over = event is None
        return event

    async def stop(self) -> None:
        waits = [wait for wait in (self._ending, self._next) if wait is not None]
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


@asynccontextmanager
async def _waiting(events: AsyncIterator[T], end: asyncio.Event) -> AsyncIterator[_Waiting[T]]:
    waiting = _Waiting(events, end)
    try:
        yield waiting
    finally:
        await waiting.stop()


def still_may_go_on(ask: Callable[[], object]) -> bool:
    """Whether the token still lets the client in; being asked too often ends nothing."""
    try:
        ask()
    except RateLimited:
        return True
    except AccessRefused:
        return False
    return True


def admit_again(request: Request, gate: AccessGate) -> Caller:
    """Raises AccessRefused once the token has expired or was revoked."""
    # The gate leaves in the scope that it has let this request in.
    fresh = {name: value for name, value in request.scope.items() if name != "facegate.caller"}
    return gate.admit(HTTPConnection(fresh), Door.REST_V1)


class _NotReadError(Exception):
    """Nothing could be sent for too long."""


class EndlessResponse(StreamingResponse):
    """Ends its content when the client has gone, rather than when it is found to be garbage.

    A client that is there and reads nothing is given up too, or it would keep its place for ever: while
    something waits to be sent, nobody asks whether its token still counts.
    """

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(_LONGEST_SEND_S):
                    await send(message)
            except TimeoutError as error:
                raise _NotReadError from error

        async with aclosing(self.body_iterator):  # type: ignore[type-var]
            try:
                await super().__call__(scope, receive, send_in_time)
            except _NotReadError:
                # Left unfinished, so the server below closes the connection.
                _LOGGER.info("%s was ended: its client did not read for a while", scope.get("path", ""))
