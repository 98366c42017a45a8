"""What is kept of each client between its frames, and for how long."""

import threading
import weakref
from dataclasses import dataclass, field

from facegate.domain.presence.memory import ClientMemory
from facegate.domain.presence.reuse import Reuse, Sight

IDLE_FORGOTTEN_AFTER_S = 600.0

_SWEEP_INTERVAL_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Glanced:
    """A glance that was not enough: what it saw need not be looked for again. `scale` as in `SmallLook`.

    `request` is known again but not kept: its picture would stay where its turn never comes. Gone as soon as
    another frame of the client is looked at, so what was found to hold does.
    """

    request: weakref.ref[object]
    sight: Sight
    scale: float
    reuse: Reuse


@dataclass(slots=True, eq=False)
class Watch:
    """What is kept of one client: its last seconds, and the lock that keeps its frames apart."""

    used_s: float
    memory: ClientMemory = field(default_factory=ClientMemory)
    lock: threading.Lock = field(default_factory=threading.Lock)
    glanced: Glanced | None = None


class Watches:
    """The watch of every client. Safe from several threads.

    It is forgotten when none of the client's frames has come for ten minutes.
    """

    def __init__(self) -> None:
        self._watches: dict[str, Watch] = {}
        self._lock = threading.Lock()
        self._swept_s = float("-inf")

    def __len__(self) -> int:
        return len(self._watches)

    def of(self, client_id: str, now_s: float) -> Watch:
        """The client's watch, used now; an empty one for a client of which nothing is kept."""
        with self._lock:
            if now_s - self._swept_s >= _SWEEP_INTERVAL_S:
                least_s = now_s - IDLE_FORGOTTEN_AFTER_S
                self._watches = {key: kept for key, kept in self._watches.items() if kept.used_s >= least_s}
                self._swept_s = now_s
            watch = self._watches.setdefault(client_id, Watch(now_s))
            watch.used_s = max(watch.used_s, now_s)
            return watch

    def forget(self, client_id: str) -> None:
        """Drops what is kept of the client: its next frame is its first."""
        with self._lock:
            self._watches.pop(client_id, None)
