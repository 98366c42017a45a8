"""HTTP/1.1 connections that may not dawdle. What a request's body may take is the wire's `body_limit`."""

import asyncio
from typing import Any

from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol


class PunctualHttp(H11Protocol):
    """Closes connections on which no request begins, or its head does not end, for the keep-alive time.

    uvicorn's own limit counts from the end of a request and is lifted by the first byte of the next, so that
    connections that say nothing, or a byte a minute, would stay for ever and use up the number there may be.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._check: asyncio.TimerHandle | None = None
        self._idle_since_cycle: object = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._check_later()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._check is not None:
            self._check.cancel()
        super().connection_lost(exc)

    def _check_later(self) -> None:
        self._check = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def _close_if_idle(self) -> None:
        # A WebSocket has taken the connection over: it has its own pings.
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self._idle_since_cycle is self.cycle:
            self.transport.close()
            return
        self._idle_since_cycle = self.cycle if is_idle else self
        self._check_later()
