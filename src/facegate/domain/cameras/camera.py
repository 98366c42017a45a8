"""A camera as the operator wants it: where its picture comes from, what is looked for, who is told."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.weekly_schedule import WeeklySchedule
from facegate.domain.cameras.zones import Zone
from facegate.domain.errors import InvalidInput

MAX_NICKNAME_CHARS = 100
MAX_SOURCE_CHARS = 2048
MIN_FRAMES_PER_S, MAX_FRAMES_PER_S = 0.1, 30.0
DETECTION_SIDES_PX = (160, 320, 480, 640, 960, 1280)


class Transport(StrEnum):
    """How RTSP carries its pictures."""

    TCP = "tcp"
    UDP = "udp"


class HardwareDecode(StrEnum):
    """Who decodes the video. A device that is not there is told in the status; the processor then does it."""

    NONE = "none"
    AUTO = "auto"
    VAAPI = "vaapi"
    CUDA = "cuda"
    VIDEOTOOLBOX = "videotoolbox"
    D3D11VA = "d3d11va"


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How a camera is looked at.

    `min_face_px` is the least height of a face's box in pixels of the camera's picture. `threshold` is the
    least calibrated confidence for a name. A name is given when `votes_needed` faces of one track agree. A
    visit ends when the person was not seen for `leave_after_s`.
    """

    frames_per_s: float = 5.0
    detection_side_px: int = 640
    zone: Zone | None = None
    min_face_px: int = 40
    threshold: float = 0.5
    votes_needed: int = 3
    leave_after_s: float = 10.0
    has_motion_gate: bool = True
    checks_liveness: bool = False
    schedule: WeeklySchedule | None = None
    transport: Transport = Transport.TCP
    hardware_decode: HardwareDecode = HardwareDecode.NONE

    def __post_init__(self) -> None:
        checks = (
            ("frames_per_s", MIN_FRAMES_PER_S <= self.frames_per_s <= MAX_FRAMES_PER_S, "from 0.1 to 30"),
            (
                "detection_side_px",
                self.detection_side_px in DETECTION_SIDES_PX,
                "one of " + ", ".join(map(str, DETECTION_SIDES_PX)),
            ),
            ("min_face_px", 16 <= self.min_face_px <= 2000, "from 16 to 2000"),
            ("threshold", 0.0 <= self.threshold <= 1.0, "from 0 to 1"),
            ("votes_needed", 1 <= self.votes_needed <= 30, "from 1 to 30"),
            ("leave_after_s", 1.0 <= self.leave_after_s <= 3600.0, "from 1 to 3600"),
        )
        for name, is_right, allowed in checks:
            if not is_right:
                raise InvalidInput(f"{name} must be {allowed}", field=name)


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera. `source` is its address with user and password: stored encrypted, never shown or logged.

    An empty source could not be read from where it is kept: it has to be entered again.

    `is_enabled` is what the operator wants; whether pictures come is its status.
    """

    camera_id: str
    nickname: str
    source: str = field(repr=False)
    watch: WatchSettings
    alerts: AlertRule
    is_enabled: bool
    created_at: datetime
    updated_at: datetime


def new_camera_id() -> str:
    """A generated id, unique across nodes."""
    return uuid.uuid4().hex[:16]


def parse_nickname(text: str) -> str:
    """The name for people, trimmed, one line.

    Raises:
        InvalidInput: empty, too long or with control characters.
    """
    nickname = text.strip()
    if not nickname or len(nickname) > MAX_NICKNAME_CHARS or not nickname.isprintable():
        raise InvalidInput(
            f"camera_nickname must be 1 to {MAX_NICKNAME_CHARS} printable characters", field="camera_nickname"
        )
    return nickname
