"""The routes of /v1 for persons and their templates. The work runs on the store's workers."""

import unicodedata
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from facegate.domain.errors import InvalidInput
from facegate.domain.subjects import (
    parse_display_name,
    parse_subject_id,
)
from facegate.frontends.rest_v1 import answers, translate
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.messages import PageQuery, RenameMessage
from facegate.frontends.rest_v1.parts import RestV1Parts, json_answer, openapi_model, v1_router
from facegate.frontends.wire.json_bodies import SMALL_BODY_BYTES, read_json_body
from facegate.frontends.wire.json_messages import message_from_json

_SubjectId = Annotated[
    str,
    Path(description="The person's id; slashes are allowed.", examples=["ada"], max_length=1000),
]
_TemplateId = Annotated[str, Path(description="The template's id.", max_length=100)]


def subject_router(parts: RestV1Parts) -> APIRouter:
    """List, show, rename, remove."""
    router = v1_router(parts, "subjects")
    gallery, workers = parts.gallery, parts.store_workers

    @router.get(
        "/subjects",
        summary="List persons",
        description="Persons in order of id, a page at a time.",
        responses={200: openapi_model(answers.SubjectPage, "A page."), **errors(422)},
    )
    async def list_subjects(query: Annotated[PageQuery, Query()]) -> Response:
        return await workers.run(lambda: _page(parts, query))

    @router.get(
        "/subjects/{subject_id:id}",
        summary="Show a person",
        description="The person with all templates of every model.",
        responses={200: openapi_model(answers.SubjectDetails, "The person."), **errors(404, 422)},
    )
    async def show_subject(subject_id: _SubjectId) -> Response:
        known_id = parse_subject_id(subject_id)
        return await workers.run(
            lambda: json_answer(
                translate.subject_details(
                    gallery.get_subject(known_id), gallery.templates_of(known_id), gallery.model_id
                )
            )
        )

    @router.patch(
        "/subjects/{subject_id:id}",
        summary="Rename a person",
        description="Gives the person another display name; the id stays.",
        responses={200: openapi_model(answers.SubjectAnswer, "The renamed person."), **errors(404, 413, 422)},
        openapi_extra=body_of(RenameMessage, example={"display_name": "Ada Lovelace"}),
    )
    async def rename_subject(subject_id: _SubjectId, request: Request) -> Response:
        known_id = parse_subject_id(subject_id)
        message = message_from_json(RenameMessage, await read_json_body(request, max_bytes=SMALL_BODY_BYTES))
        name = parse_display_name(message.display_name)
        return await workers.run(
            lambda: json_answer(translate.subject(gallery.rename_subject(known_id, name)))
        )

    @router.delete(
        "/subjects/{subject_id:id}",
        status_code=204,
        summary="Remove a person",
        description="Removes the person, every template and everything else that belongs to them.",
        responses={204: {"description": "Removed."}, **errors(404, 422)},
    )
    async def remove_subject(subject_id: _SubjectId) -> Response:
        known_id = parse_subject_id(subject_id)
        await workers.run(lambda: gallery.remove_subject(known_id))
        return Response(status_code=204)

    @router.delete(
        "/templates/{template_id}",
        status_code=204,
        summary="Remove one template",
        description="The person stays, even without templates.",
        responses={204: {"description": "Removed."}, **errors(404, 422)},
    )
    async def remove_template(template_id: _TemplateId) -> Response:
        await workers.run(lambda: gallery.remove_template(template_id))
        return Response(status_code=204)

    return router


def _page(parts: RestV1Parts, query: PageQuery) -> Response:
    for field, text in (("after", query.after), ("containing", query.containing)):
        if text is not None and any(unicodedata.category(char) == "Cc" for char in text):
            raise InvalidInput(f"{field} holds a control character", field=field)
    # One more than asked for tells whether there is a next page.
    found = parts.gallery.list_subjects(after=query.after, limit=query.limit + 1, containing=query.containing)
    page = found[: query.limit]
    next_after = page[-1].subject_id if len(found) > query.limit else None
    return json_answer(
        answers.SubjectPage(subjects=[translate.subject(one) for one in page], next_after=next_after)
    )
