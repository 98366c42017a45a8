"""One user before the presence door: enrolled, registered, and what their camera sees, answer by answer."""

import base64
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from benchmarks.server_process import AUTHORIZATION, RunningServer

PERIOD_S = 0.2
NO_ACTION = "NO_ACTION EMPTY_REASON"

_ANSWER_LIMIT_S = 30.0


class NotEnrolled(Exception):
    """The server refused the picture; the message says why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer: action and reason, whom the server saw, and the findings behind it, if it was an action.

    `sent_s` is when its frame was sent, in seconds after the first frame of the connection.
    """

    outcome: str
    actual_username: str
    findings: tuple[str, ...]
    sent_s: float


@dataclass(slots=True)
class Desk:
    """The server's side of a workstation: administration over HTTP, frames over the WebSocket."""

    server: RunningServer
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        base = f"http://{self.server.host}:{self.server.port}/v1"
        self.http = httpx.Client(base_url=base, headers=AUTHORIZATION, timeout=60)

    def enrol(self, subject_id: str, pictures: Sequence[bytes]) -> None:
        """A person of these pictures.

        Raises:
            NotEnrolled: the server refused them.
        """
        files = [("images", (f"{number}.img", one)) for number, one in enumerate(pictures)]
        answer = self.http.post("/enrol", data={"subject_id": subject_id, "min_quality": "0"}, files=files)
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise NotEnrolled(answer.json()["error"]["message"])
        answer.raise_for_status()

    def remove(self, subject_id: str) -> None:
        """The person and the client."""
        self.http.delete(f"/subjects/{subject_id}").raise_for_status()

    @contextmanager
    def user(self, user_name: str, pictures: Sequence[bytes]) -> Iterator[None]:
        """Enrolled and registered for as long as it lasts."""
        self.enrol(user_name, pictures)
        try:
            self.http.post("/presence/clients", json={"user_name": user_name}).raise_for_status()
            yield
        finally:
            self.remove(user_name)

    @contextmanager
    def camera_of(self, user_name: str) -> Iterator["OpenCamera"]:
        """A connection of the user."""
        url = f"ws://{self.server.host}:{self.server.port}/ws"
        with connect(url, ping_interval=None, compression=None, max_size=2**24) as socket:
            yield OpenCamera(self, socket, user_name)

    def findings(self, user_name: str) -> tuple[str, ...]:
        """What the last verdict of the user's session rests on."""
        answer = self.http.get("/presence/sessions").raise_for_status().json()
        verdicts = [s["last_verdict"] for s in answer["sessions"] if s["client_id"] == user_name]
        return tuple(_in_words(cue) for verdict in verdicts if verdict for cue in verdict["cues"])


class OpenCamera:
    """Shows five frames a second, or as many as the server answers."""

    def __init__(self, desk: Desk, socket: ClientConnection, user_name: str) -> None:
        self._desk = desk
        self._socket = socket
        self._user_name = user_name
        self._begun_s: float | None = None
        self._due_s = 0.0

    def show(self, picture: bytes) -> Heard:
        """Waits until the frame is due, sends it, and hears the answer."""
        now_s = time.perf_counter()
        if self._begun_s is None:
            self._begun_s = self._due_s = now_s
        time.sleep(max(0.0, self._due_s - now_s))
        sent_s = time.perf_counter()
        self._due_s = max(self._due_s, sent_s - PERIOD_S) + PERIOD_S
        image = base64.b64encode(picture).decode()
        self._socket.send(json.dumps({"user_name": self._user_name, "image": image}))
        answer: dict[str, Any] = json.loads(self._socket.recv(timeout=_ANSWER_LIMIT_S))
        outcome = f"{answer.get('action')} {answer.get('reason')}"
        findings = () if outcome == NO_ACTION else self._desk.findings(self._user_name)
        return Heard(outcome, str(answer.get("actual_username")), findings, sent_s - self._begun_s)


def _in_words(cue: dict[str, Any]) -> str:
    value, threshold = cue["value"], cue["threshold"]
    if value is None:
        return str(cue["finding"])
    return f"{cue['finding']} {value:.3f}" + ("" if threshold is None else f" ({threshold:.3f})")
