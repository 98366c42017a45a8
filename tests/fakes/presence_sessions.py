"""An open session of the presence door that writes down what it is told."""

import threading

from facegate.domain.presence.clients import PresenceClient


class RecordingSession:
    """A `SessionHandle` without a socket. Lists are in the order of the calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clients: list[PresenceClient | None] = []
        self.notes: list[str] = []
        self.replaced_count = 0

    def client_changed(self, client: PresenceClient | None) -> None:
        with self._lock:
            self.clients.append(client)

    def disconnect(self, note: str) -> None:
        with self._lock:
            self.notes.append(note)

    def replaced(self) -> None:
        with self._lock:
            self.replaced_count += 1
