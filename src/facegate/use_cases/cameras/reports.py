"""What is told of cameras: visits that begin and end, and cameras that stay down and come back."""

from collections.abc import Sequence
from typing import Protocol

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.status import CameraStatus
from facegate.domain.cameras.visits import VisitChange


class VisitReports(Protocol):
    """Hears what happens at cameras, from several threads, of one camera one call at a time and in order.

    What it heard is durable when a method returns. Every method may raise StoreFailed: it is then called
    again later with the same facts, so that hearing them twice must do no harm.
    """

    def visits_changed(self, camera: Camera, changes: Sequence[VisitChange]) -> None:
        """Visits began, got a (better) name, or ended; in the order in which it happened."""
        ...

    def camera_down(self, camera: Camera, status: CameraStatus) -> None:
        """No picture came for so long that somebody should know; once per outage."""
        ...

    def camera_up(self, camera: Camera, status: CameraStatus, was_down_s: float | None) -> None:
        """Pictures come again after an outage that was told; `was_down_s` counts from its beginning.

        None with the first pictures since the server or the camera was started, whether or not there was an
        outage before.
        """
        ...
