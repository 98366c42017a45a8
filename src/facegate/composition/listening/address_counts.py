"""How many connections each address has, whatever they speak. Counted, since looking takes too long."""

import asyncio
from collections import Counter
from typing import Any
from weakref import WeakKeyDictionary

from typing_extensions import override
from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from facegate.frontends.wire.loopback import IpAddress


class AddressCounts:
    """The open connections of one server, by address. On the event loop only."""

    def __init__(self) -> None:
        self._addresses: dict[asyncio.BaseTransport, IpAddress] = {}
        self._counts: Counter[IpAddress] = Counter()

    def came(self, transport: asyncio.BaseTransport, address: IpAddress) -> int:
        """Counts a new connection; how many the address has with it."""
        self._addresses[transport] = address
        self._counts[address] += 1
        return self._counts[address]

    def left(self, transport: asyncio.BaseTransport) -> None:
        """The connection has ended; one that was not counted, or has left already, is nothing."""
        address = self._addresses.pop(transport, None)
        if address is None:
            return
        self._counts[address] -= 1
        if not self._counts[address]:
            del self._counts[address]


class CountedWebSocket(WebSocketsSansIOProtocol):
    """A connection that became a WebSocket stays counted until it ends: uvicorn hands its transport over."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, server_state, app_state)
        self._counts = address_counts(server_state)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._counts.left(self.transport)
        super().connection_lost(exc)


_of_servers: WeakKeyDictionary[ServerState, AddressCounts] = WeakKeyDictionary()


def address_counts(state: ServerState) -> AddressCounts:
    """Those of this server: each port beside the main one has its own."""
    return _of_servers.setdefault(state, AddressCounts())
