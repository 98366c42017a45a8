"""What looks at a camera's pictures, as the runner sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from facegate.domain.cameras.visits import VisitChange
from facegate.domain.images import Frame
from facegate.ports.cameras.frame_drawer import DrawnBox
from facegate.ports.cameras.video_source import GrabbedFrame, LumaPixels


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What was seen in one frame. `boxes` are in pixels of `frame`, the picture that was looked at."""

    frame: Frame
    boxes: tuple[DrawnBox, ...]
    people_count: int
    changes: tuple[VisitChange, ...]


class CameraWatcher(Protocol):
    """Looks at one camera's pictures and remembers who is there.

    `look`, `pass_time` and `end` are never called at the same time; `is_moving` may be, beside them, from the
    thread that reads the camera. `at` is the time of day in UTC, `at_s` a monotonic time, both of the moment
    when the frame was grabbed; that may lie a little before a `pass_time` already told. Any method may raise
    EngineFailed or StoreFailed: the next frame is looked at all the same.
    """

    def is_moving(self, luma: LumaPixels, at_s: float) -> bool:
        """Whether the frame is worth a look: something moved lately, a person is there, or it is time."""
        ...

    def look(self, grabbed: GrabbedFrame, at: datetime, at_s: float) -> Look:
        """Finds, follows and names the people of this frame."""
        ...

    def pass_time(self, at: datetime, at_s: float) -> tuple[VisitChange, ...]:
        """Time went by without a frame to look at: visits may end."""
        ...

    def end(self, at: datetime) -> tuple[VisitChange, ...]:
        """Ends every visit; the watcher is not used any more."""
        ...
