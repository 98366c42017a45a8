"""How long to wait before a camera is tried again."""

from facegate.domain.cameras.status import VideoFault

LIVE_ENOUGH_S = 10.0
"""A stream that lasted so long starts the pauses anew; one that breaks at once does not."""

_PATIENT_FAULTS = frozenset({VideoFault.UNAUTHORIZED, VideoFault.REFUSED})
"""Trying again soon does not help, and many cameras lock the account after a few wrong passwords."""

_PATIENT_S = 120.0

_MAX_DOUBLINGS = 40


class ReconnectPauses:
    """Pauses double from `min_s` to `max_s`.

    Each is drawn from its upper half, so that cameras that were lost together do not come back together.
    """

    def __init__(self, min_s: float, max_s: float) -> None:
        self._min_s = min_s
        self._max_s = max_s
        self._failure_count = 0

    def next_s(self, fault: VideoFault, live_for_s: float, chance: float) -> float:
        """The pause after a connection that gave pictures for `live_for_s`; `chance` is random on 0..1."""
        if live_for_s >= LIVE_ENOUGH_S:
            self._failure_count = 0
        longest_s = min(self._max_s, self._min_s * 2.0 ** min(self._failure_count, _MAX_DOUBLINGS))
        self._failure_count += 1
        if fault in _PATIENT_FAULTS:
            longest_s = max(self._max_s, _PATIENT_S)
        return longest_s * (0.5 + 0.5 * chance)

    def restart(self) -> None:
        """Somebody asked for an attempt: the next pauses are short again."""
        self._failure_count = 0
