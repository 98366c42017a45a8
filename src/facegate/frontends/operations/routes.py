"""/livez, /readyz, /metrics, and the description of the API at /docs and /openapi.json."""

from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.to_thread
import orjson
from fastapi import APIRouter, FastAPI, Request, Security
from fastapi.security import HTTPBearer
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import HTMLResponse, RedirectResponse, Response

from facegate.domain.access import Door
from facegate.frontends.operations import errors
from facegate.frontends.operations.docs_page import docs_page
from facegate.frontends.operations.messages import LivezAnswer, ReadyzAnswer, readyz_answer
from facegate.frontends.operations.metrics import Metrics
from facegate.frontends.operations.readiness_probe import ProbeOptions, ReadinessProbe
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.answering_route import answering_route
from facegate.frontends.wire.route_lists import take_routes
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.check_readiness import CheckReadiness

_BEARER = HTTPBearer(auto_error=False)
_MEANINGS = {
    401: "No token, or one that is not known or has expired.",
    403: "The token is not for this door.",
    429: "Too many requests; `Retry-After` says when to come back.",
    500: "The server broke; the log has it under the request's id.",
}
_GUARDED_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": errors.OperationsError, "description": text} for status, text in _MEANINGS.items()
}


@dataclass(frozen=True, slots=True)
class OperationsParts:
    """What this door stands on. `metrics` is also the observer of the request log.

    `readiness_workers` have a thread of their own: a probe that waited behind pictures would call a server
    that is merely busy not ready, and orchestrators would take its work away.
    """

    readiness: CheckReadiness
    metrics: Metrics
    gate: AccessGate
    readiness_workers: BoundedWorkers
    options: ProbeOptions = field(default_factory=ProbeOptions)


def make_router(parts: OperationsParts) -> APIRouter:
    """The whole door."""
    router = APIRouter()
    take_routes(router, [_free_router(), _guarded_router(parts), _description_router(parts)])
    return router


def _free_router() -> APIRouter:
    router = APIRouter(route_class=answering_route(errors.answer), tags=["operations"])

    @router.head("/livez", include_in_schema=False)
    @router.get(
        "/livez",
        summary="Is the process alive?",
        description="Needs no token and touches neither engine nor store.",
        responses={200: {"model": LivezAnswer, "description": "It is."}},
    )
    async def livez() -> Response:
        return Response(b'{"alive":true}', media_type="application/json")

    return router


def _guarded_router(parts: OperationsParts) -> APIRouter:
    router = APIRouter(
        route_class=answering_route(errors.answer, admit=parts.gate.guard(Door.OPERATIONS)),
        tags=["operations"],
        dependencies=[Security(_BEARER)],
    )
    probe = ReadinessProbe(parts.readiness, parts.readiness_workers, parts.options)
    # One scrape at a time: each reads the store.
    scrapes = anyio.CapacityLimiter(1)

    @router.head("/readyz", include_in_schema=False)
    @router.get(
        "/readyz",
        summary="Can the server do its job?",
        description="Runs a real inference, a search and a read of the store. "
        "An outcome counts for two seconds.",
        responses={
            200: {"model": ReadyzAnswer, "description": "Ready; optional parts may be missing."},
            503: {"model": ReadyzAnswer, "description": "Not ready; the failed check says why."},
            **_GUARDED_ERRORS,
        },
    )
    async def readyz() -> Response:
        outcome = readyz_answer(await probe.ask())
        return Response(
            outcome.model_dump_json(), 200 if outcome.ready else 503, media_type="application/json"
        )

    @router.get(
        "/metrics",
        summary="Metrics for Prometheus",
        description="Requests, times, queues, the gallery's size, the process. No personal data.",
        response_class=Response,
        responses={
            200: {"description": "The exposition format.", "content": {"text/plain": {}}},
            **_GUARDED_ERRORS,
        },
    )
    async def metrics() -> Response:
        exposition = await anyio.to_thread.run_sync(parts.metrics.render, limiter=scrapes)
        return Response(exposition, media_type=CONTENT_TYPE_LATEST)

    return router


def _description_router(parts: OperationsParts) -> APIRouter:
    """Free on this machine, elsewhere for a token of this door."""
    admit = parts.gate.guard(Door.OPERATIONS, open_on_loopback=True)
    router = APIRouter(route_class=answering_route(errors.answer, admit=admit), include_in_schema=False)

    # FastAPI makes the description once and keeps it; the first time takes a while, hence the thread.
    def description_of(app: FastAPI) -> bytes:
        return orjson.dumps(app.openapi())

    def page_of(app: FastAPI) -> str:
        return docs_page(app.openapi(), openapi_url="openapi.json")

    @router.get("/")
    async def front_page() -> RedirectResponse:
        # Relative, so that a proxy's prefix stays. POST here is the verification door's.
        return RedirectResponse("docs")

    @router.get("/openapi.json")
    async def openapi(request: Request) -> Response:
        content = await anyio.to_thread.run_sync(description_of, request.app)
        return Response(content, media_type="application/json")

    @router.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(await anyio.to_thread.run_sync(page_of, request.app))

    return router
