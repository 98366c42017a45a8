"""The route of /v1 that says how the machine and the server are, for a page with charts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field

from facegate.frontends.rest_v1.answers import AnswerModel
from facegate.frontends.rest_v1.descriptions import errors
from facegate.frontends.rest_v1.parts import json_answer, openapi_model, v1_router
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.workers import BoundedWorkers


class QueueAnswer(AnswerModel):
    """One pool of worker threads."""

    name: str
    threads: int
    running: int
    waiting: int
    rejected: int = Field(description="Since the start.")


class SystemAnswer(AnswerModel):
    """The server and its machine, now."""

    version: str
    started_at: datetime
    uptime_s: float
    cpu_percent: float = Field(description="Of one core, since the last time this was asked; can exceed 100.")
    core_count: int
    memory_bytes: int = Field(description="Resident memory of the server's process.")
    thread_count: int
    descriptor_count: int | None = Field(description="Open files and sockets; null where nobody can say.")
    machine_memory_bytes: int
    machine_memory_free_bytes: int
    disk_free_bytes: int = Field(description="Where the data folder is.")
    disk_total_bytes: int
    shots_bytes: int = Field(description="Pictures of events.")
    camera_count: int
    cameras_live: int
    events_dropped: int = Field(description="Events of doors for which there was no room, since the start.")
    queues: list[QueueAnswer]


@dataclass(frozen=True, slots=True)
class SystemParts:
    """`read` looks at the machine; it may read the disk, so it runs on a worker."""

    read: Callable[[], SystemAnswer]
    gate: AccessGate
    store_workers: BoundedWorkers


def system_router(parts: SystemParts) -> APIRouter:
    """One route."""
    router = v1_router(parts, "server")

    @router.get(
        "/system",
        summary="How the machine and the server are",
        responses={200: openapi_model(SystemAnswer, "Now."), **errors()},
    )
    async def system() -> Response:
        return await parts.store_workers.run(lambda: json_answer(parts.read()))

    return router


def queue_answer(pool: BoundedWorkers) -> QueueAnswer:
    """How busy a pool is."""
    return QueueAnswer(
        name=pool.name,
        threads=pool.thread_count,
        running=pool.in_flight,
        waiting=pool.waiting,
        rejected=pool.rejected_count,
    )
