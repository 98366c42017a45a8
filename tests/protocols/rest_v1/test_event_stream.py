"""Listening to the history over /v1: server-sent events."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.camera_server import CameraServer
from tests.protocols.rest_v1.open_streams import OpenStream, open_stream
from tests.protocols.rest_v1.test_events import put

from facegate.domain.access import Door
from facegate.domain.events.event import EventDoor, EventKind, EventQuery
from facegate.domain.events.event_backlog import MAX_WAITING_EVENTS

STREAM = "/v1/events/stream"


async def next_event(stream: OpenStream) -> tuple[str, dict[str, Any]]:
    """Name and data; comments are passed over."""
    while True:
        block = (await stream.read_until(b"\n\n")).decode().strip("\n")
        lines = block.split("\n")
        if lines[0].startswith("event: "):
            assert len(lines) == 2
            return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


class Listening:
    """Opens streams at one server, each from the line that says that nothing is missed any more."""

    def __init__(self, cameras: CameraServer) -> None:
        self.cameras = cameras

    def run(self, scenario: Callable[[], Coroutine[None, None, None]]) -> None:
        asyncio.run(scenario())
        assert self.cameras.doors.events.streams.count == 0

    def open(self, query: str = "", authorization: str | None = None) -> Any:
        bearer = authorization or self.cameras.server.headers["Authorization"]
        return open_stream(self.cameras.server.app, f"{STREAM}?{query}", bearer)

    @staticmethod
    async def begun(stream: OpenStream) -> None:
        assert await stream.read_until(b"\n\n") == b"retry: 2000\n: listening\n\n"
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"


@pytest.fixture
def listening(cameras: CameraServer) -> Listening:
    return Listening(cameras)


def record(cameras: CameraServer, **fields: Any) -> str:
    """An event that is stored and told; its id."""
    event_id = put(cameras, **fields)
    event = cameras.watching.stores.events.find_event(event_id)
    assert event is not None
    cameras.watching.events.live.publish(event)
    return event_id


def test_two_listeners_hear_the_same(cameras: CameraServer, listening: Listening) -> None:
    async def scenario() -> None:
        async with listening.open() as first, listening.open() as second:
            for stream in (first, second):
                await listening.begun(stream)
            event_id = record(cameras, place_name="Hof\u2028\n", subject_id="ann")
            for stream in (first, second):
                name, data = await next_event(stream)
                assert (name, data["event_id"], data["place_name"]) == ("event", event_id, "Hof\u2028\n")
                assert data["display_name"] is None
            first.has_gone.set()
            await first.ended()
            record(cameras)
            assert (await next_event(second))[0] == "event"

    listening.run(scenario)


def test_a_visit_is_told_when_it_begins_and_when_it_ends(cameras: CameraServer, listening: Listening) -> None:
    cameras.enrol("ann")
    camera, shown = cameras.add_showing()
    of_camera = EventQuery(place_id=camera["camera_id"])

    async def scenario() -> None:
        async with listening.open(f"place_id={camera['camera_id']}&kind=seen") as stream:
            await listening.begun(stream)
            loop = asyncio.get_running_loop()
            showing = loop.run_in_executor(
                None,
                lambda: cameras.show(
                    shown, "ann", until=lambda: bool(cameras.watching.events.browse.count(of_camera))
                ),
            )
            _, began = await next_event(stream)
            await showing
            assert (began["subject_id"], began["ended_at"]) == ("ann", None)
            cameras.watching.register.stop(camera["camera_id"])
            while True:
                _, changed = await next_event(stream)
                assert changed["event_id"] == began["event_id"]
                if changed["ended_at"] is not None:
                    return

    listening.run(scenario)


def test_filters(cameras: CameraServer, listening: Listening) -> None:
    async def scenario() -> None:
        async with listening.open("door=presence&stranger=false&subject_id=ann") as stream:
            await listening.begun(stream)
            record(cameras, subject_id="ann")
            record(cameras, subject_id="bob", door=EventDoor.PRESENCE)
            wanted = record(cameras, subject_id="ann", door=EventDoor.PRESENCE, kind=EventKind.VIOLATION)
            assert (await next_event(stream))[1]["event_id"] == wanted

    listening.run(scenario)


def test_who_is_too_slow_is_told_how_much_was_missed(cameras: CameraServer, listening: Listening) -> None:
    async def scenario() -> None:
        async with listening.open() as stream:
            await listening.begun(stream)
            event_id = put(cameras)
            event = cameras.watching.stores.events.find_event(event_id)
            assert event is not None
            # All at once, while nobody on the loop can take any.
            for _ in range(MAX_WAITING_EVENTS + 7):
                cameras.watching.events.live.publish(event)
            for _ in range(MAX_WAITING_EVENTS):
                assert (await next_event(stream))[0] == "event"
            assert await next_event(stream) == ("missed", {"count": 7})

    listening.run(scenario)


def test_a_stream_ends_with_the_server(cameras: CameraServer, listening: Listening) -> None:
    async def scenario() -> None:
        async with listening.open() as stream:
            await listening.begun(stream)
            await cameras.doors.say_goodbye()
            await stream.ended()
            assert not stream.has_gone.is_set()
        refused = open_stream(cameras.server.app, STREAM, cameras.server.headers["Authorization"])
        async with refused as stream:
            await stream.ended()
            assert stream.status == 503

    try:
        listening.run(scenario)
    finally:
        # The server goes on for the other tests.
        for one in (cameras.doors.events.streams, cameras.doors.cameras.previews):
            one._is_stopping = False


def test_a_stream_ends_with_its_token(
    cameras: CameraServer, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras.doors.events.streams, "_sign_of_life_every_s", 0.01)
    access = cameras.server.application.access
    token = access.create("page", doors=[Door.REST_V1])

    async def scenario() -> None:
        async with listening.open("door=presence", f"Bearer {token.secret}") as stream:
            await listening.begun(stream)
            assert await stream.read_until(b"\n\n") == b": \n\n"
            access.revoke(token.record.token_id)
            await stream.ended()

    listening.run(scenario)


def test_there_is_room_for_so_many(
    cameras: CameraServer, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras.doors.events.streams, "_max_streams", 1)

    async def scenario() -> None:
        async with listening.open() as first:
            await listening.begun(first)
            async with listening.open() as second:
                await second.ended()
                assert (second.status, second.headers["retry-after"]) == (503, "10")
        async with listening.open() as third:
            await listening.begun(third)

    listening.run(scenario)


def test_without_a_token(cameras: CameraServer) -> None:
    answer = cameras.server.client.get(STREAM, headers={"Authorization": "Bearer nonsense"})
    assert error_of(answer) == (401, "not_authenticated")
