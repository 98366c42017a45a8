"""Listens to the server's events over /v1/events/stream and notes when each came."""

import http
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.cameras_stage import StageFailed, wait_until
from benchmarks.server_process import AUTHORIZATION, RunningServer

_PATH = "/v1/events/stream?door=cameras&kind=seen"
_LISTEN_LIMIT_S = 20.0
_DATA = b"data:"


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """A visit as it was told at `at_s` (monotonic); one that changes is told again."""

    at_s: float
    event_id: str
    camera_id: str
    subject_id: str | None


class EventListener:
    """Visits at cameras, in the order in which they were told. `missed_count` is how many were not."""

    def __init__(self, server: RunningServer) -> None:
        self._connection = http.client.HTTPConnection(server.host, server.port, timeout=None)
        self._is_listening = threading.Event()
        self._has_ended = threading.Event()
        self._refusal = ""
        self._is_closing = False
        self.events: list[HeardEvent] = []
        self.missed_count = 0

    @contextmanager
    def listening(self) -> Iterator["EventListener"]:
        """Hears everything that happens inside.

        Raises:
            StageFailed: the server does not let us listen, or ended the stream.
        """
        self._connection.connect()
        link: socket.socket = self._connection.sock
        thread = threading.Thread(target=self._listen, name="event-listener")
        thread.start()
        try:
            wait_until(self._has_begun, _LISTEN_LIMIT_S, "the event stream has not begun")
            yield self
            self._has_begun()
        finally:
            self._is_closing = True
            # A read that waits ends by it; closing alone would leave it waiting.
            link.shutdown(socket.SHUT_RDWR)
            thread.join()
            self._connection.close()

    def _has_begun(self) -> bool:
        if self._has_ended.is_set():
            raise StageFailed(f"the event stream has ended {self._refusal}")
        return self._is_listening.is_set()

    def _listen(self) -> None:
        try:
            self._connection.request("GET", _PATH, headers=AUTHORIZATION)
            response = self._connection.getresponse()
            if response.status != http.HTTPStatus.OK:
                self._refusal = f"with {response.status}"
                return
            while line := response.readline():
                self._heard(line.strip())
        except (OSError, http.client.HTTPException):
            if not self._is_closing:
                raise
        finally:
            self._has_ended.set()

    def _heard(self, line: bytes) -> None:
        at_s = time.monotonic()
        if line == b": listening":
            self._is_listening.set()
        if not line.startswith(_DATA):
            return
        told = json.loads(line.removeprefix(_DATA))
        if "event_id" in told:
            self.events.append(HeardEvent(at_s, told["event_id"], told["place_id"], told["subject_id"]))
        else:
            self.missed_count += int(told["count"])
