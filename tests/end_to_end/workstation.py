"""A workstation's agent for tests, on the `websockets` library: an independent client of the door."""

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.end_to_end.server_process import ServerProcess
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

LOG_IN_PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChAI9jU77wgAAAABJRU5ErkJggg=="
)
"""The 1 x 1 PNG of the contract's example."""

ANSWER_LIMIT_S = 30.0


class Workstation:
    """One connection of one user."""

    def __init__(self, socket: ClientConnection, user_name: str) -> None:
        self._socket = socket
        self._user_name = user_name

    def log_in(self) -> dict[str, Any]:
        """The answer to the tiny picture."""
        return self.send_message({"user_name": self._user_name, "image": LOG_IN_PICTURE})

    def show(self, picture: bytes, **fields: object) -> dict[str, Any]:
        """The answer to a picture."""
        image = base64.b64encode(picture).decode()
        return self.send_message({"user_name": self._user_name, "image": image, **fields})

    def send_message(self, message: object) -> dict[str, Any]:
        """The answer to a JSON message."""
        return self.send_raw(json.dumps(message))

    def send_raw(self, message: str | bytes) -> dict[str, Any]:
        """The answer to anything."""
        self._socket.send(message)
        return self.heard()

    def send_many(self, pictures: Sequence[bytes], count: int) -> None:
        """Sends without waiting for answers."""
        images = [base64.b64encode(picture).decode() for picture in pictures]
        for number in range(count):
            image = images[number % len(images)]
            self._socket.send(json.dumps({"user_name": self._user_name, "image": image}))

    def heard(self) -> dict[str, Any]:
        """The next message of the server."""
        answer: dict[str, Any] = json.loads(self._socket.recv(timeout=ANSWER_LIMIT_S))
        return answer

    def close_code(self) -> int | None:
        """How the server closes; what it still says before is passed over."""
        try:
            while True:
                self._socket.recv(timeout=ANSWER_LIMIT_S)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


@contextmanager
def connected(server: ServerProcess, user_name: str, **options: Any) -> Iterator[Workstation]:
    """A workstation with an open connection."""
    url = f"ws://127.0.0.1:{server.port}/ws"
    with connect(url, ping_interval=None, max_size=2**24, **options) as socket:
        yield Workstation(socket, user_name)
