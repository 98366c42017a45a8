"""A video source whose frames move a clock that otherwise stands still, for rules about time."""

from collections import deque
from collections.abc import Callable, Iterable

from tests.fakes.gallery import FakeClock

from facegate.domain.cameras.status import StreamInfo, VideoFault
from facegate.domain.errors import CameraFailed
from facegate.domain.geometry import ImageSize
from facegate.ports.cameras.video_source import GrabbedFrame, VideoRequest

Step = tuple[float, GrabbedFrame | BaseException]
"""Seconds that pass, then the frame, or what grabbing raises."""


class TimedStream:
    """What is left of the source's steps; then the stream has ended."""

    info = StreamInfo("h264", ImageSize(64, 48), 25.0, "software")

    def __init__(self, source: "TimedSource") -> None:
        self._source = source

    def grab(self) -> GrabbedFrame:
        if not self._source.steps:
            raise CameraFailed("the file is over", fault=VideoFault.ENDED)
        seconds, step = self._source.steps.popleft()
        self._source.clock.advance(seconds)
        if isinstance(step, BaseException):
            raise step
        return step

    def close(self) -> None:
        self._source.closed_count += 1


class TimedSource:
    """Every stream goes on where the one before it broke off."""

    def __init__(self, clock: FakeClock, steps: Iterable[Step]) -> None:
        self.clock = clock
        self.steps = deque(steps)
        self.opened_count = self.closed_count = 0

    def open(self, request: VideoRequest, should_stop: Callable[[], bool] = lambda: False) -> TimedStream:
        self.opened_count += 1
        return TimedStream(self)
