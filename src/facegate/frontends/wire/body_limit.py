"""Bounds what a request body may cost: its size, its time, and what all bodies together hold.

Raised from `receive()`, so that the room that reads the body answers in its own form.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facegate.domain.errors import EngineOverloaded, ImageTooLarge, InvalidInput

_PIECE_BYTES = 64 * 1024
"""What readers get at once, so that one of a form with a line break every other byte holds the loop for
10 ms and not for 600."""


class BodyTooSlow(InvalidInput):
    """The body stopped coming or comes too slowly; answered in the room's form with HTTP 408."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Bytes of one body, the least progress, and bytes of all bodies that are being answered.

    A body may pause for `timeout_s`, and all in all take that long and a second for each
    `min_bytes_per_s`. `large_paths` maps the paths of archive uploads, which go to disk, to their own
    limits in bytes.
    """

    max_bytes: int
    timeout_s: float = 60.0
    min_bytes_per_s: int = 16 * 1024
    max_total_bytes: int = 256 * 1024 * 1024
    large_paths: Mapping[str, int] = field(default_factory=dict)


class BodyLimit:
    """Pure ASGI middleware. A route that does not read its body never notices."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self._app = app
        self._limits = limits
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with a counting `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _CountedBody(
            self, receive, _announced_bytes(scope), self._limits.large_paths.get(scope["path"])
        )
        try:
            await self._app(scope, body.receive, send)
        finally:
            self._held_bytes -= body.held_bytes

    @property
    def limits(self) -> BodyLimits:
        """The limits it was made with."""
        return self._limits

    def hold(self, byte_count: int) -> None:
        """Counts bytes that are in memory until their request is answered.

        Raises:
            EngineOverloaded: all bodies together are too much.
        """
        self._held_bytes += byte_count
        if self._held_bytes > self._limits.max_total_bytes:
            raise EngineOverloaded("too many large requests at once: come back in a moment")


class _CountedBody:
    """One request's body. `large_bytes` is the limit of a large path, None elsewhere."""

    def __init__(
        self, owner: BodyLimit, receive: Receive, announced_bytes: int, large_bytes: int | None
    ) -> None:
        self._owner = owner
        self._receive = receive
        self._announced_bytes = announced_bytes
        self._is_large = large_bytes is not None
        self._max_bytes = owner.limits.max_bytes if large_bytes is None else large_bytes
        self._is_complete = False
        self._is_last = False
        self._waiting = memoryview(b"")
        self._started_s: float | None = None
        self._received_bytes = 0
        self.held_bytes = 0

    async def receive(self) -> Message:
        # After the body comes only the news that the client has gone, which may take as long as it likes.
        if self._is_complete:
            return await self._receive()
        if self._waiting:
            await asyncio.sleep(0)
        else:
            self._refuse_beyond(self._announced_bytes)
            message = await self._next_in_time()
            if message["type"] != "http.request":
                return message
            self._waiting = memoryview(message.get("body", b""))
            self._is_last = not message.get("more_body", False)
            self._count(len(self._waiting))
        piece, self._waiting = bytes(self._waiting[:_PIECE_BYTES]), self._waiting[_PIECE_BYTES:]
        self._is_complete = self._is_last and not self._waiting
        return {"type": "http.request", "body": piece, "more_body": not self._is_complete}

    def _count(self, byte_count: int) -> None:
        self._received_bytes += byte_count
        self._refuse_beyond(self._received_bytes)
        if not self._is_large:
            self.held_bytes += byte_count
            self._owner.hold(byte_count)

    async def _next_in_time(self) -> Message:
        limits = self._owner.limits
        now_s = asyncio.get_running_loop().time()
        if self._started_s is None:
            self._started_s = now_s
        earned_s = self._received_bytes / limits.min_bytes_per_s
        # Whichever is earlier: the end of the longest pause, or of what the bytes so far have earned.
        deadline_s = min(now_s, self._started_s + earned_s) + limits.timeout_s
        try:
            async with asyncio.timeout_at(deadline_s):
                return await self._receive()
        except TimeoutError as error:
            raise BodyTooSlow("the request body did not come in time", field="body") from error

    def _refuse_beyond(self, byte_count: int) -> None:
        if byte_count > self._max_bytes:
            raise ImageTooLarge(
                f"the request is larger than {self._max_bytes / 1_048_576:.1f} MiB", field="body"
            )


def _announced_bytes(scope: Scope) -> int:
    """What Content-Length promises; 0 when it says nothing sensible, for then the count decides."""
    value = Headers(scope=scope).get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0
