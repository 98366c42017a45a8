"""The routes of the persons door for cameras."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.status import CameraStatus
from facegate.domain.errors import InvalidInput
from facegate.frontends.persons import translate_cameras
from facegate.frontends.persons.camera_messages import (
    MAX_JOBS,
    CameraJobMessage,
    CameraJobsMessage,
    CameraStatusMessage,
    ScheduledMessage,
)
from facegate.frontends.persons.messages import FIELD_REQUIRED, DetailMessage, FieldProblemsMessage
from facegate.frontends.wire.json_bodies import read_json_body
from facegate.frontends.wire.json_messages import message_from_json
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.cameras.schedule_cameras import ScheduleCameras

NO_CAMERAS = "cameras are switched off: start the server with FACEGATE_CAMERAS__ENABLED=true"

_MAX_BODY_BYTES = 512 * 1024
_PARTS_PER_JOB = 20
_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, slots=True)
class PersonsCameras:
    """What the door needs to schedule cameras and to tell how they are."""

    schedule: ScheduleCameras
    get_camera: Callable[[str], Camera]
    status: Callable[[str], CameraStatus]
    store_workers: BoundedWorkers


def add_camera_routes(router: APIRouter, cameras: PersonsCameras | None) -> None:
    """`POST /cameras/schedule`."""

    @router.post(
        "/cameras/schedule",
        response_model=ScheduledMessage,
        responses={
            400: {"model": DetailMessage},
            413: {"model": DetailMessage},
            422: {"model": FieldProblemsMessage | DetailMessage},
            501: {"model": DetailMessage},
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "oneOf": [
                                CameraJobMessage.model_json_schema(),
                                {
                                    "type": "array",
                                    "minItems": 1,
                                    "maxItems": MAX_JOBS,
                                    "items": CameraJobMessage.model_json_schema(),
                                },
                            ]
                        }
                    }
                },
            }
        },
    )
    async def schedule_cameras(request: Request) -> JSONResponse:
        """Schedules one camera or several, all or none; the same job again changes its camera."""
        if cameras is None:
            return JSONResponse(DetailMessage(detail=NO_CAMERAS).model_dump(), 501)
        content = await read_json_body(request, max_bytes=_MAX_BODY_BYTES)

        def schedule() -> ScheduledMessage:
            is_list = content.lstrip(_BEFORE_JSON)[:1] == b"["
            jobs = _jobs_in(content) if is_list else [message_from_json(CameraJobMessage, content)]
            try:
                scheduled = cameras.schedule([translate_cameras.job_of(job) for job in jobs])
            except InvalidInput as error:
                raise translate_cameras.as_sent(error, is_list=is_list) from error
            return translate_cameras.scheduled_message(scheduled)

        return JSONResponse((await cameras.store_workers.run(schedule)).model_dump())


def _jobs_in(content: bytes) -> list[CameraJobMessage]:
    return message_from_json(CameraJobsMessage, content, max_parts=MAX_JOBS * _PARTS_PER_JOB).root


async def camera_status(camera_id: str | None, cameras: PersonsCameras | None) -> JSONResponse:
    """Answer of `action=camera_status`.

    Raises:
        InvalidInput: no id was sent.
        CameraNotFound: there is no such camera.
    """
    if cameras is None:
        return JSONResponse(DetailMessage(detail=NO_CAMERAS).model_dump(), 501)
    if camera_id is None or not camera_id.strip():
        raise InvalidInput(FIELD_REQUIRED, field="camera_id")
    asked = camera_id.strip()

    def look_up() -> CameraStatusMessage:
        return translate_cameras.status_message(cameras.get_camera(asked), cameras.status(asked))

    return JSONResponse((await cameras.store_workers.run(look_up)).model_dump(mode="json"))
