import asyncio
import threading

import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.unit.frontends.wire.waiting import until

from facegate.frontends.wire.departed_clients import DepartedClients
from facegate.frontends.wire.workers import BoundedWorkers

_SCOPE: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}


class _Connection:
    """A client that sends its body at once and leaves when told to."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()
        self.sent: list[str] = []
        self._has_body = True

    async def receive(self) -> Message:
        if self._has_body:
            self._has_body = False
            return {"type": "http.request", "body": b"x", "more_body": False}
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message["type"])


def test_waiting_work_of_a_departed_client_is_dropped() -> None:
    workers = BoundedWorkers(1, 5, "test")
    release, has_run = threading.Event(), threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await workers.run(has_run.set)

    async def scenario() -> None:
        connection = _Connection()
        blocker = asyncio.ensure_future(workers.run(release.wait))
        await until(lambda: workers.in_flight == 1)
        request = asyncio.ensure_future(DepartedClients(app)(_SCOPE, connection.receive, connection.send))
        await until(lambda: workers.waiting == 1)
        connection.leaves.set()
        await request
        release.set()
        await blocker

    asyncio.run(scenario())
    assert workers.dropped_count == 1
    assert not has_run.is_set()
    workers.close()


def test_work_after_the_answer_is_not_cut_short() -> None:
    done: list[str] = []

    async def scenario() -> None:
        connection = _Connection()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "http.response.start"})
            connection.leaves.set()
            await asyncio.sleep(0.01)
            done.append("cleaned up")

        await DepartedClients(app)(_SCOPE, connection.receive, connection.send)

    asyncio.run(scenario())
    assert done == ["cleaned up"]


def test_the_application_can_still_hear_the_departure_itself() -> None:
    heard: list[str] = []

    async def scenario() -> None:
        connection = _Connection()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "http.response.start"})
            connection.leaves.set()
            heard.append((await receive())["type"])

        await DepartedClients(app)(_SCOPE, connection.receive, connection.send)

    asyncio.run(scenario())
    assert heard == ["http.disconnect"]


def test_an_error_of_the_application_comes_through() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise RuntimeError("broken")

    async def scenario() -> None:
        connection = _Connection()
        await DepartedClients(app)(_SCOPE, connection.receive, connection.send)

    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(scenario())


def test_being_cancelled_from_outside_cancels_the_application() -> None:
    ended: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("app")

    async def scenario() -> None:
        connection = _Connection()
        request = asyncio.ensure_future(DepartedClients(app)(_SCOPE, connection.receive, connection.send))
        await asyncio.sleep(0.01)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request

    asyncio.run(scenario())
    assert ended == ["app"]
