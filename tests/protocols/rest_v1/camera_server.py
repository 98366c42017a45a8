"""A whole server whose cameras show what a test decides, and whose Telegram is on this machine."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.bot_api.server import BotApiServer, bot_api
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.video import FakeCamera, FakeVideoSource
from tests.protocols.rest_v1 import calls
from tests.protocols.whole_server import Server, whole_server

from facegate.composition.watching.doors import WatchingDoors
from facegate.composition.watching.parts import Watching

PASSWORD = "geheim-7"

AT_ONCE = {"frames_per_s": 30, "votes_needed": 1, "has_motion_gate": False, "leave_after_s": 1}
"""Watched so that tests need not wait."""

_LIMIT_S = 20.0
_FRAME_EVERY_S = 0.034

_HOSTS = itertools.count(1)

Answer = dict[str, Any]


def new_source() -> str:
    """An address with a password that no other camera has."""
    return f"rtsp://admin:{PASSWORD}@10.0.0.{next(_HOSTS)}:554/stream"


@dataclass(frozen=True, slots=True)
class CameraServer:
    """The server with its cameras and its bot."""

    server: Server
    source: FakeVideoSource
    bot: BotApiServer

    @property
    def watching(self) -> Watching:
        watching = self.server.application.watching
        assert watching is not None
        return watching

    @property
    def doors(self) -> WatchingDoors:
        doors: WatchingDoors = self.server.app.state.watching
        return doors

    def call(self, method: str, path: str, body: object = None, **query: Any) -> httpx.Response:
        return self.server.client.request(method, f"/v1{path}", json=body, params=query or None)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.call("GET", path, **query)

    def post(self, path: str, body: object = None) -> httpx.Response:
        return self.call("POST", path, body)

    def ok(self, answer: httpx.Response, status: int = 200) -> Answer:
        """The body of an answer that has to be right, after a look for secrets."""
        assert answer.status_code == status, answer.text
        assert PASSWORD not in answer.text
        return dict(answer.json())

    def add(self, source: str | None = None, **fields: Any) -> Answer:
        """A camera that is watched at once; it shows nothing yet."""
        address = source or new_source()
        self.source.camera(address)
        body = {"nickname": "Gate", "source": address, "watch": AT_ONCE, **fields}
        return self.ok(self.post("/cameras", body), 201)

    def add_showing(self, **fields: Any) -> tuple[Answer, FakeCamera]:
        """A camera and what shows it its pictures."""
        source = new_source()
        camera = self.source.camera(source)
        return self.add(source, **fields), camera

    def status(self, camera: Answer) -> Answer:
        return dict(self.ok(self.get(f"/cameras/{camera['camera_id']}"))["status"])

    def events(self, camera: Answer, **query: Any) -> list[Answer]:
        """Of this camera, newest first."""
        return list(self.ok(self.get("/events", place_id=camera["camera_id"], **query))["events"])

    def show(self, camera: FakeCamera, *people: str | FakeFace, until: Callable[[], bool]) -> None:
        """Pictures of these people, one after the other, until it holds."""
        faces = [FakeFace(one) if isinstance(one, str) else one for one in people]
        ends_s = time.monotonic() + _LIMIT_S
        while not until():
            assert time.monotonic() < ends_s, "it did not happen in time"
            camera.show(fake_picture(*faces))
            time.sleep(_FRAME_EVERY_S)

    def visit(self, person: str | FakeFace, **fields: Any) -> tuple[Answer, Answer]:
        """Somebody comes to a new camera, which is then stopped: the camera and the event."""
        camera, shown = self.add_showing(**fields)
        self.show(shown, person, until=lambda: bool(self.events(camera, kind="seen")))
        self.ok(self.post(f"/cameras/{camera['camera_id']}/stop"))
        until(lambda: self.events(camera, kind="seen")[0]["ended_at"] is not None)
        return camera, self.events(camera, kind="seen")[0]

    def enrol(self, subject_id: str, *variants: int, **fields: Any) -> None:
        answer = calls.enrol(self.server, subject_id, *variants, **fields)
        assert answer.status_code == 201, answer.text

    def empty(self) -> None:
        """No cameras, no channels, nobody enrolled."""
        for camera in self.watching.register.list_cameras():
            self.watching.register.delete(camera.camera_id)
        for channel in self.watching.channels.list_channels():
            self.watching.channels.delete(channel.channel_id)
        gallery = self.server.application.gallery
        for subject in gallery.list_subjects():
            gallery.remove_subject(subject.subject_id)
        self.server.detector.failure = None
        self.bot.faults.clear()
        self.bot.sent.clear()
        self.bot.updates.clear()


def until(holds: Callable[[], bool]) -> None:
    """Returns as soon as it holds; a test fails when it does not in time."""
    ends_s = time.monotonic() + _LIMIT_S
    while not holds():
        assert time.monotonic() < ends_s, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def camera_server(data_folder: Path, **settings: object) -> Iterator[CameraServer]:
    """Starts it; reconnecting and delivering take next to no time. Settings by dotted path with `__`."""
    source = FakeVideoSource()
    with bot_api() as bot:
        chosen = {
            "alerts.telegram_api_url": bot.url,
            "cameras.reconnect_min_s": "0.1",
            "cameras.down_after_s": "0.3",
            **{name.replace("__", "."): value for name, value in settings.items()},
        }
        with whole_server(data_folder, chosen, is_serving=True, video_source=source) as server:
            yield CameraServer(server, source, bot)
