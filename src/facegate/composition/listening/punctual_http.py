"""HTTP/1.1 connections that may not dawdle, nor all come from one address.

What a request's body may take is the wire's `body_limit`.
"""

import asyncio
import ipaddress
from typing import Any, ClassVar

from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from facegate.composition.listening.address_counts import address_counts
from facegate.frontends.wire.loopback import IpAddress, address_of

_LEAST_SHARE = 16
"""One address may always hold so many connections."""

_TOO_MANY = (
    b'{"error":{"kind":"overloaded","message":"the server has as many connections as it can hold: '
    b'come back in a moment","field":null,"request_id":"-"}}'
)


class PunctualHttp(H11Protocol):
    """Closes connections on which no request begins, or its head does not end, for the keep-alive time.

    uvicorn's own limit counts from the end of a request and is lifted by the first byte of the next, so that
    connections that say nothing, or a byte a minute, would stay for ever and use up the number there may be.
    """

    shares: ClassVar[int] = 4
    """One address may hold this part of all connections."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._trusted_proxies = _networks(self.config)
        self._counts = address_counts(self.server_state)
        self._check: asyncio.TimerHandle | None = None
        self._idle_since_cycle: object = None
        self._idle_since_s = self.loop.time()

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        limit = self.limit_concurrency
        if limit is not None:
            self._refuse_beyond(limit)
        self._check_later()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._check is not None:
            self._check.cancel()
        self._counts.left(self.transport)
        super().connection_lost(exc)

    @override
    def on_response_complete(self) -> None:
        self._idle_since_s = self.loop.time()
        super().on_response_complete()

    def _refuse_beyond(self, limit: int) -> None:
        """Closes one too many of an address; finds a place for one too many altogether, or answers 503.

        The place is that of the connection that has been silent for longest.
        """
        client = address_of(self.client[0]) if self.client else None
        if client is not None and not client.is_loopback and not self._is_trusted(client):
            count = self._counts.came(self.transport, client)
            if count > max(_LEAST_SHARE, limit // self.shares):
                self.transport.abort()
        # uvicorn's own refusal is plain text and counts the connections that say nothing.
        self.limit_concurrency = None
        if len(self.connections) <= limit:
            return
        silent = [
            one for one in self.connections if isinstance(one, PunctualHttp) and one._may_give_way(self)
        ]
        if silent:
            min(silent, key=lambda one: one._idle_since_s).transport.abort()
        else:
            self.app = _too_many_connections

    def _may_give_way(self, newcomer: "PunctualHttp") -> bool:
        return self is not newcomer and self._is_idle() and not self.transport.is_closing()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _is_trusted(self, client: IpAddress) -> bool:
        return any(client.version == one.version and client in one for one in self._trusted_proxies)

    def _check_later(self) -> None:
        self._check = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def _close_if_idle(self) -> None:
        # A WebSocket has taken the connection over: it has its own pings.
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        is_idle = self._is_idle()
        if is_idle and self._idle_since_cycle is self.cycle:
            self.transport.close()
            return
        self._idle_since_cycle = self.cycle if is_idle else self
        self._check_later()


class OneAddressHttp(PunctualHttp):
    """For a port whose clients may all be behind one address, as terminals behind a router are."""

    shares = 1


async def _too_many_connections(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI application that has one answer, in the form of /v1's errors."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(_TOO_MANY)).encode()),
        (b"retry-after", b"1"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_MANY})


def _networks(config: Config) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The proxies whose connections are those of many clients."""
    named = config.forwarded_allow_ips if config.proxy_headers else []
    found = []
    for name in named if isinstance(named, list) else []:
        try:
            found.append(ipaddress.ip_network(name, strict=False))
        except ValueError:  # uvicorn takes names of sockets too
            continue
    return found
