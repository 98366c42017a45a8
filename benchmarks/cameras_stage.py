"""What every part of the measurement stands on: a server with people, a client of it, cameras to show it."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
from tests.bot_api.server import TOKEN, BotApiServer
from tests.real_pictures import RealPictures, default_picture_folder
from tests.rtsp_server.launcher import RtspServer

from benchmarks.cameras_clips import ENROLLED_PHOTO, SUBJECT_ID
from benchmarks.people import synthetic_people
from benchmarks.server_process import AUTHORIZATION, RunningServer, fill_gallery, running_server
from benchmarks.timing import available_cores

EMBEDDER = "sface"

_POLL_S = 0.05
_LIVE_LIMIT_S = 30.0

_SETTINGS = {
    "FACEGATE_CAMERAS__ALLOWED_PLACES": "loopback",
    "FACEGATE_NIGHTLY__ENABLED": "false",
}


class StageFailed(Exception):
    """The server or a camera did not do what the measurement stands on."""


@contextlib.contextmanager
def camera_server(gallery_size: int, **settings: str) -> Iterator[tuple[RunningServer, "CameraClient"]]:
    """A server of its own with so many strangers and the person of the clips enrolled."""
    with contextlib.ExitStack() as stack:
        data_folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if gallery_size:
            fill_gallery(data_folder, synthetic_people(EMBEDDER, gallery_size))
        server = stack.enter_context(
            running_server(data_folder, cores=available_cores(), settings={**_SETTINGS, **settings})
        )
        client = stack.enter_context(CameraClient(server).connected())
        client.enrol()
        yield server, client


class CameraClient:
    """The server's /v1 as far as cameras need it. Used by one thread at a time."""

    def __init__(self, server: RunningServer) -> None:
        self._http = httpx.Client(
            base_url=f"http://{server.host}:{server.port}", headers=AUTHORIZATION, timeout=30
        )

    @contextlib.contextmanager
    def connected(self) -> Iterator["CameraClient"]:
        """As long as the block runs."""
        with self._http:
            yield self

    def enrol(self) -> None:
        """Enrols the person of the clips by another photo."""
        photo = RealPictures(default_picture_folder()).read(ENROLLED_PHOTO)
        files = {"image": (ENROLLED_PHOTO, photo, "image/jpeg")}
        self._ask("POST", "/person", data={"action": "add", "person_id": SUBJECT_ID}, files=files)

    def add(
        self, nickname: str, source: str, watch: dict[str, Any], alerts: dict[str, Any] | None = None
    ) -> str:
        """A camera that is watched from now on; its id."""
        camera = {"nickname": nickname, "source": source, "watch": watch, "alerts": alerts or {}}
        return str(self._ask("POST", "/v1/cameras", json=camera)["camera_id"])

    def remove(self, camera_id: str) -> None:
        """Forgets the camera."""
        self._ask("DELETE", f"/v1/cameras/{camera_id}")

    def add_chat(self, api: BotApiServer, chat_id: str) -> str:
        """A Telegram chat that can be told; the channel's id."""
        api.chats[chat_id] = "private"
        channel = {
            "kind": "telegram",
            "name": f"Chat {chat_id}",
            "options": {"chat_id": chat_id},
            "secrets": {"token": TOKEN},
        }
        return str(self._ask("POST", "/v1/alerts/channels", json=channel)["channel_id"])

    def status(self, camera_id: str) -> dict[str, Any]:
        """How the camera is."""
        status: dict[str, Any] = self._ask("GET", f"/v1/cameras/{camera_id}")["status"]
        return status

    def statuses(self) -> dict[str, dict[str, Any]]:
        """How all cameras are."""
        cameras = self._ask("GET", "/v1/cameras")["cameras"]
        return {camera["camera_id"]: camera["status"] for camera in cameras}

    def messages(self) -> list[dict[str, Any]]:
        """The newest messages of the outbox."""
        messages: list[dict[str, Any]] = self._ask("GET", "/v1/alerts/messages?limit=500")["messages"]
        return messages

    def wait_until_live(self, *camera_ids: str, limit_s: float = _LIVE_LIMIT_S) -> float:
        """Until all of them give pictures; how long that took.

        Raises:
            StageFailed: not in time.
        """

        def are_live() -> bool:
            statuses = self.statuses()
            return all(statuses[camera_id]["state"] == "live" for camera_id in camera_ids)

        return wait_until(are_live, limit_s, "cameras are not live")

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        answer = self._http.request(method, path, **content)
        if not answer.is_success:
            raise StageFailed(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None


def wait_until(
    holds: Callable[[], bool], limit_s: float, otherwise: str, *, poll_s: float = _POLL_S
) -> float:
    """How long it took until that held.

    Raises:
        StageFailed: not in time.
    """
    start_s = time.monotonic()
    while not holds():
        if time.monotonic() - start_s > limit_s:
            raise StageFailed(f"after {limit_s:g} s {otherwise}")
        time.sleep(poll_s)
    return time.monotonic() - start_s


def process_of(server: RtspServer) -> psutil.Process:
    """Our child that listens on the port of this RTSP server.

    Raises:
        StageFailed: there is none.
    """
    for child in psutil.Process().children():
        if any(one.laddr.port == server.port for one in child.net_connections() if one.status == "LISTEN"):
            return child
    raise StageFailed("the RTSP server's process is not found")
