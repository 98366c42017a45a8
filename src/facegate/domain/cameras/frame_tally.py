"""Counting what becomes of frames, and how many there are a second."""

from collections import Counter, deque
from enum import StrEnum

from facegate.domain.cameras.status import FrameCounts

RATE_WINDOW_S = 10.0


class FrameFate(StrEnum):
    """What became of a decoded frame; the names of FrameCounts."""

    ANALYSED = "analysed"
    NOT_DUE = "not_due"
    SUPERSEDED = "superseded"
    STILL = "still"
    FAILED = "failed"


class FrameTally:
    """Counts each frame when it is decoded, and once more when its fate is known."""

    def __init__(self) -> None:
        self._decoded = 0
        self._fates: Counter[FrameFate] = Counter()

    def decoded(self) -> None:
        """One more frame; its fate is told later."""
        self._decoded += 1

    def settle(self, fate: FrameFate) -> None:
        """The fate of one of them."""
        self._fates[fate] += 1

    @property
    def open_count(self) -> int:
        """Frames whose fate is not known yet: one that waits and one that is being looked at, at most."""
        return self._decoded - self._fates.total()

    def counts(self) -> FrameCounts:
        """As they are now."""
        return FrameCounts(decoded=self._decoded, **{fate.value: self._fates[fate] for fate in FrameFate})


class RateMeter:
    """How often something happened, over the last ten seconds or since the meter was started."""

    def __init__(self, started_s: float) -> None:
        self._started_s = started_s
        self._times_s: deque[float] = deque()

    def mark(self, at_s: float) -> None:
        """It happened."""
        self._times_s.append(at_s)
        self._forget(at_s)

    def per_s(self, at_s: float) -> float:
        """Times a second, up to now."""
        self._forget(at_s)
        # Within the first second the number would be anything.
        return len(self._times_s) / max(1.0, min(RATE_WINDOW_S, at_s - self._started_s))

    def _forget(self, at_s: float) -> None:
        while self._times_s and self._times_s[0] <= at_s - RATE_WINDOW_S:
            self._times_s.popleft()
