"""From the persons door's camera jobs to the use case and back. No I/O."""

from collections.abc import Sequence

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.status import CameraStatus
from facegate.domain.errors import InvalidInput
from facegate.frontends.persons.camera_messages import (
    CameraJobMessage,
    CameraStatusMessage,
    ScheduledCamera,
    ScheduledMessage,
)
from facegate.use_cases.cameras.schedule_cameras import CameraJob

_RATE_DECIMALS = 2

_NAMES = {"token": "telegram_api_token", "chat_id": "telegram_chat_id"}
"""What this contract calls fields of a channel."""


def job_of(message: CameraJobMessage) -> CameraJob:
    """The job as sent."""
    return CameraJob(
        source=message.rtsp_link,
        nickname=message.camera_nickname,
        telegram_token=message.telegram_api_token.strip(),
        telegram_chat_id=message.telegram_chat_id,
        threshold=message.threshold,
        cooldown_s=message.cooldown_seconds,
    )


def as_sent(error: InvalidInput, *, is_list: bool) -> InvalidInput:
    """The complaint in the names of this contract; of a single job without its place."""
    place, _, name = (error.field or "").partition(".")
    if not place.isdecimal():
        return error
    own_name = _NAMES.get(name, name)
    message = error.message
    if own_name != name and message.startswith(name):
        message = own_name + message.removeprefix(name)
    steps = [place, own_name] if is_list else [own_name]
    return InvalidInput(message, field=".".join(step for step in steps if step) or "body")


def scheduled_message(cameras: Sequence[Camera]) -> ScheduledMessage:
    """Where each job went."""
    return ScheduledMessage(
        scheduled=[
            ScheduledCamera(camera_id=camera.camera_id, camera_nickname=camera.nickname) for camera in cameras
        ]
    )


def status_message(camera: Camera, status: CameraStatus) -> CameraStatusMessage:
    """How the camera is now."""
    return CameraStatusMessage(
        camera_id=camera.camera_id,
        camera_nickname=camera.nickname,
        status=status.state.value,
        since=status.since,
        error=status.trouble or None,
        last_frame_at=status.last_frame_at,
        frames_per_s=round(status.frames_per_s, _RATE_DECIMALS),
        analysed_per_s=round(status.analysed_per_s, _RATE_DECIMALS),
        people=status.people_count,
        reconnects=status.reconnect_count,
    )
