"""Every VideoSource over every way a stream can come, for the suite of the port."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tests.fakes.video import FakeVideoSource
from tests.rtsp_server.http_cameras import mjpeg, running_http_camera
from tests.rtsp_server.launcher import RtspServer, require_rtsp

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.camera import Transport
from facegate.domain.cameras.sources import InsidePlace
from facegate.ports.cameras.video_source import VideoRequest, VideoSource

WIDTH_PX, HEIGHT_PX = 320, 180

SECRET = "s3cret"
"""In every address; nothing may repeat it."""

_paths = (f"/contract-{number}" for number in itertools.count())


@dataclass(frozen=True)
class TestedCamera:
    """A camera of 320 x 180 that shows pictures until it is muted, and the source that opens it."""

    __test__ = False

    source: VideoSource
    request: VideoRequest
    mute: Callable[[], None] | None
    """None where nothing can be silent: a file."""

    absent: VideoRequest
    """Where no camera is."""


@dataclass(frozen=True)
class SourceKind:
    """One way; `opened` gets the shared RTSP server and a clip of 320 x 180."""

    __test__ = False

    name: str
    opened: Callable[[RtspServer, Path], AbstractContextManager[TestedCamera]]
    require: Callable[[], None] = require_rtsp


def _av() -> AvVideoSource:
    return AvVideoSource(frozenset(InsidePlace))


def _rtsp(transport: Transport) -> Callable[[RtspServer, Path], AbstractContextManager[TestedCamera]]:
    @contextmanager
    def opened(server: RtspServer, clip: Path) -> Iterator[TestedCamera]:
        path = next(_paths)
        server.show(path, clip, user="guard", password=SECRET)
        yield TestedCamera(
            _av(),
            VideoRequest(server.address(path, f"guard:{SECRET}"), transport, read_timeout_s=1.0),
            lambda: server.mute(path),
            VideoRequest(server.address("/nowhere", f"guard:{SECRET}"), transport),
        )

    return opened


@contextmanager
def _http(_: RtspServer, __: Path) -> Iterator[TestedCamera]:
    is_muted: list[bool] = []
    with running_http_camera() as camera:
        pictures = [_picture(number) for number in range(5)]
        camera.show("/live", mjpeg(pictures, is_muted=lambda: bool(is_muted)))
        yield TestedCamera(
            _av(),
            VideoRequest(f"http://guard:{SECRET}@127.0.0.1:{camera.port}/live", read_timeout_s=1.0),
            lambda: is_muted.append(True),
            VideoRequest(f"http://guard:{SECRET}@127.0.0.1:{camera.port}/nowhere"),
        )


@contextmanager
def _file(_: RtspServer, clip: Path) -> Iterator[TestedCamera]:
    yield TestedCamera(
        _av(), VideoRequest(str(clip)), None, VideoRequest(f"file://{clip.parent}/{SECRET}.mp4")
    )


@contextmanager
def _fake(_: RtspServer, __: Path) -> Iterator[TestedCamera]:
    source = FakeVideoSource()
    address = f"rtsp://guard:{SECRET}@gate/1"
    camera = source.camera(address, width_px=WIDTH_PX, height_px=HEIGHT_PX)
    camera.show(*(_pixels(number) for number in range(50)))

    def mute() -> None:
        """What waits is taken away."""
        while camera.waiting_count:
            camera.next_frame(1.0, lambda: False)

    yield TestedCamera(
        source,
        VideoRequest(address, read_timeout_s=1.0),
        mute,
        VideoRequest(f"rtsp://guard:{SECRET}@elsewhere/1"),
    )


SOURCE_KINDS = (
    SourceKind("fake", _fake),
    SourceKind("rtsp-tcp", _rtsp(Transport.TCP)),
    SourceKind("rtsp-udp", _rtsp(Transport.UDP)),
    SourceKind("http-mjpeg", _http),
    SourceKind("file", _file),
)


def _pixels(number: int) -> np.ndarray:
    pixels = np.full((HEIGHT_PX, WIDTH_PX, 3), 40, np.uint8)
    pixels[:, 20 * number % WIDTH_PX :][:, :60] = 200
    return pixels


def _picture(number: int) -> bytes:
    return bytes(cv2.imencode(".jpg", _pixels(number))[1])
