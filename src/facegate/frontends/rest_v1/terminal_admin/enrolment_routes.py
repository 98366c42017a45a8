"""The routes of /v1 for people whom terminals enrolled: a person looks before they come into the gallery."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from facegate.domain.terminals.codes import backup_number_label
from facegate.domain.terminals.enrolments import ReviewStatus, TerminalEnrolment
from facegate.frontends.rest_v1 import translate
from facegate.frontends.rest_v1.answers import AnswerModel, SubjectAnswer
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model
from facegate.frontends.rest_v1.terminal_admin.messages import AcceptEnrolmentMessage, EnrolmentQuery
from facegate.frontends.rest_v1.terminal_parts import (
    PRIVATE_HEADERS,
    EnrollId,
    SerialNumber,
    TerminalAdminParts,
    small_message,
)

_BackupNumber = Annotated[
    int, Path(ge=0, le=255, description="Which credential: 50 is the photo.", examples=[50])
]

_PNG_START = b"\x89PNG"


class EnrolmentAnswer(AnswerModel):
    """A credential of somebody whom a terminal enrolled. Of passwords, cards and fingers nothing is kept."""

    serial_number: str
    enroll_id: int
    backup_number: int
    credential: str = Field(description="What `backup_number` means, such as `photo` or `card`.")
    name: str
    is_administrator: bool = Field(description="Whether they can enter the terminal's menu.")
    status: ReviewStatus
    subject_id: str | None = Field(description="Who it is; null until accepted.")
    received_at: datetime
    decided_at: datetime | None


class EnrolmentList(AnswerModel):
    """Enrolments, oldest first."""

    enrolments: list[EnrolmentAnswer]


def add_terminal_enrolment_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    """List, look, accept, reject."""
    review, workers = parts.review, parts.store_workers
    place = "/terminals/enrolments/{serial_number}/{enroll_id}/{backup_number}"

    @router.get(
        "/terminals/enrolments",
        summary="List enrolments from terminals",
        description="Oldest first. `status=waiting` are those to be looked at.",
        responses={200: openapi_model(EnrolmentList, "The list."), **errors(422)},
    )
    async def list_enrolments(query: Annotated[EnrolmentQuery, Query()]) -> Response:
        def listed() -> Response:
            found = review.list(status=query.status, serial_number=query.serial_number, limit=query.limit)
            return json_answer(EnrolmentList(enrolments=[enrolment_answer(one) for one in found]))

        return await workers.run(listed)

    @router.get(
        f"{place}/photo",
        summary="Download the photo of an enrolment",
        description="As the terminal sent it. It is kept until the review alone; no cache may keep it.",
        responses={
            200: {"description": "The photo.", "content": {"image/jpeg": {}, "image/png": {}}},
            **errors(404, 422),
        },
        response_class=Response,
    )
    async def enrolment_photo(
        serial_number: SerialNumber, enroll_id: EnrollId, backup_number: _BackupNumber
    ) -> Response:
        photo = await workers.run(lambda: review.photo(serial_number, enroll_id, backup_number))
        return photo_answer(photo)

    @router.post(
        f"{place}/accept",
        summary="Take somebody into the gallery",
        description="Enrols the photo. Without `subject_id` it is a new person whose id is the number.",
        responses={
            200: openapi_model(SubjectAnswer, "The person in the gallery."),
            **errors(404, 409, 413, 415, 422),
        },
        openapi_extra=body_of(AcceptEnrolmentMessage, example={"subject_id": "ada"}, is_required=False),
    )
    async def accept_enrolment(
        serial_number: SerialNumber, enroll_id: EnrollId, backup_number: _BackupNumber, request: Request
    ) -> Response:
        message = await small_message(AcceptEnrolmentMessage, request)

        def accepted() -> Response:
            subject = review.accept(
                serial_number,
                enroll_id,
                backup_number,
                subject_id=message.subject_id,
                display_name=message.display_name,
                received_at=message.received_at,
            )
            return json_answer(translate.subject(subject))

        return await parts.engine_workers.run(accepted)

    @router.post(
        f"{place}/reject",
        summary="Refuse an enrolment",
        description="The photo is deleted. The person stays on the terminal: delete them there.",
        responses={200: openapi_model(EnrolmentAnswer, "As it is now."), **errors(404, 422)},
    )
    async def reject_enrolment(
        serial_number: SerialNumber, enroll_id: EnrollId, backup_number: _BackupNumber
    ) -> Response:
        return await workers.run(
            lambda: json_answer(enrolment_answer(review.reject(serial_number, enroll_id, backup_number)))
        )


def enrolment_answer(enrolment: TerminalEnrolment) -> EnrolmentAnswer:
    """An enrolment as it is answered."""
    return EnrolmentAnswer(
        serial_number=enrolment.serial_number,
        enroll_id=enrolment.enroll_id,
        backup_number=enrolment.backup_number,
        credential=backup_number_label(enrolment.backup_number),
        name=enrolment.name,
        is_administrator=enrolment.is_administrator,
        status=enrolment.status,
        subject_id=enrolment.subject_id,
        received_at=enrolment.received_at,
        decided_at=enrolment.decided_at,
    )


def photo_answer(photo: bytes) -> Response:
    """A photo that no cache keeps; terminals have JPEG and PNG."""
    media_type = "image/png" if photo.startswith(_PNG_START) else "image/jpeg"
    return Response(photo, media_type=media_type, headers=PRIVATE_HEADERS)
