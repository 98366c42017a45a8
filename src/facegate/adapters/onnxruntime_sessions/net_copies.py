"""Several copies of one net, so that calls at the same time do not pass their memory to each other."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_GIVE_BACK_AFTER_S = 10.0
"""Without a large picture. A camera that looks at an empty room sees small and large ones in turn: giving
back what a large one took (50 MB for 1280 x 960 px) would mean to fetch it anew for the next, which takes
half as long as the net itself."""


@dataclass(slots=True, eq=False)
class NetCopy:
    """One loaded net, and when its memory has last grown by a large picture."""

    session: Any
    last_large_at_s: float | None = None

    def is_to_give_back(self, *, is_large: bool, now_s: float) -> bool:
        """Whether this call should leave the memory as small as it can be; `now_s` is monotonic."""
        if is_large:
            self.last_large_at_s = now_s
        last_s = self.last_large_at_s
        if last_s is None or now_s - last_s < _GIVE_BACK_AFTER_S:
            return False
        self.last_large_at_s = None
        return True


class NetCopies:
    """Lends each call the copy that its thread used last, if nobody else uses it; else the least busy one.

    ONNX Runtime keeps the activations of a session in one arena. Two threads that run the same session, or
    two with one arena, write what the other core has just written (docs/engine.md has what that costs).
    Nobody waits: with more calls than copies some share one.
    """

    def __init__(self, sessions: Sequence[Any]) -> None:
        if not sessions:
            raise ValueError("at least one copy is needed")
        self._copies = tuple(NetCopy(session) for session in sessions)
        self._user_counts = [0] * len(sessions)
        self._lock = threading.Lock()
        self._last = threading.local()

    @contextmanager
    def least_busy(self) -> Iterator[NetCopy]:
        """A copy for one call."""
        counts = self._user_counts
        with self._lock:
            position: int = getattr(self._last, "position", 0)
            if counts[position]:
                position = min(range(len(counts)), key=counts.__getitem__)
            counts[position] += 1
        self._last.position = position
        try:
            yield self._copies[position]
        finally:
            with self._lock:
                counts[position] -= 1
