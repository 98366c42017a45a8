"""Bounds what a request body may cost: its size, its time, and what all bodies together hold.

Raised from `receive()`, so that the room that reads the body answers in its own form.
"""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facegate.domain.errors import EngineOverloaded, ImageTooLarge, InvalidInput


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Bytes of one body, seconds until it is complete, and bytes of all bodies that are being answered."""

    max_bytes: int
    timeout_s: float = 60.0
    max_total_bytes: int = 512 * 1024 * 1024


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
        body = _CountedBody(self, self._limits, receive, _announced_bytes(scope))
        try:
            await self._app(scope, body.receive, send)
        finally:
            self._held_bytes -= body.received_bytes

    def hold(self, byte_count: int) -> None:
        """Counts bytes that are in memory until their request is answered.

        Raises:
            EngineOverloaded: all bodies together are too much.
        """
        self._held_bytes += byte_count
        if self._held_bytes > self._limits.max_total_bytes:
            raise EngineOverloaded("too many large requests at once: come back in a moment")


class _CountedBody:
    def __init__(self, owner: BodyLimit, limits: BodyLimits, receive: Receive, announced_bytes: int) -> None:
        self._owner = owner
        self._limits = limits
        self._receive = receive
        self._announced_bytes = announced_bytes
        self._is_complete = False
        self._deadline_s: float | None = None
        self.received_bytes = 0

    async def receive(self) -> Message:
        # After the body comes only the news that the client has gone, which may take as long as it likes.
        if self._is_complete:
            return await self._receive()
        self._refuse_beyond(self._announced_bytes)
        message = await self._next_in_time()
        if message["type"] != "http.request":
            return message
        byte_count = len(message.get("body", b""))
        self.received_bytes += byte_count
        self._owner.hold(byte_count)
        self._refuse_beyond(self.received_bytes)
        self._is_complete = not message.get("more_body", False)
        return message

    async def _next_in_time(self) -> Message:
        now_s = asyncio.get_running_loop().time()
        if self._deadline_s is None:
            self._deadline_s = now_s + self._limits.timeout_s
        try:
            async with asyncio.timeout_at(self._deadline_s):
                return await self._receive()
        except TimeoutError as error:
            raise InvalidInput(
                f"the request body was not complete after {self._limits.timeout_s:g} s", field="body"
            ) from error

    def _refuse_beyond(self, byte_count: int) -> None:
        if byte_count > self._limits.max_bytes:
            raise ImageTooLarge(
                f"the request is larger than {self._limits.max_bytes / 1_048_576:.1f} MiB", field="body"
            )


def _announced_bytes(scope: Scope) -> int:
    """What Content-Length promises; 0 when it says nothing sensible, for then the count decides."""
    value = Headers(scope=scope).get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0
