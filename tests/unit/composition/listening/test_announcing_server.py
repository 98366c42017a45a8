"""A server on several ports that stops, on real sockets."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from facegate.composition.listening.announcing_server import AnnouncingServer, FurtherPort
from facegate.composition.listening.serving import ListenOptions, close_all, open_sockets, server_config

PATIENCE_S = 20.0
OPTIONS = ListenOptions(port=0, shutdown_timeout_s=60)


@dataclass
class Running:
    """A server with a further port; a request to `/` lasts until `may_end`."""

    server: AnnouncingServer
    ports: list[int]
    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    may_end: asyncio.Event
    at_work: threading.Semaphore
    events: list[str] = field(default_factory=list)

    def ask(self, port: int) -> socket.socket:
        """A request that is at work when this returns."""
        client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert self.at_work.acquire(timeout=PATIENCE_S)
        return client

    def is_ended(self) -> bool:
        """Within the time of patience, which is shorter than what a stop may take."""
        self.thread.join(PATIENCE_S)
        return not self.thread.is_alive()


@pytest.fixture
def running() -> Iterator[Running]:
    events: list[str] = []
    at_work = threading.Semaphore(0)
    is_started = threading.Event()
    made: list[asyncio.AbstractEventLoop] = []
    may_end = asyncio.Event()

    async def slow(_: Request) -> PlainTextResponse:
        at_work.release()
        await may_end.wait()
        return PlainTextResponse("done")

    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        made.append(asyncio.get_running_loop())
        yield
        events.append("life ended")

    routes = [Route("/", slow)]
    main, further = open_sockets(OPTIONS), open_sockets(OPTIONS)
    port = FurtherPort(server_config(Starlette(routes=routes), OPTIONS, has_lifespan=False), further)
    server = AnnouncingServer(
        server_config(Starlette(routes=routes, lifespan=life), OPTIONS),
        is_started.set,
        lambda: events.append("stopped"),
        further_ports=[port],
    )
    ports = [int(sockets[0].getsockname()[1]) for sockets in (main, further)]
    thread = threading.Thread(target=server.run, args=(main,))
    thread.start()
    assert is_started.wait(PATIENCE_S)
    found = Running(server, ports, thread, made[0], may_end, at_work, events)
    yield found
    if thread.is_alive():
        made[0].call_soon_threadsafe(may_end.set)
        server.should_exit = True
        thread.join(PATIENCE_S)
    close_all([*main, *further])


def refuses(port: int) -> bool:
    """Whether nobody listens there any more; waits for it."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
        except OSError:
            return True
        threading.Event().wait(0.05)
    return False


@pytest.mark.parametrize("busy", [0, 1])
def test_all_ports_stop_at_once_and_the_life_ends_after_the_last_answer(running: Running, busy: int) -> None:
    with running.ask(running.ports[busy]) as client:
        running.server.handle_exit(signal.SIGTERM, None)
        assert all(refuses(port) for port in running.ports)
        assert running.events == []
        running.loop.call_soon_threadsafe(running.may_end.set)
        assert client.recv(4096).endswith(b"done")
        assert running.is_ended()
    assert running.events == ["life ended", "stopped"]


@pytest.mark.parametrize("busy", [0, 1])
def test_a_second_signal_waits_for_no_port(running: Running, busy: int) -> None:
    with running.ask(running.ports[busy]):
        for _ in range(2):
            running.server.handle_exit(signal.SIGINT, None)
        assert running.is_ended()
    assert running.events == ["stopped"]
