"""What clients tell /v1 about cameras. No framework here."""

from datetime import time
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from facegate.domain.alerts.rules import AlertWho
from facegate.domain.cameras.camera import (
    DETECTION_SIDES_PX,
    MAX_FRAMES_PER_S,
    MAX_NICKNAME_CHARS,
    MAX_SOURCE_CHARS,
    MIN_FRAMES_PER_S,
    HardwareDecode,
    Transport,
)
from facegate.frontends.rest_v1.messages import SubjectIdInput

MAX_BODY_BYTES = 512 * 1024
"""A thousand ids of persons and fifty hours of a week are a lot, and allowed."""

MAX_PARTS = 5000

_Name = Annotated[str, Field(min_length=1, max_length=128)]


def _as_set(value: object) -> object:
    """JSON has lists only; a strict set takes none."""
    return (
        frozenset(value)
        if isinstance(value, list) and all(isinstance(v, str | int) for v in value)
        else value
    )


def _clock_time(value: object) -> object:
    """`08:00` or `08:00:00`; strict times are no texts otherwise."""
    try:
        return time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _choice(kind: type[HardwareDecode | Transport | AlertWho]) -> BeforeValidator:
    """A word of JSON as one of the choices, where strict validation takes none."""

    def chosen(value: object) -> object:
        return kind(value) if isinstance(value, str) and value in {one.value for one in kind} else value

    return BeforeValidator(chosen)


class Message(BaseModel):
    """Base of these messages: no field that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class HoursMessage(Message):
    """From `begins` until `ends`, local time, over midnight where it ends before it begins."""

    begins: Annotated[time, BeforeValidator(_clock_time)] = Field(examples=["08:00"])
    ends: Annotated[time, BeforeValidator(_clock_time)] = Field(examples=["18:00"])
    days: Annotated[frozenset[int], BeforeValidator(_as_set)] = Field(
        frozenset(range(7)), description="0 is Monday.", examples=[[0, 1, 2, 3, 4]]
    )


_Hours = Annotated[list[HoursMessage], Field(max_length=50)]


class WatchMessage(Message):
    """How the camera is looked at; what is not named keeps its value."""

    frames_per_s: float | None = Field(
        None, ge=MIN_FRAMES_PER_S, le=MAX_FRAMES_PER_S, description="Frames analysed per second."
    )
    detection_side_px: Annotated[int, Field(json_schema_extra={"enum": list(DETECTION_SIDES_PX)})] | None = (
        Field(None, description="Longer side of the picture in which faces are looked for.")
    )
    zone: Annotated[list[tuple[float, float]], Field(max_length=32)] | None = Field(
        None, description="Corners as fractions of width and height; null is the whole picture."
    )
    min_face_px: int | None = Field(
        None, ge=16, le=2000, description="Least height of a face in the camera's pixels."
    )
    threshold: float | None = Field(None, ge=0, le=1, description="Least calibrated confidence of a name.")
    votes_needed: int | None = Field(
        None, ge=1, le=30, description="Faces of one track that have to agree on a name."
    )
    leave_after_s: float | None = Field(None, ge=1, le=3600, description="A visit ends after so long unseen.")
    has_motion_gate: bool | None = Field(None, description="Look only while something moves.")
    checks_liveness: bool | None = None
    schedule: _Hours | None = Field(None, description="When the camera is watched; null is always.")
    transport: Annotated[Transport, _choice(Transport)] | None = None
    hardware_decode: Annotated[HardwareDecode, _choice(HardwareDecode)] | None = None


class AlertsMessage(Message):
    """Who is told of what; what is not named keeps its value."""

    who: Annotated[AlertWho, _choice(AlertWho)] | None = None
    subject_ids: Annotated[list[SubjectIdInput], Field(max_length=1000)] | None = Field(
        None, description="With `chosen`: whose visits are told."
    )
    groups: Annotated[list[_Name], Field(max_length=1000)] | None = Field(
        None, description="With `chosen`: groups whose persons' visits are told."
    )
    channel_ids: Annotated[list[_Name], Field(max_length=20)] | None = None
    cooldown_seconds: int | None = Field(
        None, ge=0, le=31_536_000, description="A person is told of once in so long; 0 is always."
    )
    once_per_day: bool | None = None
    quiet_hours: _Hours | None = Field(None, description="Nothing is sent then; null is never.")
    digest_after_quiet: bool | None = None
    digest_every_s: int | None = Field(
        None, ge=0, le=86_400, description="0 sends at once; otherwise at least 60."
    )
    tells_leaving: bool | None = None
    tells_health: bool | None = None
    sends_picture: bool | None = None


_Source = Annotated[str, Field(min_length=1, max_length=MAX_SOURCE_CHARS)]
_Nickname = Annotated[str, Field(min_length=1, max_length=MAX_NICKNAME_CHARS)]


class AddCameraMessage(Message):
    """A camera to watch."""

    nickname: _Nickname = Field(examples=["Front door"])
    source: _Source = Field(
        description="rtsp://, rtsps://, http://, https://, file:///… or webcam:0; it is never shown again.",
        examples=["rtsp://user:password@192.168.1.10:554/stream"],
        repr=False,
    )
    is_enabled: bool = True
    watch: WatchMessage = WatchMessage()
    alerts: AlertsMessage = AlertsMessage()


class ChangeCameraMessage(Message):
    """What changes; what is not named stays, the source too."""

    nickname: _Nickname | None = None
    source: _Source | None = Field(None, repr=False)
    watch: WatchMessage | None = None
    alerts: AlertsMessage | None = None


class TestSourceMessage(Message):
    """An address to try."""

    source: _Source = Field(repr=False)
    transport: Annotated[Transport, _choice(Transport)] = Transport.TCP
    hardware_decode: Annotated[HardwareDecode, _choice(HardwareDecode)] = HardwareDecode.NONE


class SnoozeMessage(Message):
    """Until when this camera raises no alert; both null ends it."""

    minutes: float | None = Field(None, gt=0, le=525_600)
    until: Annotated[AwareDatetime, Field(strict=False)] | None = None


class SnapshotQuery(Message):
    """How a live picture is wanted."""

    boxes: bool = Field(True, description="Draw faces and names.")
    max_side_px: int = Field(1280, ge=64, le=4096)


class PreviewQuery(SnapshotQuery):
    """How a live preview is wanted."""

    max_side_px: int = Field(960, ge=64, le=4096)
    fps: float = Field(4.0, ge=0.2, le=15.0, description="Pictures per second at most.")
