"""Hands each room what it stands on. Which paths and answers there are is the rooms' business."""

from dataclasses import dataclass

from fastapi import APIRouter

import facegate
from facegate.composition.application import Application
from facegate.composition.engine import worker_count
from facegate.composition.transfers import make_transfers
from facegate.composition.watching.door_events import identify_at, verify_at
from facegate.composition.watching.persons_cameras import persons_cameras
from facegate.domain.access import Door
from facegate.domain.events.event import EventDoor
from facegate.frontends.attendance import routes as attendance
from facegate.frontends.attendance.translate import AttendanceOptions
from facegate.frontends.operations import routes as operations
from facegate.frontends.operations.metrics import Metrics
from facegate.frontends.persons import routes as persons
from facegate.frontends.persons.translate import PersonsOptions
from facegate.frontends.rest_v1 import routes as rest_v1
from facegate.frontends.rest_v1.parts import RestV1Options, RestV1Parts
from facegate.frontends.verification import routes as verification
from facegate.frontends.verification.translate import VerificationOptions
from facegate.frontends.wire.access_gate import AccessGate, AccessOptions
from facegate.frontends.wire.rate_limits import RateLimitOptions, RateLimits
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.settings.model import Settings
from facegate.settings.server_groups import AccessSettings
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.detect_faces import DetectFaces

_STORE_THREADS = 4
_STORE_MAX_WAITING = 256
_TRANSFERS_MAX_WAITING = 4


@dataclass(frozen=True, slots=True)
class Floor:
    """What all rooms share."""

    gate: AccessGate
    engine_workers: BoundedWorkers
    store_workers: BoundedWorkers
    transfer_workers: BoundedWorkers
    readiness_workers: BoundedWorkers
    metrics: Metrics

    @property
    def pools(self) -> tuple[BoundedWorkers, ...]:
        """Every pool of threads here."""
        return (self.engine_workers, self.store_workers, self.transfer_workers, self.readiness_workers)


def make_floor(application: Application) -> Floor:
    """The gate, the worker threads and the metrics that watch them."""
    settings = application.settings
    thread_count = worker_count(settings.engine)
    engine_workers = BoundedWorkers(thread_count, settings.engine.max_waiting, "engine")
    store_workers = BoundedWorkers(_STORE_THREADS, _STORE_MAX_WAITING, "store")
    # Imports, restores and the night's work take minutes: one at a time, beside the short reads.
    transfer_workers = BoundedWorkers(1, _TRANSFERS_MAX_WAITING, "transfer")
    # A probe asks for one check at a time; it never stands in the pictures' queue.
    readiness_workers = BoundedWorkers(1, 0, "readiness")
    metrics = Metrics(facegate.__version__)
    metrics.watch_workers([engine_workers, store_workers, transfer_workers])
    metrics.watch_gallery(application.gallery)
    gate = make_gate(application.access, settings)
    return Floor(gate, engine_workers, store_workers, transfer_workers, readiness_workers, metrics)


def make_gate(access: AccessControl, settings: Settings) -> AccessGate:
    """The gate with the operator's opened doors, address lists and rate limits."""
    chosen = settings.access
    options = AccessOptions(
        open_doors=chosen.open_doors,
        allowed_networks=chosen.allowed_networks,
        trusted_origins=frozenset(settings.server.cors_origins),
        trust_loopback=chosen.trust_loopback,
    )
    return AccessGate(access, options, RateLimits(_rates(chosen)))


def _rates(chosen: AccessSettings) -> RateLimitOptions:
    return RateLimitOptions(
        per_address=chosen.requests_per_minute_per_address or None,
        per_token=chosen.requests_per_minute_per_token or None,
    )


def make_routers(application: Application, floor: Floor) -> list[APIRouter]:
    """Every door; no two want the same path."""
    operations_parts = operations.OperationsParts(
        readiness=application.readiness,
        metrics=floor.metrics,
        gate=floor.gate,
        readiness_workers=floor.readiness_workers,
    )
    return [
        rest_v1_router(application, floor),
        *contract_routers(application, floor),
        operations.make_router(operations_parts),
    ]


def contract_routers(application: Application, floor: Floor) -> list[APIRouter]:
    """The doors whose contracts are older than facegate."""
    return [
        attendance.make_router(_attendance_parts(application, floor)),
        verification.make_router(
            verification.VerificationParts(
                verify_face=verify_at(EventDoor.VERIFICATION, application),
                gate=floor.gate,
                engine_workers=floor.engine_workers,
                options=VerificationOptions(
                    max_image_bytes=application.settings.engine.max_image_bytes,
                    liveness=application.liveness_policy(Door.VERIFICATION),
                ),
            )
        ),
        persons.make_router(_persons_parts(application, floor)),
    ]


def _attendance_parts(application: Application, floor: Floor) -> attendance.AttendanceParts:
    settings = application.settings
    return attendance.AttendanceParts(
        enrol_photos=application.enrol_photos,
        identify_faces=identify_at(EventDoor.ATTENDANCE, application),
        gallery=application.gallery,
        gate=floor.gate,
        engine_workers=floor.engine_workers,
        store_workers=floor.store_workers,
        clock=application.clock,
        options=AttendanceOptions(
            min_quality=settings.attendance.min_quality,
            max_templates=settings.attendance.max_templates,
            max_image_bytes=settings.engine.max_image_bytes,
            data_folder=settings.storage.data_folder,
            shown_data_folder=_shown_data_folder(settings),
            version=facegate.__version__,
            liveness=application.liveness_policy(Door.ATTENDANCE),
            keep_cutouts=settings.storage.keep_cutouts,
        ),
    )


def _shown_data_folder(settings: Settings) -> str:
    """The folder as the operator wrote it; the default one, which holds a user's name, only by its name."""
    if "data_folder" in settings.storage.model_fields_set:
        return str(settings.storage.data_folder)
    return settings.storage.data_folder.name


def _persons_parts(application: Application, floor: Floor) -> persons.PersonsParts:
    settings = application.settings
    return persons.PersonsParts(
        enrol_photos=application.enrol_photos,
        identify_faces=identify_at(EventDoor.PERSONS, application),
        gallery=application.gallery,
        gate=floor.gate,
        engine_workers=floor.engine_workers,
        store_workers=floor.store_workers,
        cameras=persons_cameras(application, floor),
        options=PersonsOptions(
            min_quality=settings.enrolment.min_quality,
            max_templates=settings.enrolment.max_templates,
            max_candidates=settings.recognition.max_candidates,
            max_image_bytes=settings.engine.max_image_bytes,
            liveness=application.liveness_policy(Door.PERSONS),
            keep_cutouts=settings.storage.keep_cutouts,
        ),
    )


def rest_v1_router(application: Application, floor: Floor) -> APIRouter:
    """Our own door."""
    settings = application.settings
    liveness = application.liveness_policy(Door.REST_V1)
    options = RestV1Options(
        rules=application.enrolment_rules(Door.REST_V1),
        liveness=application.default_liveness_policy,
        is_liveness_required=liveness is not None,
        max_image_bytes=settings.engine.max_image_bytes,
        version=facegate.__version__,
    )
    return rest_v1.make_router(
        RestV1Parts(
            analysis=application.analysis,
            detect_faces=DetectFaces(application.analysis),
            enrol_photos=application.enrol_photos,
            identify_faces=identify_at(EventDoor.REST_V1, application),
            verify_face=verify_at(EventDoor.REST_V1, application),
            gallery=application.gallery,
            access=application.access,
            maintenance=application.nightly,
            transfers=make_transfers(application),
            list_models=application.model_files.states,
            gate=floor.gate,
            engine_workers=floor.engine_workers,
            store_workers=floor.store_workers,
            transfer_workers=floor.transfer_workers,
            options=options,
        )
    )
