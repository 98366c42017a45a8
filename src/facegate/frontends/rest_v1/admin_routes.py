"""The routes of /v1 for tokens, models, calibration, state and maintenance."""

import threading
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from facegate.domain.access import Door, TokenRecord
from facegate.domain.errors import EngineOverloaded, NotPermitted
from facegate.frontends.rest_v1 import admin_answers as answers
from facegate.frontends.rest_v1.descriptions import body_of, errors
from facegate.frontends.rest_v1.messages import TokenMessage
from facegate.frontends.rest_v1.parts import RestV1Parts, json_answer, openapi_model, v1_router
from facegate.frontends.wire.json_bodies import SMALL_BODY_BYTES, read_json_body
from facegate.frontends.wire.json_messages import message_from_json

_TokenId = Annotated[str, Path(description="The token's id, not its secret.", max_length=100)]


def token_router(parts: RestV1Parts) -> APIRouter:
    """List, make, revoke tokens. Only a token for every door may: a narrow one could widen itself."""
    router = v1_router(parts, "tokens")
    access, workers = parts.access, parts.store_workers

    def require_every_door(request: Request) -> None:
        caller = parts.gate.admit(request, Door.REST_V1)
        if caller.token is None or caller.token.doors:
            raise NotPermitted("only a token for every door may manage tokens")

    @router.get(
        "/tokens",
        summary="List tokens",
        description="Names, doors and dates; secrets are not kept.",
        responses={200: openapi_model(answers.TokenList, "All tokens."), **errors()},
    )
    async def list_tokens(request: Request) -> Response:
        require_every_door(request)
        tokens = [answers.TokenAnswer(**_token_facts(record)) for record in access.list_tokens()]
        return json_answer(answers.TokenList(tokens=tokens))

    @router.post(
        "/tokens",
        status_code=201,
        summary="Make a token",
        description="The secret is in this answer and nowhere else. Several tokens may share a name.",
        responses={201: openapi_model(answers.NewTokenAnswer, "The new token."), **errors(413, 422)},
        openapi_extra=body_of(
            TokenMessage, example={"name": "attendance kiosk", "doors": ["attendance"], "expires_in_days": 90}
        ),
    )
    async def make_token(request: Request) -> Response:
        require_every_door(request)
        message = message_from_json(TokenMessage, await read_json_body(request, max_bytes=SMALL_BODY_BYTES))
        days = message.expires_in_days
        lifetime = timedelta(days=days) if days is not None else None
        created = await workers.run(
            lambda: access.create(message.name, doors=message.doors, lifetime=lifetime)
        )
        made = answers.NewTokenAnswer(**_token_facts(created.record), secret=created.secret)
        return json_answer(made, 201)

    @router.delete(
        "/tokens/{token_id}",
        status_code=204,
        summary="Revoke a token",
        description="Ends it at once. Tokens of the settings end with the setting.",
        responses={204: {"description": "Revoked."}, **errors(404, 422)},
    )
    async def revoke_token(token_id: _TokenId, request: Request) -> Response:
        require_every_door(request)
        await workers.run(lambda: access.revoke(token_id))
        return Response(status_code=204)

    return router


def server_router(parts: RestV1Parts) -> APIRouter:
    """Status, models, calibration, maintenance."""
    router = v1_router(parts, "server")
    workers = parts.store_workers
    maintenance_lock = threading.Lock()

    @router.get(
        "/status",
        summary="The server in a few numbers",
        description="Counts, the model in use, checks that cannot run, and how busy the workers are.",
        responses={200: openapi_model(answers.StatusAnswer, "Now."), **errors()},
    )
    async def status() -> Response:
        return await workers.run(lambda: json_answer(_status(parts)))

    @router.get(
        "/models",
        summary="List models",
        description="Every model of the manifest, and whether it is ready to use.",
        responses={200: openapi_model(answers.ModelList, "The models."), **errors()},
    )
    async def models() -> Response:
        return await workers.run(lambda: json_answer(_models(parts)))

    @router.get(
        "/calibration",
        summary="Show how similarity is judged",
        description="The curve from similarity to false-match rate, and what a match needs at this size.",
        responses={200: openapi_model(answers.CalibrationAnswer, "For the model in use."), **errors()},
    )
    async def calibration() -> Response:
        return json_answer(_calibration(parts))

    @router.get(
        "/maintenance",
        summary="Show the last nightly report",
        description="What was re-embedded, whether the index agreed with the store, and which templates "
        "look wrong.",
        responses={200: openapi_model(answers.MaintenanceAnswer, "The newest report."), **errors()},
    )
    async def last_maintenance() -> Response:
        return await workers.run(lambda: json_answer(_last_report(parts)))

    @router.post(
        "/maintenance",
        summary="Do the nightly work now",
        description="Answers when it is done, which takes minutes in a large gallery.",
        responses={200: openapi_model(answers.MaintenanceAnswer, "The new report."), **errors()},
    )
    async def run_maintenance() -> Response:
        return await parts.transfer_workers.run(
            lambda: json_answer(_run_maintenance(parts, maintenance_lock))
        )

    return router


def _status(parts: RestV1Parts) -> answers.StatusAnswer:
    counts = parts.gallery.counts()
    return answers.StatusAnswer(
        version=parts.options.version,
        model_id=parts.gallery.model_id,
        subject_count=counts.subject_count,
        template_count=counts.template_count,
        templates_by_model=counts.templates_by_model,
        searched_template_count=parts.gallery.indexed_template_count(),
        missing_checks=list(parts.analysis.missing_checks),
        workers=[
            answers.WorkersAnswer(
                name=pool.name,
                thread_count=pool.thread_count,
                in_flight=pool.in_flight,
                waiting=pool.waiting,
                rejected_count=pool.rejected_count,
            )
            for pool in (parts.engine_workers, parts.store_workers, parts.transfer_workers)
        ],
    )


def _models(parts: RestV1Parts) -> answers.ModelList:
    return answers.ModelList(
        models=[
            answers.ModelAnswer(
                model_id=state.model_id,
                task=state.task.value,
                is_ready=state.is_ready,
                is_optional=state.is_optional,
                licence=state.licence,
                size_bytes=state.size_bytes,
            )
            for state in parts.list_models()
        ]
    )


def _calibration(parts: RestV1Parts) -> answers.CalibrationAnswer:
    policy = parts.gallery.policy
    curve = policy.curve
    template_count = parts.gallery.indexed_template_count()
    return answers.CalibrationAnswer(
        model_id=curve.model_id,
        metric=curve.metric,
        mode=policy.mode,
        tolerance=policy.tolerance,
        min_margin=policy.min_margin,
        searched_template_count=template_count,
        min_search_similarity=policy.min_search_similarity(template_count),
        min_check_similarity=policy.min_check_similarity(),
        similarities=list(curve.similarities),
        log10_false_match_rates=list(curve.log10_rates),
        impostor_pair_count=curve.impostor_pair_count,
        genuine_pair_count=curve.genuine_pair_count,
        measured_on=curve.measured_on,
    )


def _last_report(parts: RestV1Parts) -> answers.MaintenanceAnswer:
    report = parts.maintenance.last_report()
    if report is None:
        return answers.MaintenanceAnswer(report=None)
    return answers.MaintenanceAnswer(report=answers.MaintenanceReport.model_validate(report))


def _run_maintenance(parts: RestV1Parts, lock: threading.Lock) -> answers.MaintenanceAnswer:
    if not lock.acquire(blocking=False):
        raise EngineOverloaded("maintenance is running already", retry_after_s=60)
    try:
        parts.maintenance()
        return _last_report(parts)
    finally:
        lock.release()


def _token_facts(record: TokenRecord) -> dict[str, object]:
    return {
        "token_id": record.token_id,
        "name": record.name,
        "doors": sorted(record.doors),
        "created_at": record.created_at,
        "expires_at": record.expires_at,
    }
