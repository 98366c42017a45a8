"""Answers that do not end by themselves, as the server's socket sees them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message
from tests.protocols.in_process import LOCAL

_LIMIT_S = 20.0


@dataclass
class OpenStream:
    """One client. `read` gives what came, up to and with an end that is looked for."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    has_ended: asyncio.Event = field(default_factory=asyncio.Event)
    has_gone: asyncio.Event = field(default_factory=asyncio.Event)
    _came: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    _unread: bytes = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self._came.put_nowait(message["body"])

    async def receive(self) -> Message:
        await self.has_gone.wait()
        return {"type": "http.disconnect"}

    async def read_until(self, end: bytes) -> bytes:
        """Fails when it does not come in time."""
        async with asyncio.timeout(_LIMIT_S):
            while end not in self._unread:
                self._unread += await self._came.get()
        place = self._unread.index(end) + len(end)
        found, self._unread = self._unread[:place], self._unread[place:]
        return found

    async def read(self, count: int) -> bytes:
        """So many bytes."""
        async with asyncio.timeout(_LIMIT_S):
            while len(self._unread) < count:
                self._unread += await self._came.get()
        found, self._unread = self._unread[:count], self._unread[count:]
        return found

    async def ended(self) -> None:
        """Returns when the server has ended it."""
        async with asyncio.timeout(_LIMIT_S):
            await self.has_ended.wait()


@asynccontextmanager
async def open_stream(app: ASGIApp, path: str, authorization: str) -> AsyncIterator[OpenStream]:
    """Asked for; the client goes away at the end of the block."""
    stream = OpenStream()
    target, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": target,
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "headers": [(b"authorization", authorization.encode()), (b"host", b"127.0.0.1:8000")],
        "client": LOCAL,
        "server": ("127.0.0.1", 8000),
    }

    async def serve() -> None:
        try:
            await app(scope, stream.receive, stream.send)
        finally:
            stream.has_ended.set()

    serving = asyncio.ensure_future(serve())
    try:
        yield stream
    finally:
        stream.has_gone.set()
        await serving
