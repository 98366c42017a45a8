"""The persons door's routes: reads the form, hands over to workers, writes."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse

from facegate.domain.access import Door
from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.frontends.persons import errors, translate
from facegate.frontends.persons.camera_messages import CameraStatusMessage
from facegate.frontends.persons.camera_routes import PersonsCameras, add_camera_routes, camera_status
from facegate.frontends.persons.form_description import PERSON_FORM
from facegate.frontends.persons.messages import (
    FIELD_REQUIRED,
    Action,
    AddedMessage,
    DetailMessage,
    FieldProblemsMessage,
    PersonsMessage,
    RemovedMessage,
    RetrievedMessage,
)
from facegate.frontends.persons.translate import PersonsOptions, SentFile
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.answering_route import answering_route
from facegate.frontends.wire.forms import FormLimits, open_form
from facegate.frontends.wire.images import read_upload
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.enrol_photos import EnrolPhotos
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.identify_faces import IdentifyFaces

_MAX_FIELDS = 16


@dataclass(frozen=True, slots=True)
class PersonsParts:
    """What the persons door stands on."""

    enrol_photos: EnrolPhotos
    identify_faces: IdentifyFaces
    gallery: Gallery
    gate: AccessGate
    engine_workers: BoundedWorkers
    store_workers: BoundedWorkers
    options: PersonsOptions
    cameras: PersonsCameras | None = None


def make_router(parts: PersonsParts) -> APIRouter:
    """The routes of the contract."""
    router = APIRouter(
        route_class=answering_route(errors.answer, admit=parts.gate.guard(Door.PERSONS)),
        tags=["persons"],
        responses=_details(401, 403, 429, 500, 503),
    )

    @router.get("/persons", response_model=PersonsMessage)
    async def list_persons() -> JSONResponse:
        """Everybody who is enrolled, with the number of embeddings."""
        # The answer is written out on the worker too: a large gallery would hold up the event loop.
        return await parts.store_workers.run(
            lambda: _as_json(translate.persons_message(parts.gallery.list_subjects()))
        )

    @router.post(
        "/person",
        response_model=AddedMessage | RetrievedMessage | RemovedMessage | CameraStatusMessage,
        responses={**_details(400, 404, 413, 415, 501), 422: {"model": FieldProblemsMessage | AddedMessage}},
        openapi_extra=PERSON_FORM,
    )
    async def person(request: Request) -> JSONResponse:
        """Adds photos of a person, names a face, removes a person or tells how a camera is, by `action`."""
        async with open_form(request, FormLimits(parts.options.max_files, _MAX_FIELDS)) as form:
            match translate.parse_action(_text(form, "action")):
                case Action.ADD:
                    return await _add(form, parts)
                case Action.RETRIEVE:
                    return await _retrieve(form, parts)
                case Action.REMOVE:
                    return await _remove(form, parts)
                case Action.CAMERA_STATUS:
                    return await camera_status(_text(form, "camera_id"), parts.cameras)

    add_camera_routes(router, parts.cameras)
    return router


async def _add(form: FormData, parts: PersonsParts) -> JSONResponse:
    person_id, was_generated = translate.person_id_or_new(_text(form, "person_id"))
    files = await _files(form, parts.options)

    def add() -> AddedMessage:
        result = parts.enrol_photos(translate.enrolment_request(person_id, files, parts.options))
        known = parts.gallery.find_subject(person_id) if result.outcome is None else None
        return translate.added_message(result, files, was_generated=was_generated, known=known)

    message = await parts.engine_workers.run(add)
    return _as_json(message, 200 if message.added else 422)


async def _retrieve(form: FormData, parts: PersonsParts) -> JSONResponse:
    files = await _files(form, parts.options)
    if len(files) > 1:
        raise InvalidInput("send one image to retrieve; several were sent", field="image")
    content = files[0].content
    if not isinstance(content, bytes):
        raise content
    request = translate.retrieval_request(content, parts.options)
    return _as_json(
        await parts.engine_workers.run(lambda: translate.retrieved_message(parts.identify_faces(request)))
    )


async def _remove(form: FormData, parts: PersonsParts) -> JSONResponse:
    person_id = translate.parse_person_id(_text(form, "person_id"))
    await parts.store_workers.run(lambda: parts.gallery.remove_subject(person_id))
    return _as_json(RemovedMessage(removed=True, person_id=person_id))


async def _files(form: FormData, options: PersonsOptions) -> list[SentFile]:
    """Every `image` in the order sent; one that is too large is kept as its error."""
    files = []
    for place, item in enumerate(form.getlist("image"), start=1):
        if not isinstance(item, UploadFile):
            raise InvalidInput("image must be sent as a file", field="image")
        try:
            content: bytes | ImageTooLarge = await read_upload(item, max_bytes=options.max_image_bytes)
        except ImageTooLarge as error:
            content = error
        files.append(SentFile(item.filename or f"image {place}", content))
    if not files:
        raise InvalidInput(FIELD_REQUIRED, field="image")
    return files


def _text(form: FormData, field: str) -> str | None:
    value = form.get(field)
    if isinstance(value, UploadFile):
        raise InvalidInput(f"{field} must be sent as text, not as a file", field=field)
    return value


def _as_json(message: BaseModel, status: int = 200) -> JSONResponse:
    return JSONResponse(message.model_dump(), status_code=status)


def _details(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI description: these statuses are answered with one sentence."""
    return {status: {"model": DetailMessage} for status in statuses}
