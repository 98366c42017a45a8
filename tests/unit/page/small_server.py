"""The whole application over HTTP in a thread, on SQLite; only its nets are stood in for."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from tests.fakes.engine import FakePhones
from tests.fakes.model_files import FakeModelFiles
from tests.protocols.drawn_faces import DrawnFaceDetector, DrawnFaceEmbedder, FixedLiveness
from tests.protocols.whole_server import SFACE

from facegate.composition.embedded import build_application
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.process.thread_limits import limit_library_threads
from facegate.composition.server import make_app
from facegate.domain.images import AlignedCrop
from facegate.domain.templates import EmbedderIdentity, Template
from facegate.settings.loading import load_settings

_START_TIMEOUT_S = 30


class _DefaultModel(DrawnFaceEmbedder):
    """Goes by the default model's name, so that the shipped calibration applies."""

    @property
    def identity(self) -> EmbedderIdentity:
        return SFACE

    def embed(self, crops: Sequence[AlignedCrop]) -> list[Template]:
        return [Template(SFACE.model_id, template.vector) for template in super().embed(crops)]


@dataclass(frozen=True, slots=True)
class SmallServer:
    """Where it listens and its token."""

    url: str
    token: str


@contextmanager
def small_server(data_folder: Path) -> Iterator[SmallServer]:
    """Started, with every door of `facegate serve` but those with a port of their own."""
    limit_library_threads()
    chosen = {
        "storage.data_folder": str(data_folder),
        "nightly.enabled": "false",
        "engine.workers": "2",
    }
    ports = PortOverrides(
        detector=DrawnFaceDetector(),
        embedder=_DefaultModel(),
        liveness=FixedLiveness(0.99),
        phones=FakePhones(),
        model_files=FakeModelFiles(data_folder),
    )
    application = build_application(
        load_settings({}, env_file=None, overrides=chosen).settings, ports=ports, is_serving=True
    )
    config = uvicorn.Config(make_app(application), ws="none", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="server under the page")
        thread.start()
        try:
            _wait_until_started(server)
            yield SmallServer(f"http://127.0.0.1:{listener.getsockname()[1]}", application.token.secret)
        finally:
            server.should_exit = True
            thread.join(_START_TIMEOUT_S)
            assert not thread.is_alive()


def _wait_until_started(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
