"""The routes of /v1 that keep people of the gallery on terminals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from facegate.domain.subjects import parse_subject_id
from facegate.domain.terminals.enrolments import Placement, PlacementState
from facegate.frontends.rest_v1.answers import AnswerModel
from facegate.frontends.rest_v1.bodies import only_photo, read_body
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model
from facegate.frontends.rest_v1.terminal_admin.bodies import picture_body
from facegate.frontends.rest_v1.terminal_admin.messages import PlacementQuery, PlaceMessage, UnplaceMessage
from facegate.frontends.rest_v1.terminal_parts import SerialNumber, TerminalAdminParts, small_message


class PlacementAnswer(AnswerModel):
    """Somebody of the gallery on a terminal."""

    serial_number: str
    subject_id: str
    enroll_id: int = Field(description="Their number on terminals.")
    name: str
    state: PlacementState = Field(
        description="`wanted` and `unwanted` wait for the terminal, `placed` are there, `refused` need "
        "a look."
    )
    changed_at: datetime
    attempt_count: int
    last_error: str = Field(description="Why the last attempt failed; empty otherwise.")


class PlacementList(AnswerModel):
    """Placements, the oldest change first."""

    placements: list[PlacementAnswer]


class PlacementPage(AnswerModel):
    """Placements in order of serial number and number; `next_after` is null on the last page."""

    placements: list[PlacementAnswer]
    next_after: str | None


class DeliveryAnswer(AnswerModel):
    """What became of the people who waited for a terminal."""

    serial_number: str
    placed_count: int
    removed_count: int
    refused_count: int = Field(description="Photos that the terminal did not take: send others.")
    again_count: int = Field(description="People who will be tried again.")
    interruption: str = Field(description="Why the rest still waits; empty otherwise.")
    is_complete: bool


def add_terminal_placement_routes(router: APIRouter, parts: TerminalAdminParts) -> None:
    """List, place, remove, send what waits."""
    placing, workers = parts.placing, parts.store_workers
    placements_now = openapi_model(PlacementList, "What waits for the terminals now.")

    @router.get(
        "/terminals/placements",
        summary="List people on terminals",
        description="Whom we want where, and what the terminals made of it.",
        responses={200: openapi_model(PlacementPage, "One page."), **errors(422)},
    )
    async def list_placements(query: Annotated[PlacementQuery, Query()]) -> Response:
        subject_id = None if query.subject_id is None else parse_subject_id(query.subject_id)

        def listed() -> Response:
            found = placing.page(
                serial_number=query.serial_number,
                subject_id=subject_id,
                states=frozenset(query.state),
                after=None if query.after is None else _place_of(query.after),
                limit=query.limit + 1,
            )
            page = found[: query.limit]
            last = page[-1] if len(found) > query.limit else None
            next_after = None if last is None else f"{last.serial_number}/{last.enroll_id}"
            return json_answer(PlacementPage(placements=_answers(page), next_after=next_after))

        return await workers.run(listed)

    @router.post(
        "/terminals/placements",
        status_code=202,
        summary="Put somebody on terminals",
        description="Kept until each terminal has taken the photo and lists it; terminals that are away get "
        "it when they come back. Without a picture the one that the gallery kept is used, if it kept one. "
        "Whom the terminal knows by this number on its own is not overwritten: the placement is `refused`.",
        responses={202: placements_now, **errors(404, 413, 415, 422)},
        openapi_extra=picture_body(PlaceMessage, {"subject_id": "ada", "serial_numbers": ["ZXRB22001001"]}),
    )
    async def place(request: Request) -> Response:
        body = await read_body(request, max_image_bytes=parts.max_image_bytes)

        def placed() -> Response:
            message, photos = body.message(PlaceMessage, image_field="image")
            return _answer(
                placing.place(
                    parse_subject_id(message.subject_id),
                    message.serial_numbers,
                    only_photo(photos).encoded if photos else None,
                ),
                202,
            )

        return await parts.engine_workers.run(placed)

    @router.post(
        "/terminals/placements/remove",
        status_code=202,
        summary="Take somebody off terminals",
        description="They stay in the gallery. Who is removed from the gallery leaves the "
        "terminals by itself.",
        responses={202: placements_now, **errors(413, 422)},
        openapi_extra=body_of(UnplaceMessage, example={"subject_id": "ada"}),
    )
    async def remove(request: Request) -> Response:
        message = await small_message(UnplaceMessage, request)
        subject_id = parse_subject_id(message.subject_id)
        return await workers.run(lambda: _answer(placing.remove(subject_id, message.serial_numbers), 202))

    @router.post(
        "/terminals/{serial_number}/placements/send",
        summary="Tell a terminal now what waits for it",
        description="The server does so by itself; this waits until it is done.",
        responses={200: openapi_model(DeliveryAnswer, "What became of it."), **errors(404, 422)},
    )
    async def send(serial_number: SerialNumber) -> Response:
        parts.register.get(serial_number)
        report = await placing.run_for(serial_number)
        return json_answer(
            DeliveryAnswer(
                serial_number=report.serial_number,
                placed_count=report.placed_count,
                removed_count=report.removed_count,
                refused_count=report.refused_count,
                again_count=report.again_count,
                interruption=report.interruption,
                is_complete=report.is_complete,
            )
        )


def _place_of(after: str) -> tuple[str, int]:
    serial_number, _, enroll_id = after.partition("/")
    return serial_number, int(enroll_id)


def _answer(placements: Sequence[Placement], status: int) -> Response:
    return json_answer(PlacementList(placements=_answers(placements)), status)


def _answers(placements: Sequence[Placement]) -> list[PlacementAnswer]:
    return [
        PlacementAnswer(
            serial_number=one.serial_number,
            subject_id=one.subject_id,
            enroll_id=one.enroll_id,
            name=one.name,
            state=one.state,
            changed_at=one.changed_at,
            attempt_count=one.attempt_count,
            last_error=one.last_error,
        )
        for one in placements
    ]
