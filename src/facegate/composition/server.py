"""The web application: rooms, middleware and what runs beside them. Ports and TLS are `serving.py`."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator
from datetime import time

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

import facegate
from facegate.composition.application import Application
from facegate.composition.doors import Floor, make_floor, make_routers
from facegate.composition.heap_limits import give_free_memory_back_now_and_then
from facegate.composition.nightly import run_every_night
from facegate.frontends.rest_v1.routes import ARCHIVE_PATHS, MAX_ARCHIVE_BYTES
from facegate.frontends.wire.body_limit import BodyLimit, BodyLimits
from facegate.frontends.wire.departed_clients import DepartedClients
from facegate.frontends.wire.request_log import RequestLog
from facegate.frontends.wire.unrouted import answer_unrouted

logger = logging.getLogger(__name__)

_LOOPBACK_ORIGINS = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"

_DESCRIPTION = """\
One face engine and one gallery behind many doors: a person who is enrolled once is known at every door.

* **/v1** does everything the other doors can do and more. It always needs a Bearer token.
* **attendance**, **verification** and **persons** keep the contracts of older servers.
* **operations** tells orchestrators how the server is.
"""


def make_app(application: Application) -> FastAPI:
    """The application as ASGI; its lifespan closes `application` when the server stops."""
    floor = make_floor(application)
    app = FastAPI(
        title="facegate",
        version=facegate.__version__,
        description=_DESCRIPTION,
        # The operations door serves both, behind the gate.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # Its redirects go to whatever the Host header says.
        redirect_slashes=False,
        lifespan=lambda _: _running(application, floor),
    )
    for router in make_routers(application, floor):
        app.include_router(router)
    app.add_exception_handler(HTTPException, answer_unrouted)
    _add_middleware(app, application, floor)
    return app


def _add_middleware(app: FastAPI, application: Application, floor: Floor) -> None:
    """From the inside out: the last one added is the first that a request meets."""
    server = application.settings.server
    limits = BodyLimits(
        server.max_request_bytes,
        server.body_timeout_s,
        large_paths=dict.fromkeys(ARCHIVE_PATHS, MAX_ARCHIVE_BYTES),
    )
    app.add_middleware(BodyLimit, limits=limits)
    app.add_middleware(DepartedClients)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(server.cors_origins),
        allow_origin_regex=_LOOPBACK_ORIGINS,
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Request-ID", "X-Requested-With"],
        expose_headers=["Retry-After", "X-Request-ID"],
        max_age=600,
    )
    app.add_middleware(RequestLog, observe=floor.metrics.observe)


@contextlib.asynccontextmanager
async def _running(application: Application, floor: Floor) -> AsyncIterator[None]:
    """Starts the nightly work; on the way out stops it, drains the workers and closes the gallery."""
    is_stopping = threading.Event()
    beside = [asyncio.create_task(give_free_memory_back_now_and_then())]
    if application.settings.nightly.enabled:
        beside.append(asyncio.create_task(_nights(application, floor, is_stopping)))
    try:
        yield
    finally:
        is_stopping.set()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        # They wait for what runs, on a thread so that the loop can still send the last answers.
        for workers in (
            floor.readiness_workers,
            floor.engine_workers,
            floor.transfer_workers,
            floor.store_workers,
        ):
            await asyncio.to_thread(workers.close)
        await asyncio.to_thread(application.close)
        logger.info("stopped: everything that was acknowledged is stored")


async def _nights(application: Application, floor: Floor, is_stopping: threading.Event) -> None:
    async def work() -> None:
        report = await floor.transfer_workers.run(lambda: application.nightly(is_stopping.is_set))
        logger.info(
            "the nightly work is done: %d templates renewed, %d in the index, %d outliers",
            report.reembedded_count,
            report.indexed_template_count,
            len(report.outliers),
        )

    await run_every_night(time.fromisoformat(application.settings.nightly.at), application.clock, work)
