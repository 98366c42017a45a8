"""A recording is played as fast as it was made."""

import time

import av

from facegate.adapters.av_video.patience import LOOK_EVERY_S, Patience

_LONGEST_STEP_S = 10.0
"""Frames that lie further apart, or run backwards, begin a new clock: the recording jumps there."""

_USUAL_STEP_S = 0.04


class Pace:
    """Says when each frame is due; whoever is late is not made to wait."""

    def __init__(self, frames_per_s: float | None, patience: Patience) -> None:
        self._usual_step_s = 1 / frames_per_s if frames_per_s else _USUAL_STEP_S
        self._patience = patience
        self._began_s = 0.0
        self._first_s: float | None = None
        self._latest_s = 0.0

    def wait_for(self, frame: av.VideoFrame) -> None:
        """Returns when the frame is due.

        Raises:
            CameraFailed: told to stop.
        """
        at_s = self._latest_s + self._usual_step_s if frame.time is None else float(frame.time)
        if self._first_s is None or not 0 <= at_s - self._latest_s <= _LONGEST_STEP_S:
            self._first_s = at_s
            self._began_s = time.monotonic()
        self._latest_s = at_s
        due_s = self._began_s + at_s - self._first_s
        while (rest_s := due_s - time.monotonic()) > 0:
            self._patience.check()
            time.sleep(min(rest_s, LOOK_EVERY_S))
