"""A serving application on SQLite, without models, with cameras of a test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.engine import FakeCutter, FakeDecoder, FakeDetector, FakeEmbedder, FakeFace, fake_picture
from tests.fakes.model_files import FakeModelFiles
from tests.fakes.video import FakeVideoSource

from facegate.composition.application import Application
from facegate.composition.embedded import build_application
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.watching.parts import Watching
from facegate.domain.access import Door
from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.templates import EmbedderIdentity, Metric
from facegate.settings.loading import load_settings
from facegate.use_cases.cameras.register import NewCamera
from facegate.use_cases.enrol_photos import EnrolPhotosRequest, Photo

PASSWORD = "geheim-7"
SOURCE = f"rtsp://admin:{PASSWORD}@10.0.0.7/stream"

AT_ONCE = WatchSettings(frames_per_s=30, votes_needed=1, has_motion_gate=False, leave_after_s=1)

_SFACE = EmbedderIdentity("sface-2021dec", 128, Metric.COSINE)
"""The default model's name, so that the shipped calibration applies."""


def build(
    folder: Path, source: FakeVideoSource | None = None, *, is_serving: bool = True, **environ: str
) -> Application:
    """Without workstations; `environ` are settings."""
    names = {
        "FACEGATE_STORAGE__DATA_FOLDER": str(folder),
        "FACEGATE_PRESENCE__ENABLED": "false",
        **environ,
    }
    ports = PortOverrides(
        decoder=FakeDecoder(),
        detector=FakeDetector(),
        embedder=FakeEmbedder(_SFACE),
        cutter=FakeCutter(),
        model_files=FakeModelFiles(folder),
        video_source=source,
    )
    settings = load_settings(names, env_file=None).settings
    return build_application(settings, ports=ports, is_serving=is_serving)


@contextmanager
def serving(
    folder: Path, source: FakeVideoSource | None = None, **environ: str
) -> Iterator[tuple[Application, Watching]]:
    """Built, and closed at the end."""
    application = build(folder, source, is_serving=True, **environ)
    try:
        assert application.watching is not None
        yield application, application.watching
    finally:
        application.close()


def enrol(application: Application, subject_id: str) -> None:
    rules = application.enrolment_rules(Door.REST_V1)
    photo = Photo("a.jpg", fake_picture(FakeFace(subject_id)))
    assert application.enrol_photos(EnrolPhotosRequest(subject_id, [photo], "test", rules)).accepted


def add_camera(watching: Watching, watch: WatchSettings = AT_ONCE, rule: AlertRule | None = None) -> Camera:
    (camera,) = watching.register.add([NewCamera("Gate", SOURCE, watch, rule or AlertRule())])
    return camera
