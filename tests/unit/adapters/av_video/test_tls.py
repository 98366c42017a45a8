"""RTSPS and HTTPS: the certificate has to be of the name, although the checked address is connected to."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.rtsp_server.fixtures import counting_clip, http_camera, rtsp_server
from tests.rtsp_server.http_cameras import HttpCamera, mjpeg
from tests.rtsp_server.launcher import RtspServer

from facegate.adapters.av_video import AvVideoSource
from facegate.adapters.av_video.checked_network import CheckedNetwork
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed
from facegate.ports.cameras.video_source import VideoRequest

__all__ = ["counting_clip", "http_camera", "rtsp_server"]

LOOPBACK = frozenset({InsidePlace.LOOPBACK})


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    words += ["-keyout", str(tmp_path / "key.pem"), "-out", str(path)]
    subprocess.run(words, check=True, capture_output=True)
    return path


@contextmanager
def tls_before(port: int, certificate: Path) -> Iterator[int]:
    """A port that speaks TLS and hands on to the given one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_listen, args=(listener, context, port), daemon=True).start()
        yield listener.getsockname()[1]


def _listen(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_carry, args=(client, context, port), daemon=True).start()


def _carry(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with (
        suppress(OSError),
        client,
        context.wrap_socket(client, server_side=True) as secured,
        socket.create_connection(("127.0.0.1", port)) as server,
    ):
        threading.Thread(target=_copy, args=(secured, server), daemon=True).start()
        _copy(server, secured)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture(params=["rtsps", "https"])
def address(
    request: pytest.FixtureRequest,
    rtsp_server: RtspServer,
    counting_clip: Path,
    http_camera: HttpCamera,
    certificate: Path,
) -> Iterator[str]:
    if request.param == "rtsps":
        rtsp_server.show("/secured", counting_clip)
        with tls_before(rtsp_server.port, certificate) as port:
            yield f"rtsps://localhost:{port}/secured"
    else:
        http_camera.show("/live", mjpeg([bytes(cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))[1])]))
        with tls_before(http_camera.port, certificate) as port:
            yield f"https://localhost:{port}/live"


def opened(source: AvVideoSource, address: str) -> None:
    stream = source.open(VideoRequest(address, open_timeout_s=5))
    for _ in range(10):
        stream.grab()
    stream.close()


def test_a_trusted_certificate_of_the_name_is_enough(
    address: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    opened(AvVideoSource(LOOPBACK), address)


def test_a_certificate_of_another_name_is_refused(
    address: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(CameraFailed, match="not trusted for this name") as caught:
        opened(AvVideoSource(LOOPBACK), address.replace("localhost", "127.0.0.1"))
    assert caught.value.fault == VideoFault.UNREACHABLE


def test_a_certificate_that_nobody_vouches_for_is_refused_unless_none_is_asked_for(address: str) -> None:
    with pytest.raises(CameraFailed, match="not trusted for this name"):
        opened(AvVideoSource(LOOPBACK), address)
    unverified = CheckedNetwork(LOOPBACK, verifies_certificates=False)
    opened(AvVideoSource(LOOPBACK, network=unverified), address)
