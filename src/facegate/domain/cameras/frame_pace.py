"""Which frames of a stream are looked at: as many a second as were asked for, evenly."""

_SLACK = 0.25
"""A frame may come this part of an interval early: else a camera that sends just as many frames as are
wanted, a little unevenly, would lose every other one."""


class FramePace:
    """A steady pace. What came late does not shift it; after a gap it starts anew, without a burst."""

    def __init__(self, frames_per_s: float) -> None:
        self.frames_per_s = frames_per_s
        self._interval_s = 1.0 / frames_per_s
        self._due_s: float | None = None

    def takes(self, at_s: float) -> bool:
        """Whether the frame of this moment is due; it counts as taken then."""
        due_s = self._due_s
        if due_s is not None and at_s < due_s - _SLACK * self._interval_s:
            return False
        if due_s is None or at_s >= due_s + self._interval_s:
            due_s = at_s
        self._due_s = due_s + self._interval_s
        return True
