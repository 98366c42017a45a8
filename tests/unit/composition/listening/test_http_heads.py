"""What one connection may say beside bodies, and what becomes of requests that share it; on real sockets."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from tests.unit.composition.listening.served import PATIENCE_S, everything_from, serving, slow

from facegate.composition.listening.serving import ListenOptions

LIMIT_BYTES = 64 * 1024
READ_BYTES = 256 * 1024
CLOSING = b"Connection: close\r\n\r\n"


async def size(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(await request.body())} bytes")


async def names(request: Request) -> PlainTextResponse:
    await request.body()
    return PlainTextResponse(" ".join(sorted(request.headers.keys())))


async def parts(request: Request) -> StreamingResponse:
    return StreamingResponse(iter([request.scope["http_version"], " ", "one", "two"]))


has_been_left = threading.Event()


async def endless(request: Request) -> StreamingResponse:
    async def pieces() -> AsyncIterator[str]:
        try:
            while True:
                yield "on and on "
                await asyncio.sleep(0.02)
        finally:
            has_been_left.set()

    return StreamingResponse(pieces())


APP = Starlette(
    routes=[
        Route("/size", size, methods=["POST"]),
        Route("/slow", slow, methods=["GET", "POST"]),
        Route("/names", names, methods=["POST"]),
        Route("/parts", parts),
        Route("/endless", endless),
    ]
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(ListenOptions(port=0, keep_alive_s=10, shutdown_timeout_s=1), APP) as started:
        yield started


def bytes_taken(connection: socket.socket, piece: bytes, at_most: int) -> int:
    """How much of a piece that is sent over and over the server takes before it ends the connection."""
    sent = 0
    try:
        while sent < at_most:
            connection.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent


def answer_from(connection: socket.socket) -> bytes:
    """One answer of `size` on a connection that stays open."""
    answer = b""
    while not answer.endswith(b"bytes"):
        part = connection.recv(4096)
        assert part, answer
        answer += part
    return answer


@pytest.mark.parametrize(
    "piece",
    [b"x" * 1024, b"X-Padding: " + b"x" * 100 + b"\r\n"],
    ids=["one header without end", "headers without end"],
)
def test_a_head_without_end_is_refused(connection: socket.socket, piece: bytes) -> None:
    connection.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\nX-Padding: ")
    bytes_taken(connection, piece, at_most=LIMIT_BYTES + READ_BYTES)
    try:
        answer = everything_from(connection)
    except ConnectionResetError:  # it closed while more was on its way
        return
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_head_just_below_the_limit_is_read(connection: socket.socket) -> None:
    padding = b"X-Padding: " + b"x" * (LIMIT_BYTES - 1000) + b"\r\n"
    connection.sendall(b"POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n" + padding + CLOSING)
    connection.sendall(b"abc")
    assert everything_from(connection).endswith(b"\r\n\r\n3 bytes")


@pytest.mark.parametrize(
    ("start", "piece"),
    [(b"3\r\nabc\r\n0\r\nX-Trailer: ", b"x" * 1024), (b"3;", b"x" * 1024)],
    ids=["a trailer without end", "a chunk's extension without end"],
)
def test_what_stands_beside_chunks_is_bounded(connection: socket.socket, start: bytes, piece: bytes) -> None:
    connection.sendall(
        b"POST /size HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + start
    )
    # What the systems' own buffers hold on the way comes on top.
    assert bytes_taken(connection, piece, at_most=64 * 2**20) < 64 * 2**20


def test_a_body_of_many_small_chunks_is_read(connection: socket.socket) -> None:
    connection.sendall(b"POST /size HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + CLOSING)
    connection.sendall(b"3\r\nabc\r\n" * 40_000 + b"0\r\n\r\n")
    assert everything_from(connection).endswith(b"120000 bytes")


def test_one_request_after_the_other(connection: socket.socket) -> None:
    for length in (5, 2_000_000, 0, LIMIT_BYTES):
        head = f"POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * length)
        assert answer_from(connection).endswith(b"\r\n\r\n%d bytes" % length)


def test_requests_that_come_together_are_answered_in_order(connection: socket.socket) -> None:
    lengths = range(1, 12)
    for length in lengths:
        end = "Connection: close\r\n" if length == lengths[-1] else ""
        head = f"POST /size HTTP/1.1\r\nHost: localhost\r\n{end}Content-Length: {length}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * length)
    answers = everything_from(connection).split(b"HTTP/1.1 200 OK")
    assert [answer.rsplit(b"\r\n", 1)[-1] for answer in answers[1:]] == [b"%d bytes" % n for n in lengths]


@pytest.mark.parametrize("path", ["/size", "/slow"])
def test_nonsense_behind_a_request_does_not_take_its_answer_away(
    connection: socket.socket, path: str
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n".encode()
    connection.sendall(head + b"abc\x00\x01nonsense\r\n\r\n")
    answers = everything_from(connection)
    assert answers.startswith(b"HTTP/1.1 200 ")


def test_who_leaves_while_another_request_waits_is_noticed(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as leaving:
        leaving.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
        assert leaving.recv(100)
    assert has_been_left.wait(PATIENCE_S)


def test_a_trailer_is_no_header(connection: socket.socket) -> None:
    head = b"POST /names HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + CLOSING
    trailer = b"X-Forwarded-For: 6.6.6.6\r\nAuthorization: Bearer x\r\n"
    connection.sendall(head + b"3\r\nabc\r\n0\r\n" + trailer + b"\r\n")
    assert everything_from(connection).endswith(b"connection host transfer-encoding")


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n"])
def test_a_request_names_one_host(connection: socket.socket, hosts: bytes) -> None:
    connection.sendall(b"GET /slow HTTP/1.1\r\n" + hosts + CLOSING)
    assert everything_from(connection).startswith(b"HTTP/1.1 400 ")


def test_an_old_client_reads_to_the_end(connection: socket.socket) -> None:
    connection.sendall(b"GET /parts HTTP/1.0\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
    head, body = everything_from(connection).split(b"\r\n\r\n")
    assert b"chunked" not in head
    assert body == b"1.0 onetwo"


def test_nonsense_alone_is_refused(connection: socket.socket) -> None:
    connection.sendall(b"\x00\x01nonsense\r\n\r\n")
    assert everything_from(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("is_together", [True, False])
def test_a_client_that_would_rather_speak_http_2_is_answered(
    connection: socket.socket, is_together: bool
) -> None:
    """As Java's HttpClient asks with each first request of a connection, bodies too."""
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
    for length in (0, 4, 300_000):
        head = f"POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n".encode() + wish
        if is_together:
            connection.sendall(head + b"\r\n" + b"x" * length)
        else:
            connection.sendall(head)
            connection.sendall(b"\r\n")
            connection.sendall(b"x" * length)
        assert answer_from(connection).endswith(b"\r\n\r\n%d bytes" % length)


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 3\r\nContent-Length: 4\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Content-Length: +3\r\n",
        b"Content-Length : 3\r\n",
    ],
)
def test_bodies_whose_end_two_readers_may_see_elsewhere_are_refused(
    connection: socket.socket, framing: bytes
) -> None:
    connection.sendall(b"POST /size HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n0\r\n\r\n")
    assert everything_from(connection).startswith(b"HTTP/1.1 400 ")
