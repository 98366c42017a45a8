"""A whole application without models: fake nets, and the real or an in-memory store."""

from collections.abc import Mapping
from pathlib import Path

from tests.fakes.engine import (
    FAKE_IDENTITY,
    FakeCutter,
    FakeDecoder,
    FakeDetector,
    FakeEmbedder,
    FakeLiveness,
    FakePhones,
)
from tests.fakes.gallery import InMemoryGalleryStore, InMemoryTokenStore

from facegate.composition.application import Application
from facegate.composition.embedded import build_application
from facegate.composition.port_overrides import PortOverrides
from facegate.domain.calibration import CalibrationCurve
from facegate.ports.gallery_store import GalleryStore
from facegate.settings.loading import load_settings
from facegate.use_cases.saved_calibrations import save_curve

TOKEN = "token-of-the-tests"

CURVE = CalibrationCurve(
    model_id=FAKE_IDENTITY.model_id,
    metric=FAKE_IDENTITY.metric,
    similarities=(0.0, 0.2, 0.4, 0.6, 0.8),
    log10_rates=(-0.3, -2.0, -4.0, -6.0, -8.0),
    impostor_pair_count=1_000_000,
    genuine_pair_count=1_000,
    measured_on="nothing: made up for tests",
)


def fake_ports(store: GalleryStore) -> PortOverrides:
    """Fake nets over this store, which gets a calibration for them."""
    save_curve(store, CURVE)
    return PortOverrides(
        store=store,
        token_store=InMemoryTokenStore(),
        decoder=FakeDecoder(),
        detector=FakeDetector(),
        embedder=FakeEmbedder(),
        cutter=FakeCutter(),
        liveness=FakeLiveness(),
        phones=FakePhones(),
    )


def fake_application(folder: Path, **environ: str) -> Application:
    """An application in this folder, with these settings in its environment."""
    names: Mapping[str, str] = {
        "FACEGATE_STORAGE__DATA_FOLDER": str(folder),
        "FACEGATE_ACCESS__TOKEN": TOKEN,
        **environ,
    }
    settings = load_settings(names, env_file=None).settings
    return build_application(settings, ports=fake_ports(InMemoryGalleryStore()))
