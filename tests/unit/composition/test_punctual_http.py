"""Connections that dawdle are closed, those that work are not; on real sockets."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from facegate.composition.serving import (
    AnnouncingServer,
    ListenOptions,
    close_all,
    open_sockets,
    server_config,
)

PATIENCE_S = 20.0


async def slow(_: Request) -> PlainTextResponse:
    await asyncio.sleep(2.5)
    return PlainTextResponse("done")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    options = ListenOptions(port=0, keep_alive_s=1, shutdown_timeout_s=1)
    sockets = open_sockets(options)
    is_started = threading.Event()
    server = AnnouncingServer(
        server_config(Starlette(routes=[Route("/slow", slow)]), options), is_started.set
    )
    thread = threading.Thread(target=server.run, args=(sockets,))
    thread.start()
    assert is_started.wait(PATIENCE_S)
    yield int(sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(PATIENCE_S)
    close_all(sockets)


@pytest.fixture
def connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connected:
        yield connected


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
