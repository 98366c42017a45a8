"""The whole application on real sockets, in a thread of the test's process."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.gallery import InMemoryGalleryStore, InMemoryTokenStore
from tests.protocols.contract_doors import CURVE
from tests.protocols.drawn_faces import DrawnFaceDetector, DrawnFaceEmbedder

from facegate.composition.embedded import build_application
from facegate.composition.listening.announcing_server import AnnouncingServer
from facegate.composition.listening.serving import close_all, open_sockets, server_config
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.server import make_app
from facegate.composition.start import listen_options
from facegate.settings.loading import load_settings
from facegate.use_cases.saved_calibrations import save_curve

START_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where it listens and its token; `old_port` is the one that FLASK_PORT opened."""

    host: str
    port: int
    old_port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def drawn_face_ports() -> PortOverrides:
    """Nets that read drawn faces, and a gallery in memory that knows how to judge them."""
    store = InMemoryGalleryStore()
    save_curve(store, CURVE)
    return PortOverrides(
        store=store,
        token_store=InMemoryTokenStore(),
        detector=DrawnFaceDetector(),
        embedder=DrawnFaceEmbedder(),
    )


@contextmanager
def running_server(
    data_folder: Path, environ: Mapping[str, str], ports: PortOverrides | None = None
) -> Iterator[RunningServer]:
    """Starts with these environment variables (the old servers' names too), stops at the end.

    `ports` None loads the real nets and keeps the gallery in `data_folder`.
    """
    old_port = _free_port()
    given = {
        "FACE_DATA_DIR": str(data_folder),
        "FACEGATE_SERVER__PORT": str(_free_port()),
        "FLASK_PORT": str(old_port),
        "FACEGATE_NIGHTLY__ENABLED": "false",
        **environ,
    }
    settings = load_settings(given, env_file=None).settings
    options = listen_options(settings)
    application = build_application(settings, ports=ports)
    sockets = open_sockets(options)
    is_started = threading.Event()
    server = AnnouncingServer(server_config(make_app(application), options), is_started.set)
    thread = threading.Thread(target=server.run, args=(sockets,), name="server under test")
    thread.start()
    try:
        assert is_started.wait(START_TIMEOUT_S), "the server did not start"
        yield RunningServer("127.0.0.1", options.port, old_port, application.token.secret)
    finally:
        server.should_exit = True
        thread.join(START_TIMEOUT_S)
        close_all(sockets)
        assert not thread.is_alive()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
