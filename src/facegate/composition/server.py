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
from facegate.composition.doors import Floor, contract_routers, make_gate, rest_v1_router
from facegate.composition.engine import worker_count
from facegate.composition.nightly import run_every_night
from facegate.frontends.wire.body_limit import BodyLimit, BodyLimits
from facegate.frontends.wire.departed_clients import DepartedClients
from facegate.frontends.wire.request_log import RequestLog
from facegate.frontends.wire.unrouted import answer_unrouted
from facegate.frontends.wire.workers import BoundedWorkers

logger = logging.getLogger(__name__)

_STORE_THREADS = 4
_STORE_MAX_WAITING = 256

_LOOPBACK_ORIGINS = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"

_DESCRIPTION = """\
One face engine and one gallery behind many doors: a person who is enrolled once is known at every door.

* **/v1** does everything the other doors can do and more. It always needs a Bearer token.
* **attendance**, **verification** and **persons** keep the contracts of older servers.
* **operations** tells orchestrators how the server is.
"""


def make_app(application: Application) -> FastAPI:
    """The application as ASGI; its lifespan closes `application` when the server stops."""
    settings = application.settings
    thread_count = worker_count(settings.engine)
    floor = Floor(
        gate=make_gate(application.access, settings),
        engine_workers=BoundedWorkers(thread_count, settings.engine.max_waiting, "engine"),
        store_workers=BoundedWorkers(_STORE_THREADS, _STORE_MAX_WAITING, "store"),
    )
    app = FastAPI(
        title="facegate",
        version=facegate.__version__,
        description=_DESCRIPTION,
        lifespan=lambda _: _running(application, floor),
    )
    for router in (rest_v1_router(application, floor), *contract_routers(application, floor)):
        app.include_router(router)
    app.add_exception_handler(HTTPException, answer_unrouted)
    _add_middleware(app, application)
    return app


def _add_middleware(app: FastAPI, application: Application) -> None:
    """From the inside out: the last one added is the first that a request meets."""
    server = application.settings.server
    app.add_middleware(BodyLimit, limits=BodyLimits(server.max_request_bytes, server.body_timeout_s))
    app.add_middleware(DepartedClients)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(server.cors_origins),
        allow_origin_regex=_LOOPBACK_ORIGINS,
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
        expose_headers=["Retry-After", "X-Request-ID"],
        max_age=600,
    )
    app.add_middleware(RequestLog)


@contextlib.asynccontextmanager
async def _running(application: Application, floor: Floor) -> AsyncIterator[None]:
    """Starts the nightly work; on the way out stops it, drains the workers and closes the gallery."""
    is_stopping = threading.Event()
    nightly: asyncio.Task[None] | None = None
    if application.settings.nightly.enabled:
        nightly = asyncio.create_task(_nights(application, floor, is_stopping))
    try:
        yield
    finally:
        is_stopping.set()
        if nightly is not None:
            nightly.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await nightly
        # They wait for what runs, on a thread so that the loop can still send the last answers.
        await asyncio.to_thread(floor.engine_workers.close)
        await asyncio.to_thread(floor.store_workers.close)
        await asyncio.to_thread(application.close)
        logger.info("stopped: everything that was acknowledged is stored")


async def _nights(application: Application, floor: Floor, is_stopping: threading.Event) -> None:
    async def work() -> None:
        report = await floor.store_workers.run(lambda: application.nightly(is_stopping.is_set))
        logger.info(
            "the nightly work is done: %d templates renewed, %d in the index, %d outliers",
            report.reembedded_count,
            report.indexed_template_count,
            len(report.outliers),
        )

    await run_every_night(time.fromisoformat(application.settings.nightly.at), application.clock, work)
