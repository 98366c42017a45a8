"""What ends every wait for a camera: the time allowed is over, or the stream is to stop."""

import time
from collections.abc import Callable

from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed

LOOK_EVERY_S = 0.1
"""How often waits ask; a stop is obeyed within a few of these."""


class Patience:
    """Shared by whoever waits for one camera, on any thread."""

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop
        self._until_s: float | None = None

    def allow(self, seconds: float) -> None:
        """The wait that begins now may take so long."""
        self._until_s = time.monotonic() + seconds

    def rest(self) -> None:
        """Nobody waits: time may pass."""
        self._until_s = None

    @property
    def remaining_s(self) -> float:
        """What is left of the time allowed; without end while nobody waits."""
        return float("inf") if self._until_s is None else max(0.0, self._until_s - time.monotonic())

    def check(self) -> None:
        """Raises CameraFailed: `timed_out` when the time is over, `ended` when the stream is to stop."""
        if self._should_stop():
            raise CameraFailed("the camera was told to stop", fault=VideoFault.ENDED)
        if self.remaining_s <= 0:
            raise CameraFailed("no picture came in time", fault=VideoFault.TIMED_OUT)
