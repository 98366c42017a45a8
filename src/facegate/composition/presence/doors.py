"""The presence door and its administration in /v1, with what runs beside them."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter

from facegate.adapters.face_nets.phone_cascade import PhoneCascade
from facegate.composition.application import Application
from facegate.composition.doors import Floor
from facegate.composition.engine import Engine, worker_count
from facegate.composition.presence.parts import Presence
from facegate.domain.errors import FacegateError
from facegate.frontends.presence.parts import PresenceOptions, PresenceParts
from facegate.frontends.presence.routes import make_router
from facegate.frontends.presence.states import ConnectionLimits
from facegate.frontends.rest_v1.presence_admin.client_routes import (
    PresenceClientParts,
    presence_client_router,
)
from facegate.frontends.rest_v1.presence_admin.evidence_routes import (
    PresenceEvidenceParts,
    presence_evidence_router,
)
from facegate.frontends.wire.ranked_threads import RankedThreads
from facegate.frontends.wire.workers import BoundedWorkers

logger = logging.getLogger(__name__)

_SWEEP_EVERY_S = 600.0


@dataclass(frozen=True, slots=True)
class PresenceWorkers:
    """For frames that need every check, and for those for which a glance may do, which go first.

    With one queue for both, a start in which everybody needs every check could keep everybody waiting for so
    long that no earlier check held any more, and that for ever.
    """

    frames: BoundedWorkers
    glances: BoundedWorkers


def presence_workers(application: Application, presence: Presence) -> PresenceWorkers:
    """Each connection waits with one frame at most, so that nobody is ever refused."""
    max_connections = presence.sessions.counts().max_connections
    thread_count = worker_count(application.settings.engine)
    threads = RankedThreads(thread_count, "presence")
    return PresenceWorkers(
        BoundedWorkers(thread_count, max_connections, "presence", threads=threads, rank=1),
        BoundedWorkers(thread_count, max_connections, "presence_glances", threads=threads, rank=0),
    )


def presence_parts(
    application: Application, presence: Presence, floor: Floor, workers: PresenceWorkers
) -> PresenceParts:
    """What the room stands on."""
    settings = application.settings
    chosen = settings.presence
    return PresenceParts(
        judge_frame=presence.judge_frame,
        clients=presence.clients,
        sessions=presence.sessions,
        gate=floor.gate,
        frame_workers=workers.frames,
        glance_workers=workers.glances,
        store_workers=floor.store_workers,
        clock=application.clock,
        options=PresenceOptions(
            max_image_bytes=settings.engine.max_image_bytes,
            limits=ConnectionLimits(
                first_frame_timeout_s=chosen.first_frame_timeout_s,
                idle_timeout_s=chosen.idle_timeout_s,
                processing_timeout_s=chosen.processing_timeout_s,
                max_message_bytes=chosen.max_message_bytes,
            ),
            trusted_origins=frozenset(settings.server.cors_origins),
        ),
        on_violation=presence.keep_evidence,
        missing=presence.missing,
    )


def phone_looks(engine: Engine) -> Mapping[str, int]:
    """How often the phone net looked, by kind of look, where it counts them."""
    return engine.phones.look_counts if isinstance(engine.phones, PhoneCascade) else {}


def presence_routers(parts: PresenceParts, presence: Presence) -> list[APIRouter]:
    """The WebSocket, and what administrators do."""
    client_parts = PresenceClientParts(parts.clients, parts.sessions, parts.gate, parts.store_workers)
    evidence_parts = PresenceEvidenceParts(presence.browse_evidence, parts.gate, parts.store_workers)
    return [
        make_router(parts),
        presence_client_router(client_parts),
        presence_evidence_router(evidence_parts),
    ]


async def sweep_evidence_now_and_then(presence: Presence, store_workers: BoundedWorkers) -> None:
    """Until cancelled: what is too old or too much goes, also while evidence is switched off."""
    while True:
        try:
            swept = await store_workers.run(presence.sweep_evidence)
            if swept.damaged_count:
                logger.warning("%d pieces of evidence are damaged", swept.damaged_count)
        except FacegateError as error:
            logger.error("evidence could not be swept, which is tried again: %s", error.message)
        await asyncio.sleep(_SWEEP_EVERY_S)
