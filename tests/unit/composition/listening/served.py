"""A server of ours on a free port, with an application of the test's."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from facegate.composition.listening.announcing_server import AnnouncingServer
from facegate.composition.listening.serving import ListenOptions, close_all, open_sockets, server_config

PATIENCE_S = 20.0

at_work = threading.Semaphore(0)


async def slow(_: Request) -> PlainTextResponse:
    at_work.release()
    await asyncio.sleep(2.5)
    return PlainTextResponse("done")


@contextmanager
def serving(options: ListenOptions, app: ASGIApp) -> Iterator[int]:
    sockets = open_sockets(options)
    is_started = threading.Event()
    server = AnnouncingServer(server_config(app, options), is_started.set)
    thread = threading.Thread(target=server.run, args=(sockets,))
    thread.start()
    assert is_started.wait(PATIENCE_S)
    yield int(sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(PATIENCE_S)
    close_all(sockets)


def everything_from(connection: socket.socket) -> bytes:
    received = b""
    while part := connection.recv(4096):
        received += part
    return received
