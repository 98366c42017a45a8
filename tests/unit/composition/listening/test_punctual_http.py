"""Connections that dawdle are closed, those that work are not; on real sockets."""

import asyncio
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from tests.unit.composition.listening.served import PATIENCE_S, at_work, everything_from, serving, slow
from uvicorn import Config
from uvicorn.server import ServerState

from facegate.composition.listening.address_counts import CountedWebSocket
from facegate.composition.listening.serving import (
    ListenOptions,
    server_config,
)

APP = Starlette(routes=[Route("/slow", slow), Route("/quick", lambda _: PlainTextResponse("done"))])


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(ListenOptions(port=0, keep_alive_s=1, shutdown_timeout_s=1), APP) as started:
        yield started


def test_a_silent_connection_is_closed(connection: socket.socket) -> None:
    assert connection.recv(100) == b""


def test_a_head_that_trickles_in_is_cut_off(connection: socket.socket) -> None:
    connection.settimeout(0.05)
    head = b"GET /slow HTTP/1.1\r\nHost: localhost\r\nX-Padding: " + b"x" * 1000
    assert not all(was_taken(connection, byte) for byte in head)


def was_taken(connection: socket.socket, byte: int) -> bool:
    """Whether the server still listens after this byte."""
    try:
        connection.sendall(bytes([byte]))
        return connection.recv(100) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def test_a_request_that_takes_longer_is_answered(connection: socket.socket) -> None:
    connection.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    received = b""
    while part := connection.recv(4096):
        received += part
    assert received.endswith(b"done")


def ask(connection: socket.socket, path: str) -> None:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())


def test_silent_connections_make_room_for_those_that_speak() -> None:
    options = ListenOptions(port=0, keep_alive_s=600, max_connections=5, shutdown_timeout_s=1)
    with serving(options, APP) as port:
        silent = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) for _ in range(20)]
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as speaking:
                ask(speaking, "/quick")
                assert everything_from(speaking).endswith(b"done")
        for connection in silent:
            connection.close()


def test_where_all_are_at_work_the_next_is_told_in_json() -> None:
    options = ListenOptions(port=0, keep_alive_s=600, max_connections=2, shutdown_timeout_s=1)
    with serving(options, APP) as port:
        while at_work.acquire(blocking=False):
            pass
        clients = []
        for path in ("/slow", "/slow", "/quick"):
            clients.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
            ask(clients[-1], path)
            # One after the other, so that the third finds the others at work.
            assert path == "/quick" or at_work.acquire(timeout=PATIENCE_S)
        answers = [everything_from(client) for client in clients]
        for client in clients:
            client.close()
    refused = [answer for answer in answers if b" 503 " in answer]
    assert len(refused) == 1
    head, _, body = refused[0].partition(b"\r\n\r\n")
    assert json.loads(body)["error"]["kind"] == "overloaded"
    assert b"retry-after: 1" in head.lower()


class _Connection(asyncio.Transport):
    """As much of a transport as a protocol looks at before anything is sent."""

    def __init__(self, peer: str) -> None:
        super().__init__({"peername": (peer, 50_000), "sockname": ("192.0.2.1", 8000)})
        self.is_aborted = False
        self.protocol: asyncio.BaseProtocol | None = None

    def abort(self) -> None:
        self.is_aborted = True

    def close(self) -> None:
        self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_aborted

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self.protocol is not None
        return self.protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass


@pytest.mark.parametrize(
    ("peer", "options", "kept_count"),
    [
        ("198.51.100.7", ListenOptions(), 25),
        ("::ffff:198.51.100.7", ListenOptions(), 25),
        ("127.0.0.1", ListenOptions(), 40),
        ("::1", ListenOptions(), 40),
        ("198.51.100.7", ListenOptions(trusted_proxies=("198.51.100.0/24",)), 40),
        ("198.51.100.7", ListenOptions(may_share_address=True), 40),
    ],
)
def test_one_address_holds_a_quarter_of_the_connections(
    peer: str, options: ListenOptions, kept_count: int
) -> None:
    config = server_config(APP, replace(options, max_connections=100))
    connections = [_Connection(peer) for _ in range(40)]

    async def connect_all() -> None:
        state = ServerState()
        for connection in connections:
            connected(connection, config, state)

    asyncio.run(connect_all())
    assert sum(not connection.is_aborted for connection in connections) == kept_count


def connected(connection: _Connection, config: Config, state: ServerState) -> None:
    """As uvicorn does with a new connection."""
    if not config.loaded:
        config.load()
    connection.protocol = config.http_protocol_class(config, state, {})  # type: ignore[call-arg]
    connection.protocol.connection_made(connection)


async def no_words(scope: Scope, receive: Receive, send: Send) -> None:
    """A WebSocket on which nothing is said."""
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def test_a_connection_counts_for_its_address_until_it_ends_whatever_it_became() -> None:
    config = server_config(no_words, ListenOptions(max_connections=64), has_lifespan=False)

    async def scenario() -> None:
        state = ServerState()

        async def are_taken(count: int) -> list[_Connection]:
            """The connections that were, out of these many new ones, each a WebSocket by now."""
            new = [_Connection("198.51.100.7") for _ in range(count)]
            for connection in new:
                connected(connection, config, state)
                if connection.is_aborted:
                    lose(connection)
                else:
                    cast(asyncio.Protocol, connection.get_protocol()).data_received(UPGRADE)
            await asyncio.sleep(0)
            return [connection for connection in new if not connection.is_aborted]

        held = await are_taken(20)
        assert len(held) == 16
        assert {type(connection.get_protocol()) for connection in held} == {CountedWebSocket}
        for connection in held[:5]:
            lose(connection)
        held[:5] = await are_taken(20)
        assert len(held) == 16
        for connection in held:
            lose(connection)
        await asyncio.gather(*state.tasks)

    asyncio.run(scenario())


def lose(connection: _Connection) -> None:
    """Its end, as the event loop tells of it."""
    cast(asyncio.Protocol, connection.get_protocol()).connection_lost(None)
