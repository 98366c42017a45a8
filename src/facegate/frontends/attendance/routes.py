"""The attendance door's routes: read, hand over to workers, write."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import psutil
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse

from facegate.domain.access import Door
from facegate.domain.errors import StoreFailed
from facegate.frontends.attendance import errors, translate
from facegate.frontends.attendance.messages import (
    DeletedMessage,
    FailureMessage,
    HealthMessage,
    NotRecognizedMessage,
    RecognizeBody,
    RecognizedMessage,
    RegisteredMessage,
    RegisterFaceBody,
    ServerInfo,
    StatsMessage,
    StatusMessage,
)
from facegate.frontends.attendance.translate import AttendanceOptions
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.answering_route import answering_route
from facegate.frontends.wire.images import decode_base64_image
from facegate.frontends.wire.json_bodies import read_json_body
from facegate.frontends.wire.json_messages import message_from_json
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.enrol_photos import EnrolPhotos
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.identify_faces import IdentifyFaces

_CPU_INTERVAL_S = 0.1


class TimeOfDay(Protocol):
    """What this door needs of a clock."""

    def now_local(self) -> datetime:
        """Aware, in the server's zone."""
        ...


@dataclass(frozen=True, slots=True)
class AttendanceParts:
    """What the attendance door stands on."""

    enrol_photos: EnrolPhotos
    identify_faces: IdentifyFaces
    gallery: Gallery
    gate: AccessGate
    engine_workers: BoundedWorkers
    store_workers: BoundedWorkers
    clock: TimeOfDay
    options: AttendanceOptions


def make_router(parts: AttendanceParts) -> APIRouter:
    """The six routes of the contract."""
    router = APIRouter(
        route_class=answering_route(errors.answer, admit=parts.gate.guard(Door.ATTENDANCE)),
        tags=["attendance"],
        responses=_failures(400, 401, 403, 422, 429, 500, 503),
    )
    _add_face_routes(router, parts)
    _add_state_routes(router, parts)
    return router


def _add_face_routes(router: APIRouter, parts: AttendanceParts) -> None:
    options = parts.options

    @router.post(
        "/register-face",
        response_model=RegisteredMessage,
        responses=_failures(413),
        openapi_extra=_json_body(RegisterFaceBody),
    )
    async def register_face(request: Request) -> JSONResponse:
        """Registers the one face of a photo for a user."""
        content = await read_json_body(request)

        def register() -> RegisteredMessage:
            body = message_from_json(RegisterFaceBody, content)
            subject_id = translate.parse_user_id(body.user_id)
            encoded = decode_base64_image(body.photo, max_bytes=options.max_image_bytes, field="photo")
            enrolment = translate.enrolment_request(subject_id, encoded, options)
            return translate.registered_message(parts.enrol_photos(enrolment))

        return _as_json(await parts.engine_workers.run(register))

    @router.post(
        "/recognize",
        response_model=RecognizedMessage | NotRecognizedMessage,
        responses=_failures(413),
        openapi_extra=_json_body(RecognizeBody),
    )
    async def recognize(request: Request) -> JSONResponse:
        """Names the largest face of a photo."""
        content = await read_json_body(request)

        def look_up() -> RecognizedMessage | NotRecognizedMessage:
            body = message_from_json(RecognizeBody, content)
            encoded = decode_base64_image(body.photo, max_bytes=options.max_image_bytes, field="photo")
            result = parts.identify_faces(translate.recognition_request(encoded, options))
            return translate.recognition_message(result, parts.clock.now_local())

        return _as_json(await parts.engine_workers.run(look_up))

    @router.get("/status/{user_id:id}", response_model=StatusMessage)
    async def status(user_id: str) -> JSONResponse:
        """Whether a user has registered faces, and how many."""
        subject_id = translate.parse_user_id(user_id)
        templates = await parts.store_workers.run(lambda: parts.gallery.templates_of(subject_id))
        return _as_json(translate.status_message(subject_id, templates, parts.gallery.model_id))

    @router.delete("/face/{user_id:id}", response_model=DeletedMessage, responses=_failures(404))
    async def delete_face(user_id: str) -> JSONResponse:
        """Removes a user with everything that belongs to them, at every door."""
        subject_id = translate.parse_user_id(user_id)
        await parts.store_workers.run(lambda: parts.gallery.remove_subject(subject_id))
        return _as_json(DeletedMessage(user_id=translate.shown_user_id(subject_id)))


def _add_state_routes(router: APIRouter, parts: AttendanceParts) -> None:
    options, gallery = parts.options, parts.gallery

    @router.head("/health", include_in_schema=False)
    @router.get("/health", response_model=HealthMessage)
    async def health() -> JSONResponse:
        """Whether the server is online, with its main figures."""
        counts = await parts.store_workers.run(gallery.counts)
        return _as_json(
            translate.health_message(
                counts, tolerance=gallery.policy.tolerance, now=parts.clock.now_local(), options=options
            )
        )

    @router.get("/stats", response_model=StatsMessage)
    async def stats() -> JSONResponse:
        """Figures of the gallery and of the machine."""
        counts = await parts.store_workers.run(gallery.counts)
        return _as_json(
            translate.stats_message(
                counts,
                model_id=gallery.model_id,
                tolerance=gallery.policy.tolerance,
                server_info=await parts.store_workers.run(lambda: _server_info(options)),
                options=options,
            )
        )


def _server_info(options: AttendanceOptions) -> ServerInfo:
    """Load of the machine over a tenth of a second; disk usage where the data folder lies."""
    try:
        disk_usage = psutil.disk_usage(str(options.data_folder)).percent
    except OSError as error:
        raise StoreFailed("the data folder cannot be looked at") from error
    return ServerInfo(
        # Without an interval psutil measures since this thread's last question, and says 0 at its first.
        cpu_percent=psutil.cpu_percent(interval=_CPU_INTERVAL_S),
        memory_percent=psutil.virtual_memory().percent,
        disk_usage=disk_usage,
    )


def _as_json(message: BaseModel) -> JSONResponse:
    return JSONResponse(message.model_dump())


def _json_body(model: type[BaseModel]) -> dict[str, Any]:
    """For the OpenAPI description: the body that the route reads by hand."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


def _failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI description: these statuses are answered in the door's failure form."""
    return {status: {"model": FailureMessage} for status in statuses}
