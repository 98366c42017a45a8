"""A whole application core on a real SQLite store, with an engine that sees what pictures say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.engine import (
    FAKE_IDENTITY,
    FakeCutter,
    FakeDecoder,
    FakeDetector,
    FakeEmbedder,
    FakeLiveness,
)

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.sql_store import SqlGalleryStore, SqlTokenStore, open_sqlite
from facegate.domain.calibration import CalibrationCurve
from facegate.domain.matching import MatchPolicy
from facegate.domain.templates import EmbedderIdentity, Metric
from facegate.use_cases.enrol_photos import EnrolPhotos
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery

CURVE = CalibrationCurve(
    FAKE_IDENTITY.model_id, Metric.COSINE, (0.0, 0.3, 0.6), (0.0, -3.0, -6.0), 100_000, 10, "synthetic"
)


class SteppingClock:
    """A clock that the test moves; every reading is a millisecond later than the one before."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def now_utc(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def now_local(self) -> datetime:
        return self.now_utc()

    def monotonic_s(self) -> float:
        return self.now_utc().timestamp()


@dataclass(frozen=True)
class Core:
    """What the tests act on."""

    analysis: FaceAnalysis
    embedder: FakeEmbedder
    detector: FakeDetector
    store: SqlGalleryStore
    tokens: SqlTokenStore
    gallery: Gallery
    enrol_photos: EnrolPhotos
    clock: SteppingClock

    def with_model(self, model_id: str) -> "Core":
        """The same store under another embedder, as after a change of the setting."""
        return core_on(self.store, self.tokens, self.clock, EmbedderIdentity(model_id, 128, Metric.COSINE))


def core_on(
    store: SqlGalleryStore, tokens: SqlTokenStore, clock: SteppingClock, identity: EmbedderIdentity
) -> Core:
    embedder, detector = FakeEmbedder(identity), FakeDetector()
    analysis = FaceAnalysis(
        decoder=FakeDecoder(),
        detector=detector,
        embedder=embedder,
        cutter=FakeCutter(),
        liveness=FakeLiveness(),
    )
    gallery = Gallery(store, ExactTemplateIndex(identity), MatchPolicy(CURVE))
    gallery.load()
    enrol_photos = EnrolPhotos(analysis, gallery, clock)
    return Core(analysis, embedder, detector, store, tokens, gallery, enrol_photos, clock)


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    clock = SteppingClock()
    database = open_sqlite(tmp_path / "gallery.sqlite3")
    store = SqlGalleryStore(database, clock)
    yield core_on(store, SqlTokenStore(database), clock, FAKE_IDENTITY)
    store.close()
