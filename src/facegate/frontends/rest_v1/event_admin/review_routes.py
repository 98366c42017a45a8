"""The routes of /v1 by which people decide what the engine was not sure of, or got wrong."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from facegate.domain.events.event import Event
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.event_admin import answers, messages
from facegate.frontends.rest_v1.event_admin.parts import EventAdminParts, EventId
from facegate.frontends.rest_v1.parts import json_answer, openapi_model
from facegate.frontends.rest_v1.terminal_parts import small_message


def add_review_routes(router: APIRouter, parts: EventAdminParts) -> None:
    """Confirm, correct, dismiss."""
    event_now = openapi_model(answers.EventAnswer, "The event as it is now.")

    @router.post(
        "/events/{event_id}/confirm",
        summary="It was this person",
        description="The person named, or the first candidate. `learn` enrols the event's picture too.",
        responses={200: event_now, **errors(404, 409, 413, 422)},
        openapi_extra=body_of(messages.ConfirmMessage, example={"learn": True}, is_required=False),
    )
    async def confirm(event_id: EventId, request: Request) -> Response:
        message = await small_message(messages.ConfirmMessage, request)
        return await _decided(parts, lambda: parts.review.confirm(event_id, learn=message.learn))

    @router.post(
        "/events/{event_id}/correct",
        summary="It was somebody else",
        description="`learn` enrols the event's picture for that person; what an earlier decision had "
        "enrolled from it for the wrong one is removed.",
        responses={200: event_now, **errors(404, 409, 413, 422)},
        openapi_extra=body_of(messages.CorrectMessage, example={"subject_id": "alice", "learn": True}),
    )
    async def correct(event_id: EventId, request: Request) -> Response:
        message = await small_message(messages.CorrectMessage, request)
        return await _decided(
            parts, lambda: parts.review.correct(event_id, message.subject_id, learn=message.learn)
        )

    @router.post(
        "/events/{event_id}/dismiss",
        summary="It was a stranger",
        responses={200: event_now, **errors(404, 409, 422)},
    )
    async def dismiss(event_id: EventId) -> Response:
        return await _decided(parts, lambda: parts.review.dismiss(event_id))


async def _decided(parts: EventAdminParts, decide: Callable[[], Event]) -> Response:
    """Learning looks at the picture, and decisions are made one after the other."""
    return await parts.review_workers.run(lambda: json_answer(answers.event_answer(decide(), parts.name_of)))
