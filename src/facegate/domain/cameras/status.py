"""How a camera is: told truthfully within ten seconds of any change."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from facegate.domain.geometry import ImageSize


class CameraState(StrEnum):
    """What a camera is doing."""

    STOPPED = "stopped"
    """The operator does not want it."""

    RESTING = "resting"
    """Outside its schedule."""

    CONNECTING = "connecting"
    LIVE = "live"
    FROZEN = "frozen"
    """It is connected, but the picture has not changed, or none has come, for too long."""

    DOWN = "down"
    """It cannot be reached or gives nothing that can be read; it is tried again."""

    ENDED = "ended"
    """A file that was played to its end."""


class VideoFault(StrEnum):
    """Why no picture comes."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    UNSUPPORTED = "unsupported"
    """A codec or format that cannot be decoded, or no video at all."""

    BROKEN = "broken"
    """Data that no picture can be made of."""

    FROZEN = "frozen"
    ENDED = "ended"
    REFUSED = "refused"
    """The address may not be used (any more)."""

    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What the stream says of itself. `frames_per_s` is None where it does not say."""

    codec: str
    size: ImageSize
    frames_per_s: float | None
    decoder: str
    """`software`, or the hardware that decodes."""


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Since the camera was started. Every frame that was decoded was analysed or dropped, and is counted.

    `not_due` were left out by the rate asked for, `superseded` by a newer one while the analysis was busy,
    `still` by the motion gate.
    """

    decoded: int = 0
    analysed: int = 0
    not_due: int = 0
    superseded: int = 0
    still: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """A camera now. `trouble` is one sentence without secrets; `latency_ms` frame read to analysis done."""

    camera_id: str
    state: CameraState
    since: datetime
    fault: VideoFault | None = None
    trouble: str = ""
    stream: StreamInfo | None = None
    last_frame_at: datetime | None = None
    frames_per_s: float = 0.0
    analysed_per_s: float = 0.0
    latency_ms: float | None = None
    reconnect_count: int = 0
    next_attempt_at: datetime | None = None
    counts: FrameCounts = FrameCounts()
    people_count: int = 0
