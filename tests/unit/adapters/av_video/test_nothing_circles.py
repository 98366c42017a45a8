"""Whatever ends a stream leaves nothing behind that only the garbage collector's next full round would free.

In a server with a large gallery that round is seldom, and a decoder of 720p holds 8 MB.
"""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.rtsp_server.fixtures import counting_clip, http_camera, own_rtsp_server  # noqa: F401 - fixtures
from tests.rtsp_server.http_cameras import HttpCamera, failing, recording
from tests.rtsp_server.launcher import RtspServer

from facegate.adapters.av_video import AvVideoSource
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import CameraFailed
from facegate.ports.cameras.video_source import VideoRequest

SOURCE = AvVideoSource(frozenset({InsidePlace.LOOPBACK, InsidePlace.FILES}))


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Only counting frees anything as long as the test runs."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def watch_until_it_fails(address: str, then: Callable[[], None] = lambda: None) -> None:
    try:
        stream = SOURCE.open(VideoRequest(address, open_timeout_s=5.0, read_timeout_s=2.0))
    except CameraFailed:
        return
    try:
        stream.grab()
        then()
        while True:
            stream.grab()
    except CameraFailed:
        return
    finally:
        stream.close()


def test_a_stream_that_the_camera_ends(
    no_collector: None,
    own_rtsp_server: RtspServer,  # noqa: F811
    counting_clip: Path,  # noqa: F811
) -> None:
    address = own_rtsp_server.show("/stream", counting_clip)
    for _ in range(2):
        watch_until_it_fails(address, own_rtsp_server.drop_clients)
    assert gc.collect() == 0


def test_a_wrong_password(
    no_collector: None,
    own_rtsp_server: RtspServer,  # noqa: F811
    counting_clip: Path,  # noqa: F811
) -> None:
    own_rtsp_server.show("/stream", counting_clip, user="admin", password="right")
    for _ in range(2):
        watch_until_it_fails(own_rtsp_server.address("/stream", "admin:wrong"))
    assert gc.collect() == 0


def test_a_file_that_is_over_and_one_that_is_none(
    no_collector: None,
    counting_clip: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video" * 1000)
    for path in (counting_clip, broken):
        watch_until_it_fails(str(path))
    assert gc.collect() == 0


def test_what_http_cameras_answer(no_collector: None, http_camera: HttpCamera) -> None:  # noqa: F811
    pages = (failing(500), recording(b"no video" * 1000))
    for place, page in enumerate(pages):
        watch_until_it_fails(http_camera.show(f"/{place}", page))
    left = gc.collect()
    # httpx's own connections make circles of a few small objects each.
    assert left < 200 * len(pages)
