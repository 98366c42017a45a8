"""Several copies of one net, so that calls at the same time do not pass their memory to each other."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_GIVE_BACK_EVERY_S = 10.0
"""A camera that looks at an empty room sees small and large pictures in turn: giving back what a large one
took after each of them would mean to fetch it anew for the next."""


@dataclass(slots=True, eq=False)
class NetCopy:
    """One loaded net, and whether its memory has grown by a large picture."""

    session: Any
    has_grown: bool = False
    gave_back_at_s: float = float("-inf")

    def is_to_give_back(self, *, is_large: bool, now_s: float) -> bool:
        """Whether this call should leave the memory as small as it can be; `now_s` is monotonic."""
        self.has_grown |= is_large
        if not self.has_grown or now_s - self.gave_back_at_s < _GIVE_BACK_EVERY_S:
            return False
        self.has_grown, self.gave_back_at_s = False, now_s
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
