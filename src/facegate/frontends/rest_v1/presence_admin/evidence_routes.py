"""The routes of /v1 for evidence of the presence door. The work runs on the store's workers."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from facegate.domain.errors import InvalidInput
from facegate.domain.presence.evidence import EvidencePlace, EvidenceQuery
from facegate.domain.subjects import parse_subject_id
from facegate.frontends.rest_v1.descriptions import errors
from facegate.frontends.rest_v1.messages import EvidencePageQuery
from facegate.frontends.rest_v1.parts import json_answer, openapi_model, v1_router
from facegate.frontends.rest_v1.presence_admin import evidence_answers as answers
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.presence.browse_evidence import BrowseEvidence

_EvidenceId = Annotated[str, Path(description="The evidence's id.", max_length=100)]

_PICTURE_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class PresenceEvidenceParts:
    """What these routes stand on."""

    evidence: BrowseEvidence
    gate: AccessGate
    store_workers: BoundedWorkers


def presence_evidence_router(parts: PresenceEvidenceParts) -> APIRouter:
    """List, show, download, delete."""
    router = v1_router(parts, "presence")
    evidence, workers = parts.evidence, parts.store_workers

    @router.get(
        "/presence/evidence",
        summary="List evidence of violations",
        description="Records newest first, a page at a time.",
        responses={200: openapi_model(answers.EvidencePageAnswer, "A page."), **errors(422)},
    )
    async def list_evidence(query: Annotated[EvidencePageQuery, Query()]) -> Response:
        asked_for = _query(query)
        return await workers.run(lambda: _page(evidence, asked_for))

    @router.get(
        "/presence/evidence/{evidence_id}",
        summary="Show a piece of evidence",
        description="What was found, with the numbers behind it.",
        responses={200: openapi_model(answers.EvidenceAnswer, "The record."), **errors(404, 422)},
    )
    async def show_evidence(evidence_id: _EvidenceId) -> Response:
        return await workers.run(lambda: json_answer(answers.evidence_answer(evidence.get(evidence_id))))

    @router.get(
        "/presence/evidence/{evidence_id}/picture",
        summary="Download the picture of a piece of evidence",
        description="The frame that was judged, as JPEG. No cache may keep it.",
        responses={
            200: {"description": "The picture.", "content": {"image/jpeg": {}}},
            **errors(404, 422),
        },
        response_class=Response,
    )
    async def evidence_picture(evidence_id: _EvidenceId) -> Response:
        picture = await workers.run(lambda: evidence.open_picture(evidence_id))
        return Response(picture, media_type="image/jpeg", headers=_PICTURE_HEADERS)

    @router.delete(
        "/presence/evidence/{evidence_id}",
        status_code=204,
        summary="Delete a piece of evidence",
        description="Deletes record and picture. All of a person's goes when the person is removed.",
        responses={204: {"description": "Deleted."}, **errors(404, 422)},
    )
    async def delete_evidence(evidence_id: _EvidenceId) -> Response:
        await workers.run(lambda: evidence.delete(evidence_id))
        return Response(status_code=204)

    return router


def _query(query: EvidencePageQuery) -> EvidenceQuery:
    return EvidenceQuery(
        client_id=_client_id(query.client) if query.client is not None else None,
        reason=query.reason,
        since=query.since,
        until=query.until,
        after=EvidencePlace.parse(query.after) if query.after is not None else None,
        limit=query.limit,
    )


def _client_id(text: str) -> str:
    try:
        return parse_subject_id(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="client") from error


def _page(evidence: BrowseEvidence, query: EvidenceQuery) -> Response:
    page = evidence.page(query)
    return json_answer(
        answers.EvidencePageAnswer(
            evidence=[answers.evidence_answer(record) for record in page.records],
            next_after=str(page.next_after) if page.next_after is not None else None,
        )
    )
