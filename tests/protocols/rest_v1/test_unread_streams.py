"""Streams whose client stays and reads nothing: given up on real sockets, and their place is free again."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from facegate.composition.listening.announcing_server import AnnouncingServer
from facegate.composition.listening.serving import ListenOptions, close_all, open_sockets, server_config
from facegate.frontends.rest_v1 import live_streams
from facegate.frontends.rest_v1.camera_admin.previews import NumberedPicture, PreviewStreams
from facegate.frontends.rest_v1.live_streams import EndlessResponse, EventStreams

PATIENCE_S = 20.0
MUCH = 256 * 1024


class Streams:
    """Both kinds, with more to tell than buffers hold."""

    def __init__(self) -> None:
        self.events, self.previews = EventStreams(), PreviewStreams()
        routes = [Route("/events", self._listen), Route("/preview", self._look)]
        self.app = Starlette(routes=routes)

    @property
    def count(self) -> int:
        return self.events.count + self.previews.count

    async def _listen(self, _: Request) -> Response:
        return EndlessResponse(self.events.serve(_happening, lambda event: event, lambda: None))

    async def _look(self, _: Request) -> Response:
        return EndlessResponse(self.previews.serve(_shown, 0.001, lambda: None))


@asynccontextmanager
async def _happening() -> AsyncIterator[AsyncIterator[str]]:
    async def events() -> AsyncGenerator[str, None]:
        while True:
            await asyncio.sleep(0.001)
            yield "x" * MUCH

    yield events()


async def _shown(number: int) -> NumberedPicture | None:
    return NumberedPicture(number + 1, b"x" * MUCH)


@contextmanager
def served(streams: Streams) -> Iterator[int]:
    options = ListenOptions(port=0, shutdown_timeout_s=1)
    sockets = open_sockets(options)
    is_started = threading.Event()
    server = AnnouncingServer(server_config(streams.app, options), is_started.set)
    thread = threading.Thread(target=server.run, args=(sockets,))
    thread.start()
    assert is_started.wait(PATIENCE_S)
    try:
        yield int(sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        close_all(sockets)


def until(holds: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends_s, "it did not happen in time"
        time.sleep(0.01)


@pytest.mark.parametrize("path", ["/events", "/preview"])
def test_a_client_that_reads_nothing_is_given_up(
    path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "facegate")
    monkeypatch.setattr(live_streams, "_LONGEST_SEND_S", 0.2)
    streams = Streams()
    with served(streams) as port, socket.create_connection(("127.0.0.1", port), PATIENCE_S) as client:
        client.sendall(f"GET {path}?token=geheim HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        until(lambda: streams.count == 1)
        until(lambda: streams.count == 0)
        until(lambda: bool(caplog.messages))
    assert f"{path} was ended: its client did not read for a while" in caplog.messages
    assert "geheim" not in caplog.text


@pytest.mark.parametrize("path", ["/events", "/preview"])
def test_a_client_that_reads_slowly_is_served_on(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_streams, "_LONGEST_SEND_S", 0.5)
    streams = Streams()
    with served(streams) as port, socket.create_connection(("127.0.0.1", port), PATIENCE_S) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        ends_s = time.monotonic() + 1.5
        while time.monotonic() < ends_s:
            assert client.recv(MUCH)
            time.sleep(0.02)
        assert streams.count == 1
        client.close()
        until(lambda: streams.count == 0)
