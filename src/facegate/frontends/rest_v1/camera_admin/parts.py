"""What the routes of /v1 for cameras stand on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Path

from facegate.domain.cameras.status import CameraStatus
from facegate.domain.errors import CapabilityMissing
from facegate.frontends.rest_v1.camera_admin.previews import PreviewStreams
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.cameras.latest import LatestPicture
from facegate.use_cases.cameras.register import CameraRegister
from facegate.use_cases.cameras.runner import CameraRunner

DrawLatest = Callable[[LatestPicture, bool, int], bytes]
"""A JPEG of the picture, with its boxes or without, and no side longer than so many pixels."""

CameraId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,64}$", description="The camera's id.")]


@dataclass(frozen=True, slots=True)
class CameraAdminParts:
    """`runner` is None where cameras are switched off: they can be listed and changed all the same.

    `previews.end_all()` has to be called when the server stops.
    """

    register: CameraRegister
    runner: CameraRunner | None
    draw: DrawLatest
    now_utc: Callable[[], datetime]
    gate: AccessGate
    store_workers: BoundedWorkers
    engine_workers: BoundedWorkers
    test_workers: BoundedWorkers
    previews: PreviewStreams = field(default_factory=PreviewStreams)

    def running(self) -> CameraRunner:
        """The runner.

        Raises:
            CapabilityMissing: cameras are switched off.
        """
        if self.runner is None:
            raise CapabilityMissing(
                "cameras are switched off: start the server with FACEGATE_CAMERAS__ENABLED=true",
                capability="cameras",
            )
        return self.runner

    def statuses(self) -> dict[str, CameraStatus]:
        """How the cameras are, empty where they are switched off."""
        return {} if self.runner is None else self.runner.statuses()
