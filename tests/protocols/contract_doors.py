"""The three contract doors on a real application, with drawn faces for photos and an in-memory gallery."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import APIRouter, FastAPI
from tests.fakes.gallery import InMemoryGalleryStore, InMemoryTokenStore
from tests.protocols.drawn_faces import IDENTITY, DrawnFace, drawn_face_analysis, picture_of
from tests.protocols.in_process import LOCAL, InProcessClient

from facegate.adapters.memory_index.template_index import ExactTemplateIndex
from facegate.domain.access import Door
from facegate.domain.calibration import CalibrationCurve
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.matching import MatchPolicy
from facegate.frontends.attendance.routes import AttendanceParts
from facegate.frontends.attendance.routes import make_router as make_attendance_router
from facegate.frontends.attendance.translate import AttendanceOptions
from facegate.frontends.persons.routes import PersonsParts
from facegate.frontends.persons.routes import make_router as make_persons_router
from facegate.frontends.persons.translate import PersonsOptions
from facegate.frontends.verification.routes import VerificationParts
from facegate.frontends.verification.routes import make_router as make_verification_router
from facegate.frontends.verification.translate import VerificationOptions
from facegate.frontends.wire.access_gate import AccessGate, AccessOptions
from facegate.frontends.wire.body_limit import BodyLimit, BodyLimits
from facegate.frontends.wire.rate_limits import RateLimitOptions, RateLimits
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos, EnrolPhotosRequest, Photo
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.identify_faces import IdentifyFaces
from facegate.use_cases.verify_face import VerifyFace

NOW = datetime(2024, 1, 1, 10, 0, 0, tzinfo=UTC)

CURVE = CalibrationCurve(
    model_id=IDENTITY.model_id,
    metric=IDENTITY.metric,
    similarities=(0.0, 0.2, 0.4, 0.6, 0.8),
    log10_rates=(-0.3, -2.0, -4.0, -6.0, -8.0),
    impostor_pair_count=1_000_000,
    genuine_pair_count=1_000,
    measured_on="nothing: drawn for tests",
)

MAX_IMAGE_BYTES = 2 * 1024 * 1024
MAX_REQUEST_BYTES = 4 * 1024 * 1024


class CreepingClock:
    """It is the first of January 2024, ten o'clock in UTC, and a millisecond passes between two looks."""

    def __init__(self) -> None:
        self._looks = itertools.count()

    def now_utc(self) -> datetime:
        return NOW + timedelta(milliseconds=next(self._looks))

    def now_local(self) -> datetime:
        return self.now_utc().astimezone()

    def monotonic_s(self) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class DoorOptions:
    """How the doors under test stand."""

    data_folder: Path = field(default_factory=Path)
    live_probability: float | None = None
    checks_liveness: bool = False
    open_doors: frozenset[Door] = frozenset()
    requests_per_minute: int | None = None
    max_faces_per_user: int = 3
    thread_count: int = 2
    max_waiting: int = 50

    @property
    def liveness(self) -> LivenessPolicy | None:
        """The policy of all three doors."""
        return LivenessPolicy() if self.checks_liveness else None


@dataclass(frozen=True, slots=True)
class Doors:
    """The running application with what stands behind it."""

    app: FastAPI
    client: InProcessClient
    gallery: Gallery
    access: AccessControl
    enrol_photos: EnrolPhotos

    def enrol(self, subject_id: str, *faces: DrawnFace | int) -> None:
        """Enrols somebody through no door at all."""
        photos = [Photo(str(place), picture_of(face)) for place, face in enumerate(faces)]
        self.enrol_photos(EnrolPhotosRequest(subject_id, photos, "test", EnrolmentRules()))

    @property
    def bearer(self) -> dict[str, str]:
        """Headers with a token for every door."""
        return self.bearer_for()

    def bearer_for(self, *doors: Door) -> dict[str, str]:
        """Headers with a fresh token for these doors."""
        return {"Authorization": f"Bearer {self.access.create('test', doors=doors).secret}"}


@contextmanager
def open_doors(options: DoorOptions | None = None, *, client: tuple[str, int] = LOCAL) -> Iterator[Doors]:
    """The three doors on one application; `client` is the caller's address, by default this machine."""
    options = options or DoorOptions()
    analysis = drawn_face_analysis(options.live_probability)
    gallery = Gallery(InMemoryGalleryStore(), ExactTemplateIndex(IDENTITY), MatchPolicy(CURVE))
    clock = CreepingClock()
    access = AccessControl(InMemoryTokenStore(), clock)
    floor = _Floor(
        gate=AccessGate(
            access,
            AccessOptions(open_doors=options.open_doors),
            RateLimits(RateLimitOptions(per_address=options.requests_per_minute)),
        ),
        engine_workers=BoundedWorkers(options.thread_count, options.max_waiting, "engine"),
        store_workers=BoundedWorkers(2, 50, "store"),
        enrol_photos=EnrolPhotos(analysis, gallery, clock),
        identify_faces=IdentifyFaces(analysis, gallery),
        gallery=gallery,
    )
    app = FastAPI()
    app.add_middleware(BodyLimit, limits=BodyLimits(max_bytes=MAX_REQUEST_BYTES))
    app.include_router(_attendance(floor, clock, options))
    app.include_router(_verification(floor, VerifyFace(analysis, gallery), options))
    app.include_router(_persons(floor, options))
    with InProcessClient(app, client=client) as http:
        yield Doors(app, http, gallery, access, floor.enrol_photos)
    floor.engine_workers.close()
    floor.store_workers.close()


@dataclass(frozen=True, slots=True)
class _Floor:
    gate: AccessGate
    engine_workers: BoundedWorkers
    store_workers: BoundedWorkers
    enrol_photos: EnrolPhotos
    identify_faces: IdentifyFaces
    gallery: Gallery


def _attendance(floor: _Floor, clock: CreepingClock, options: DoorOptions) -> APIRouter:
    return make_attendance_router(
        AttendanceParts(
            enrol_photos=floor.enrol_photos,
            identify_faces=floor.identify_faces,
            gallery=floor.gallery,
            gate=floor.gate,
            engine_workers=floor.engine_workers,
            store_workers=floor.store_workers,
            clock=clock,
            options=AttendanceOptions(
                min_quality=0.8,
                max_templates=options.max_faces_per_user,
                max_image_bytes=MAX_IMAGE_BYTES,
                data_folder=options.data_folder,
                shown_data_folder="./face_data",
                version="1.2.3",
                liveness=options.liveness,
            ),
        )
    )


def _verification(floor: _Floor, verify_face: VerifyFace, options: DoorOptions) -> APIRouter:
    return make_verification_router(
        VerificationParts(
            verify_face=verify_face,
            gate=floor.gate,
            engine_workers=floor.engine_workers,
            options=VerificationOptions(max_image_bytes=MAX_IMAGE_BYTES, liveness=options.liveness),
        )
    )


def _persons(floor: _Floor, options: DoorOptions) -> APIRouter:
    return make_persons_router(
        PersonsParts(
            enrol_photos=floor.enrol_photos,
            identify_faces=floor.identify_faces,
            gallery=floor.gallery,
            gate=floor.gate,
            engine_workers=floor.engine_workers,
            store_workers=floor.store_workers,
            options=PersonsOptions(
                min_quality=0.3,
                max_templates=20,
                max_candidates=5,
                max_image_bytes=MAX_IMAGE_BYTES,
                liveness=options.liveness,
            ),
        )
    )
