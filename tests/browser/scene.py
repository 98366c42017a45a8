"""What is there before a journey begins, put there over /v1; and what is asked of /v1 afterwards."""

import time
from collections.abc import Callable
from typing import Any

import httpx

WAIT_S = 40.0


class V1:
    """The server's own interface, as another program uses it."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self._client.get(path, params=query))

    def post(self, path: str, body: object | None = None) -> Any:
        return self._answer(self._client.post(path, json=body))

    def delete(self, path: str) -> None:
        self._answer(self._client.delete(path))

    def enrol(self, subject_id: str, name: str, photo: bytes) -> None:
        form = {"subject_id": subject_id, "display_name": name}
        files = [("images", ("photo.jpg", photo, "image/jpeg"))]
        self._answer(self._client.post("/enrol", data=form, files=files))

    def identify(self, picture: bytes) -> Any:
        return self._answer(self._client.post("/identify", files={"image": ("a.jpg", picture, "image/jpeg")}))

    def events(self, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/events", **query)["events"]
        return found

    def newest_event(self, **query: Any) -> dict[str, Any]:
        return self.events(limit=1, **query)[0]

    def clear(self) -> None:
        """Cameras first: they make events."""
        for camera in self.get("/cameras")["cameras"]:
            self.delete(f"/cameras/{camera['camera_id']}")
        for subject in self.get("/subjects")["subjects"]:
            self.delete(f"/subjects/{subject['subject_id']}")
        for channel in self.get("/alerts/channels")["channels"]:
            self.delete(f"/alerts/channels/{channel['channel_id']}")
        for event in self.events(review="pending", limit=500):
            self.post(f"/events/{event['event_id']}/dismiss")
        for terminal in self.get("/terminals")["terminals"]:
            self.delete(f"/terminals/{terminal['serial_number']}")

    def _answer(self, response: httpx.Response) -> Any:
        assert response.is_success, response.text
        return response.json() if response.content else None


def wait_until(holds: Callable[[], object], timeout_s: float = WAIT_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
