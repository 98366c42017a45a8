"""The whole application as composition builds it, on SQLite in a temporary folder.

Only the nets are fakes: they see what `fake_picture` says.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from tests.fakes.engine import FakeCutter, FakeDecoder, FakeDetector, FakeEmbedder, FakeLiveness, FakePhones
from tests.fakes.model_files import FakeModelFiles
from tests.protocols.in_process import InProcessClient

from facegate.composition.application import Application
from facegate.composition.embedded import build_application
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.process.thread_limits import limit_library_threads
from facegate.composition.server import make_app
from facegate.domain.templates import EmbedderIdentity, Metric
from facegate.ports.cameras.video_source import VideoSource
from facegate.settings.loading import load_settings

SFACE = EmbedderIdentity("sface-2021dec", 128, Metric.COSINE)
"""The fake embedder goes by the default model's name, so that the shipped calibration applies."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running application with a local client whose token opens every door."""

    app: FastAPI
    application: Application
    detector: FakeDetector
    client: InProcessClient
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def whole_server(
    data_folder: Path,
    settings: Mapping[str, object] | None = None,
    *,
    has_checks: bool = True,
    is_serving: bool = False,
    video_source: VideoSource | None = None,
) -> Iterator[Server]:
    """Starts it with these settings (by dotted path); `has_checks` loads liveness and phones.

    `is_serving` adds the doors of workstations and terminals, cameras, alerts and the history of events; with
    `video_source` their pictures come from there.
    """
    chosen = {
        "storage.data_folder": str(data_folder),
        "nightly.enabled": "false",
        "engine.workers": "2",
        **(settings or {}),
    }
    # As `facegate serve` does: threads of BLAS that compete cost more than the fakes' whole work.
    limit_library_threads()
    detector = FakeDetector()
    ports = PortOverrides(
        decoder=FakeDecoder(),
        detector=detector,
        embedder=FakeEmbedder(SFACE),
        cutter=FakeCutter(),
        liveness=FakeLiveness() if has_checks else None,
        phones=FakePhones() if has_checks else None,
        model_files=FakeModelFiles(data_folder),
        video_source=video_source,
    )
    loaded = load_settings({}, env_file=None, overrides=chosen)
    application = build_application(loaded.settings, ports=ports, is_serving=is_serving)
    app = make_app(application)
    headers = {"Authorization": f"Bearer {application.token.secret}"}
    with InProcessClient(app, headers=headers, lifespan=app.router.lifespan_context(app)) as client:
        yield Server(app, application, detector, client, headers)
