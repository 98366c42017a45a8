"""The web application: rooms, middleware and what runs beside them. Ports and TLS are `serving.py`."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import time

from fastapi import FastAPI
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

import facegate
from facegate.composition.application import Application
from facegate.composition.doors import Floor, make_floor, make_routers
from facegate.composition.nightly import run_every_night
from facegate.composition.presence.doors import (
    PresenceWorkers,
    phone_looks,
    presence_parts,
    presence_routers,
    presence_workers,
    sweep_evidence_now_and_then,
)
from facegate.composition.presence.parts import Presence
from facegate.composition.process.heap_limits import give_free_memory_back_now_and_then
from facegate.composition.terminals.doors import TerminalDoors, make_terminal_doors
from facegate.composition.terminals.parts import Terminals
from facegate.composition.terminals.running import terminals_running
from facegate.composition.watching.doors import WatchingDoors, make_watching_doors
from facegate.composition.watching.parts import Watching
from facegate.composition.watching.running import watching_running
from facegate.frontends.presence.routes import end_sessions
from facegate.frontends.rest_v1.routes import ARCHIVE_PATHS, MAX_ARCHIVE_BYTES
from facegate.frontends.wire.body_limit import BodyLimit, BodyLimits
from facegate.frontends.wire.departed_clients import DepartedClients
from facegate.frontends.wire.request_log import RequestLog
from facegate.frontends.wire.route_lists import FixedPaths, take_routes
from facegate.frontends.wire.unrouted import answer_unrouted
from facegate.use_cases.events.note_violations import NoteViolations

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class RunningPresence:
    """What has to be ended with the server; `say_goodbye` closes every socket of the presence door."""

    presence: Presence
    workers: PresenceWorkers
    say_goodbye: Callable[[], Awaitable[None]]


async def say_goodbye(app: FastAPI) -> None:
    """Before the sockets are dropped: workstations, terminals and those who look on are told."""
    presence: RunningPresence | None = getattr(app.state, "presence", None)
    terminals: TerminalDoors | None = getattr(app.state, "terminals", None)
    watching: WatchingDoors | None = getattr(app.state, "watching", None)
    await asyncio.gather(*(one.say_goodbye() for one in (presence, terminals, watching) if one is not None))


_LOOPBACK_ORIGINS = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"

_DESCRIPTION = """\
One face engine and one gallery behind many doors: a person who is enrolled once is known at every door.

* **/v1** does everything the other doors can do and more. It always needs a Bearer token.
* **presence** is the WebSocket `/ws` of workstations; its clients are registered under /v1.
* **attendance**, **verification** and **persons** keep the contracts of older servers.
* **cameras** are watched for people, with alerts; **events** are the history over all doors.
* **terminals** takes face terminals that speak the AiFace protocol; **/admin/push** sends them commands.
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
        lifespan=lambda running: _running(application, floor, running.state),
    )
    watching = application.watching
    if watching is not None:
        # Before the subjects' routes, whose ids may hold slashes.
        _add_watching(app, application, watching, floor)
    take_routes(app.router, make_routers(application, floor))
    if application.presence is not None:
        _add_presence(app, application, application.presence, floor)
    if application.terminals is not None:
        _add_terminals(app, application, application.terminals, floor)
    app.router.routes.insert(0, FixedPaths(app.router.routes))
    app.add_exception_handler(HTTPException, answer_unrouted)
    _add_middleware(app, application, floor)
    return app


def _add_presence(app: FastAPI, application: Application, presence: Presence, floor: Floor) -> None:
    workers = presence_workers(application, presence)
    if application.watching is not None:
        log = application.watching.events.log
        presence.sessions.on_violation = NoteViolations(log, application.clock)
    parts = presence_parts(application, presence, floor, workers)
    take_routes(app.router, presence_routers(parts, presence))
    floor.metrics.watch_workers([workers.frames, workers.glances])
    floor.metrics.watch_presence(
        presence.sessions, presence.keep_evidence, lambda: phone_looks(application.engine)
    )
    app.state.presence = RunningPresence(presence, workers, lambda: end_sessions(parts))


def _add_terminals(app: FastAPI, application: Application, terminals: Terminals, floor: Floor) -> None:
    doors = make_terminal_doors(application, terminals, floor)
    take_routes(app.router, doors.routers)
    floor.metrics.watch_terminals(doors.figures)
    app.state.terminals = doors


def _add_watching(app: FastAPI, application: Application, watching: Watching, floor: Floor) -> None:
    doors = make_watching_doors(application, watching, floor)
    take_routes(app.router, doors.routers)
    floor.metrics.watch_workers(doors.workers)
    floor.metrics.watch_cameras(doors.figures)
    app.state.watching = doors


def terminal_port_app(app: FastAPI) -> ASGIApp | None:
    """What the terminals' own port serves; None where terminals are not served."""
    doors: TerminalDoors | None = getattr(app.state, "terminals", None)
    return None if doors is None else doors.any_path_app


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
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Request-ID", "X-Requested-With"],
        expose_headers=["Retry-After", "X-Request-ID"],
        max_age=600,
    )
    app.add_middleware(RequestLog, observe=floor.metrics.observe)


@contextlib.asynccontextmanager
async def _running(application: Application, floor: Floor, state: State) -> AsyncIterator[None]:
    """Starts the nightly work; on the way out stops it, drains the workers and closes the gallery."""
    is_stopping = threading.Event()
    beside = [asyncio.create_task(give_free_memory_back_now_and_then())]
    if application.settings.nightly.enabled:
        beside.append(asyncio.create_task(_nights(application, floor, is_stopping)))
    presence: RunningPresence | None = getattr(state, "presence", None)
    if presence is not None:
        beside.append(
            asyncio.create_task(sweep_evidence_now_and_then(presence.presence, floor.store_workers))
        )
    terminals: TerminalDoors | None = getattr(state, "terminals", None)
    watching: WatchingDoors | None = getattr(state, "watching", None)
    try:
        async with _served(terminals, floor), _watched(watching, floor):
            yield
    finally:
        is_stopping.set()
        if presence is not None:
            await presence.say_goodbye()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        # They wait for what runs, on a thread so that the loop can still send the last answers.
        for workers in (
            *([presence.workers.glances, presence.workers.frames] if presence is not None else []),
            *(watching.workers if watching is not None else ()),
            floor.readiness_workers,
            floor.engine_workers,
            floor.transfer_workers,
            floor.store_workers,
        ):
            await asyncio.to_thread(workers.close)
        await asyncio.to_thread(application.close)
        logger.info("stopped: everything that was acknowledged is stored")


@contextlib.asynccontextmanager
async def _served(terminals: TerminalDoors | None, floor: Floor) -> AsyncIterator[None]:
    """Terminals are told before the bus stops."""
    if terminals is None:
        yield
        return
    async with terminals_running(terminals.terminals, terminals.errands, floor.store_workers):
        try:
            yield
        finally:
            await terminals.say_goodbye()


@contextlib.asynccontextmanager
async def _watched(watching: WatchingDoors | None, floor: Floor) -> AsyncIterator[None]:
    """Who looks on is told before the cameras end."""
    if watching is None:
        yield
        return
    async with watching_running(watching.watching, watching.scans, floor.store_workers):
        try:
            yield
        finally:
            await watching.say_goodbye()


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
