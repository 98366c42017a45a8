"""A WebSocket client that costs next to nothing: what makes the load must not take the server's cores.

The library shakes hands and reads; what is sent is framed here, from parts that are shared by all clients and
masked with zeros, so that a picture is neither copied nor masked for each of 150 of them.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

_TEXT, _MASKED, _LONG = 0x81, 0x80, 127


class ConnectionLost(Exception):
    """The server, or the way to it, has ended the connection."""


class LeanSocket(asyncio.Protocol):
    """Use `opened`. One text message after the other; binary and fragmented ones are not understood."""

    def __init__(self, url: str) -> None:
        self._protocol = ClientProtocol(parse_uri(url), max_size=2**24)
        self._transport: asyncio.Transport | None = None
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._messages.put_nowait(bytes(event.data))
        self._flush()
        if not self._opened.done() and self._protocol.state is not State.CONNECTING:
            self._opened.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._opened.done():
            self._opened.set_exception(ConnectionLost("the handshake failed"))
        self._messages.put_nowait(None)

    async def wait_opened(self) -> None:
        """Raises ConnectionLost when the server does not want us."""
        await self._opened
        if self._protocol.handshake_exc is not None:
            raise ConnectionLost(str(self._protocol.handshake_exc))

    def send(self, parts: Sequence[bytes]) -> None:
        """The parts as one text message."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionLost("the connection has ended")
        length = sum(map(len, parts))
        head = struct.pack("!BBQI", _TEXT, _MASKED | _LONG, length, 0)
        self._transport.writelines([head, *parts])

    async def receive(self) -> bytes:
        """The next text message. Raises ConnectionLost at the end."""
        message = await self._messages.get()
        if message is None:
            raise ConnectionLost("the server has ended the connection")
        return message

    def close(self) -> None:
        """Says goodbye without waiting for an answer."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
            self._flush()
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)


@asynccontextmanager
async def opened(url: str, timeout_s: float) -> AsyncIterator[LeanSocket]:
    """A socket that is open; raises ConnectionLost, OSError or TimeoutError when it cannot be."""
    place = urlsplit(url)
    async with asyncio.timeout(timeout_s):
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(lambda: LeanSocket(url), place.hostname, place.port)
        await socket.wait_opened()
    try:
        yield socket
    finally:
        socket.close()
