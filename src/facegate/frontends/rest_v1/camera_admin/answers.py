"""What /v1 answers about cameras. A source is shown without its user, password and tokens."""

from collections.abc import Mapping
from datetime import datetime, time

from pydantic import Field

from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.camera import Camera, HardwareDecode, Transport, WatchSettings
from facegate.domain.cameras.sources import masked_source
from facegate.domain.cameras.status import CameraState, CameraStatus, StreamInfo, VideoFault
from facegate.domain.cameras.weekly_schedule import WeeklySchedule
from facegate.frontends.rest_v1.answers import AnswerModel, Picture

_DECIMALS = 2


class Hours(AnswerModel):
    """Local time; over midnight where it ends before it begins."""

    begins: str
    ends: str
    days: list[int] = Field(description="0 is Monday.")


class Watch(AnswerModel):
    """How the camera is looked at."""

    frames_per_s: float
    detection_side_px: int
    zone: list[tuple[float, float]] | None
    min_face_px: int
    threshold: float
    votes_needed: int
    leave_after_s: float
    has_motion_gate: bool
    checks_liveness: bool
    schedule: list[Hours] | None
    transport: Transport
    hardware_decode: HardwareDecode


class Alerts(AnswerModel):
    """Who is told of what."""

    who: AlertWho
    subject_ids: list[str]
    groups: list[str]
    channel_ids: list[str]
    cooldown_seconds: int
    once_per_day: bool
    quiet_hours: list[Hours] | None
    digest_after_quiet: bool
    digest_every_s: int
    snoozed_until: datetime | None
    tells_leaving: bool
    tells_health: bool
    sends_picture: bool


class Stream(AnswerModel):
    """What the stream says of itself."""

    codec: str
    size: Picture
    frames_per_s: float | None
    decoder: str


class Counts(AnswerModel):
    """Frames since the camera was started: each that was decoded was analysed or dropped, for one reason."""

    decoded: int
    analysed: int
    not_due: int
    superseded: int
    still: int
    failed: int


class Status(AnswerModel):
    """How the camera is now."""

    state: CameraState
    since: datetime
    fault: VideoFault | None
    trouble: str | None = Field(description="Why no picture comes, for people; null while all is well.")
    stream: Stream | None
    last_frame_at: datetime | None
    frames_per_s: float
    analysed_per_s: float
    latency_ms: float | None = Field(description="From frame to verdict.")
    reconnect_count: int
    next_attempt_at: datetime | None
    people_count: int
    counts: Counts


class CameraAnswer(AnswerModel):
    """A camera with how it is."""

    camera_id: str
    nickname: str
    source: str = Field(description="Without secrets.", examples=["rtsp://***@192.168.1.10:554/stream"])
    is_enabled: bool
    watch: Watch
    alerts: Alerts
    status: Status | None = Field(description="null where cameras are switched off.")
    created_at: datetime
    updated_at: datetime


class CameraList(AnswerModel):
    """All cameras, oldest first."""

    cameras: list[CameraAnswer]


class SourceTest(AnswerModel):
    """An address that gives pictures."""

    stream: Stream
    took_ms: float = Field(description="From connecting to the first picture.")


def camera_answer(camera: Camera, status: CameraStatus | None) -> CameraAnswer:
    """The camera as it may be shown."""
    return CameraAnswer(
        camera_id=camera.camera_id,
        nickname=camera.nickname,
        source=masked_source(camera.source),
        is_enabled=camera.is_enabled,
        watch=_watch(camera.watch),
        alerts=_alerts(camera.alerts),
        status=None if status is None else _status(status),
        created_at=camera.created_at,
        updated_at=camera.updated_at,
    )


def camera_list(cameras: list[Camera], statuses: Mapping[str, CameraStatus]) -> CameraList:
    """All of them."""
    return CameraList(cameras=[camera_answer(one, statuses.get(one.camera_id)) for one in cameras])


def stream_answer(info: StreamInfo) -> Stream:
    """What the stream says of itself."""
    return Stream(
        codec=info.codec,
        size=Picture(width_px=info.size.width_px, height_px=info.size.height_px),
        frames_per_s=info.frames_per_s,
        decoder=info.decoder,
    )


def _watch(watch: WatchSettings) -> Watch:
    return Watch(
        frames_per_s=watch.frames_per_s,
        detection_side_px=watch.detection_side_px,
        zone=None if watch.zone is None else list(watch.zone.corners),
        min_face_px=watch.min_face_px,
        threshold=watch.threshold,
        votes_needed=watch.votes_needed,
        leave_after_s=watch.leave_after_s,
        has_motion_gate=watch.has_motion_gate,
        checks_liveness=watch.checks_liveness,
        schedule=_hours(watch.schedule),
        transport=watch.transport,
        hardware_decode=watch.hardware_decode,
    )


def _alerts(rule: AlertRule) -> Alerts:
    return Alerts(
        who=rule.who,
        subject_ids=sorted(rule.subject_ids),
        groups=sorted(rule.groups),
        channel_ids=list(rule.channel_ids),
        cooldown_seconds=rule.cooldown_s,
        once_per_day=rule.once_per_day,
        quiet_hours=_hours(rule.quiet_hours),
        digest_after_quiet=rule.digest_after_quiet,
        digest_every_s=rule.digest_every_s,
        snoozed_until=rule.snoozed_until,
        tells_leaving=rule.tells_leaving,
        tells_health=rule.tells_health,
        sends_picture=rule.sends_picture,
    )


def _hours(schedule: WeeklySchedule | None) -> list[Hours] | None:
    if schedule is None:
        return None
    return [
        Hours(begins=_clock(one.begins), ends=_clock(one.ends), days=sorted(one.days))
        for one in schedule.hours
    ]


def _clock(at: time) -> str:
    """`08:00`; with seconds where there are any."""
    return at.isoformat("auto" if at.second or at.microsecond else "minutes")


def _status(status: CameraStatus) -> Status:
    counts = status.counts
    return Status(
        state=status.state,
        since=status.since,
        fault=status.fault,
        trouble=status.trouble or None,
        stream=None if status.stream is None else stream_answer(status.stream),
        last_frame_at=status.last_frame_at,
        frames_per_s=round(status.frames_per_s, _DECIMALS),
        analysed_per_s=round(status.analysed_per_s, _DECIMALS),
        latency_ms=None if status.latency_ms is None else round(status.latency_ms, 1),
        reconnect_count=status.reconnect_count,
        next_attempt_at=status.next_attempt_at,
        people_count=status.people_count,
        counts=Counts(
            decoded=counts.decoded,
            analysed=counts.analysed,
            not_due=counts.not_due,
            superseded=counts.superseded,
            still=counts.still,
            failed=counts.failed,
        ),
    )
