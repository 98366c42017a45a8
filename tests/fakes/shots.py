"""Best shots in memory. The store passes the same contract suite as the real one."""

import re
import time
from collections.abc import Collection

from tests.fakes.terminal_people import Breakable

_EVENT_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class InMemoryShotStore(Breakable):
    """Shots in a dict; their age is told by the ids of their events."""

    def __init__(self) -> None:
        super().__init__()
        self.shots: dict[str, bytes] = {}

    def save(self, event_id: str, picture: bytes) -> None:
        self._check()
        if not _EVENT_ID.fullmatch(event_id):
            raise ValueError("the id of an event is 32 hex digits")
        with self._lock:
            self.shots[event_id] = picture

    def open_shot(self, event_id: str) -> bytes | None:
        self._check()
        return self.shots.get(event_id)

    def list_ids(self) -> list[str]:
        self._check()
        with self._lock:
            return sorted(self.shots)

    def delete(self, event_ids: Collection[str]) -> int:
        self._check()
        with self._lock:
            return sum(self.shots.pop(event_id, None) is not None for event_id in event_ids)

    def sweep(self, *, older_than_s: float, max_bytes: int) -> list[str]:
        self._check()
        oldest_kept_ms = (time.time() - older_than_s) * 1000
        with self._lock:
            gone = []
            for event_id in sorted(self.shots):
                is_old = int(event_id[:12], 16) < oldest_kept_ms
                if is_old or self.total_bytes() > max_bytes:
                    gone.append(event_id)
                    del self.shots[event_id]
            return gone

    def total_bytes(self) -> int:
        self._check()
        with self._lock:
            return sum(map(len, self.shots.values()))
