"""Listening to terminals over /v1: server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.types import Message
from tests.protocols.in_process import LOCAL
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.terminal_server import NOON, SN, TERMINALS, TerminalServer, with_server
from tests.protocols.scripted_terminals import ScriptedTerminal

from facegate.domain.terminals.activity import TerminalEvent
from facegate.frontends.rest_v1.live_streams import EventStreams
from facegate.frontends.rest_v1.terminal_admin.event_routes import add_terminal_event_routes
from facegate.frontends.rest_v1.terminal_admin.event_stream import event_text

GROUPS = [add_terminal_event_routes]
EVENTS = f"{TERMINALS}/events"


@dataclass
class Listener:
    """One client of the stream, as the server's socket sees it."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    has_ended: asyncio.Event = field(default_factory=asyncio.Event)
    has_gone: asyncio.Event = field(default_factory=asyncio.Event)
    _blocks: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        elif message["body"]:
            for block in message["body"].decode().split("\n\n")[:-1]:
                self._blocks.put_nowait(block)

    async def receive(self) -> Message:
        await self.has_gone.wait()
        return {"type": "http.disconnect"}

    async def block(self) -> str:
        return await self._blocks.get()

    async def event(self) -> dict[str, object]:
        """The next event's data, whose name is checked; comments are passed over."""
        while True:
            lines = (await self.block()).split("\n")
            if lines[0].startswith("event: "):
                data: dict[str, object] = json.loads(lines[1].removeprefix("data: "))
                assert lines == [f"event: {data['name']}", lines[1]]
                return data


@asynccontextmanager
async def listening(server: TerminalServer, query: str = "") -> AsyncIterator[Listener]:
    """From the line that says that nothing is missed any more."""
    listener = Listener()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": EVENTS,
        "raw_path": EVENTS.encode(),
        "query_string": query.encode(),
        "headers": [(b"authorization", server.http.headers["authorization"].encode())],
        "client": LOCAL,
        "server": ("127.0.0.1", 8000),
    }

    async def serve() -> None:
        try:
            await server.app(scope, listener.receive, listener.send)
        finally:
            listener.has_ended.set()

    serving = asyncio.ensure_future(serve())
    try:
        assert await listener.block() == "retry: 2000\n: listening"
        yield listener
    finally:
        listener.has_gone.set()
        await serving


def test_connections_and_activity_are_told() -> None:
    async def scenario(server: TerminalServer) -> None:
        async with listening(server) as listener:
            assert listener.status == 200
            assert listener.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert listener.headers["cache-control"] == "no-store"
            terminal = await server.connect()
            connected = await listener.event()
            assert (connected["name"], connected["serial_number"]) == ("connected", SN)
            facts = {"activity_id": 1, "name": "Ana\nØ", "time": "2026-05-04 12:00:00"}
            await server.parts.live.publish(TerminalEvent("activity", SN, NOON, facts))
            assert await listener.event() == {
                "name": "activity",
                "serial_number": SN,
                "at": "2026-05-04T12:00:00+00:00",
                "facts": facts,
            }
            await server.parts.live.detach(terminal)
            assert (await listener.event())["name"] == "disconnected"
        assert server.parts.streams.count == 0

    with_server(scenario, groups=GROUPS)


def test_filters() -> None:
    async def scenario(server: TerminalServer) -> None:
        async with listening(server, f"serial_number={SN}&name=activity&name=check") as listener:
            live = server.parts.live
            for name, number in (
                ("activity", "OTHER"),
                ("connected", SN),
                ("check", SN),
                ("missed", ""),
                ("activity", SN),
            ):
                await live.publish(TerminalEvent(name, number, NOON))
            names = [(await listener.event())["name"] for _ in range(3)]
            assert names == ["check", "missed", "activity"]

    with_server(scenario, groups=GROUPS)


def test_a_stopping_server_ends_streams_and_takes_no_new_ones() -> None:
    async def scenario(server: TerminalServer) -> None:
        async with listening(server) as listener:
            server.parts.streams.end_all()
            await listener.has_ended.wait()
            assert not listener.has_gone.is_set()
        assert error_of(await server.get(EVENTS)) == (503, "overloaded")

    with_server(scenario, groups=GROUPS)


def test_a_token_that_ends_ends_its_stream() -> None:
    async def scenario(server: TerminalServer) -> None:
        async with listening(server) as listener:
            assert await listener.block() == ": "
            server.access.revoke(server.token_id)
            await listener.has_ended.wait()

    with_server(scenario, groups=GROUPS, streams=EventStreams(sign_of_life_every_s=0.01))


def test_events_that_nobody_wants_do_not_keep_an_ended_token_alive() -> None:
    async def scenario(server: TerminalServer) -> None:
        async with listening(server, "name=check") as listener:
            server.access.revoke(server.token_id)
            while not listener.has_ended.is_set():
                await server.parts.live.publish(TerminalEvent("activity", SN, NOON))
                await asyncio.sleep(0.001)

    with_server(scenario, groups=GROUPS, streams=EventStreams(sign_of_life_every_s=0.01))


def test_no_event_is_lost_between_signs_of_life() -> None:
    async def scenario(server: TerminalServer) -> None:
        async with listening(server) as listener:

            async def publish() -> None:
                for number in range(100):
                    await server.parts.live.publish(TerminalEvent("activity", SN, NOON, {"number": number}))
                    await asyncio.sleep(0.0005)

            publishing = asyncio.ensure_future(publish())
            numbers = [(await listener.event())["facts"] for _ in range(100)]
            await publishing
            assert numbers == [{"number": number} for number in range(100)]

    with_server(scenario, groups=GROUPS, streams=EventStreams(sign_of_life_every_s=0.001))


def test_there_is_room_for_so_many() -> None:
    async def scenario(server: TerminalServer) -> None:
        async with listening(server), listening(server):
            full = await server.get(EVENTS)
            assert error_of(full) == (503, "overloaded")
            assert full.headers["retry-after"] == "10"
        async with listening(server) as listener:
            await server.parts.live.attach(ScriptedTerminal("SN1"))
            assert (await listener.event())["serial_number"] == "SN1"

    with_server(scenario, groups=GROUPS, streams=EventStreams(max_streams=2))


def test_bad_queries() -> None:
    async def scenario(server: TerminalServer) -> None:
        for query in ({"serial_number": "a b"}, {"colour": "red"}):
            assert error_of(await server.get(EVENTS, **query)) == (422, "invalid_input")

    with_server(scenario, groups=GROUPS)


def test_an_event_is_one_line_of_data() -> None:
    text = event_text(TerminalEvent("activity", SN, NOON, {"name": "a\r\nevent: forged\r\n\r\n\u2028"}))
    assert text.count("\n") == 3
    assert "\r" not in text
