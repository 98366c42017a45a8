"""WebSockets of one door: refusing one, and all that are open, so that a server that stops can tell each."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from starlette.responses import Response
from starlette.websockets import WebSocket


async def deny(socket: WebSocket, answer: Response) -> None:
    """Refuses a socket that was not accepted: with this answer where the server can send one, else 403."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(answer)
    else:
        await socket.close()  # before it was accepted: servers make HTTP 403 of it


class OpenSockets:
    """Logged in or not. On the event loop only."""

    def __init__(self) -> None:
        self._ends: dict[object, Callable[[str], None]] = {}
        self._farewell: str | None = None
        self._all_gone = asyncio.Event()

    @property
    def farewell(self) -> str | None:
        """What sockets that still come are told; None as long as they are served."""
        return self._farewell

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._ends)

    @contextmanager
    def listed(self, end: Callable[[str], None]) -> Iterator[None]:
        """`end` is called with a sentence when the server stops inside the block."""
        key = object()
        self._ends[key] = end
        try:
            yield
        finally:
            del self._ends[key]
            if not self._ends:
                self._all_gone.set()

    async def end_all(self, farewell: str, timeout_s: float) -> None:
        """Ends all, and returns when they are closed or after `timeout_s`; new ones are turned away."""
        self._farewell = farewell
        self._all_gone.clear()
        if not self._ends:
            return
        for end in list(self._ends.values()):
            end(farewell)
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._all_gone.wait()
