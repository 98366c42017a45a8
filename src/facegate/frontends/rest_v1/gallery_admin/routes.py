"""The routes of /v1 for groups of persons, merging two, and how well similarities tell persons apart."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from facegate.domain.subjects import parse_subject_id
from facegate.frontends.rest_v1 import translate
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.gallery_admin import answers
from facegate.frontends.rest_v1.messages import SubjectIdInput
from facegate.frontends.rest_v1.parts import json_answer, openapi_model, v1_router
from facegate.frontends.rest_v1.terminal_parts import small_message
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.matching_distribution import MatchingDistribution
from facegate.use_cases.merge_subjects import MergeSubjects
from facegate.use_cases.subject_groups import SubjectGroups

SubjectId = Annotated[
    str, Path(description="The person's id; slashes are allowed.", examples=["ada"], max_length=1000)
]


class GroupsMessage(BaseModel):
    """The groups that the person is in from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    groups: Annotated[list[str], Field(max_length=50)] = Field(examples=[["staff"]])


class MergeMessage(BaseModel):
    """Who goes, and who stays with everything of both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject_id: SubjectIdInput
    into: SubjectIdInput


@dataclass(frozen=True, slots=True)
class GalleryAdminParts:
    """What these routes stand on. `transfer_workers` do what takes seconds."""

    groups: SubjectGroups
    merge: MergeSubjects
    distribution: MatchingDistribution
    gate: AccessGate
    store_workers: BoundedWorkers
    transfer_workers: BoundedWorkers


def gallery_admin_router(parts: GalleryAdminParts) -> APIRouter:
    """Groups, merging, distribution."""
    router = v1_router(parts, "subjects")
    _group_routes(router, parts)
    _merge_routes(router, parts)
    return router


def _group_routes(router: APIRouter, parts: GalleryAdminParts) -> None:
    groups, workers = parts.groups, parts.store_workers

    @router.get(
        "/groups",
        summary="List groups",
        description="Every group with somebody in it, by name.",
        responses={200: openapi_model(answers.GroupList, "All groups."), **errors()},
    )
    async def list_groups() -> Response:
        def found() -> Response:
            counts = groups.list_groups()
            return json_answer(
                answers.GroupList(
                    groups=[
                        answers.GroupCount(name=name, subject_count=count)
                        for name, count in sorted(counts.items())
                    ]
                )
            )

        return await workers.run(found)

    @router.get(
        "/subject-groups/{subject_id:id}",
        summary="Show a person's groups",
        responses={200: openapi_model(answers.SubjectGroupsAnswer, "The groups."), **errors(404, 422)},
    )
    async def groups_of(subject_id: SubjectId) -> Response:
        known_id = parse_subject_id(subject_id)
        return await workers.run(lambda: _groups_answer(known_id, groups.groups_of(known_id)))

    @router.put(
        "/subject-groups/{subject_id:id}",
        summary="Put a person into groups",
        description="Replaces the person's groups; a group is there as long as somebody is in it.",
        responses={200: openapi_model(answers.SubjectGroupsAnswer, "The groups."), **errors(404, 413, 422)},
        openapi_extra=body_of(GroupsMessage, example={"groups": ["staff", "ground floor"]}),
    )
    async def set_groups(subject_id: SubjectId, request: Request) -> Response:
        known_id = parse_subject_id(subject_id)
        message = await small_message(GroupsMessage, request)
        return await workers.run(
            lambda: _groups_answer(known_id, groups.set_groups(known_id, message.groups))
        )


def _merge_routes(router: APIRouter, parts: GalleryAdminParts) -> None:
    @router.post(
        "/subjects/merge",
        summary="Merge two persons",
        description="Templates, groups and events of the first go to the second; the first is removed.",
        responses={200: openapi_model(answers.MergeAnswer, "Who is left."), **errors(404, 413, 422)},
        openapi_extra=body_of(MergeMessage, example={"subject_id": "ada.l", "into": "ada"}),
    )
    async def merge(request: Request) -> Response:
        message = await small_message(MergeMessage, request)

        def merged() -> Response:
            done = parts.merge(message.subject_id, message.into)
            return json_answer(
                answers.MergeAnswer(
                    subject=translate.subject(done.subject),
                    moved_count=done.moved_count,
                    left_out_count=done.left_out_count,
                    event_count=done.event_count,
                )
            )

        return await parts.transfer_workers.run(merged)

    @router.get(
        "/matching/distribution",
        summary="How well similarities tell persons apart",
        description="Histograms of the gallery's own pairs, the thresholds in force and the calibration "
        "curve. Of a large gallery a part is taken.",
        responses={200: openapi_model(answers.DistributionAnswer, "As of now."), **errors()},
    )
    async def distribution() -> Response:
        return await parts.transfer_workers.run(
            lambda: json_answer(answers.distribution_answer(parts.distribution()))
        )


def _groups_answer(subject_id: str, names: frozenset[str]) -> Response:
    return json_answer(answers.SubjectGroupsAnswer(subject_id=subject_id, groups=sorted(names)))
