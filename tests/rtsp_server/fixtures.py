"""Fixtures for tests that need streams; import those you use.

from tests.rtsp_server.fixtures import rtsp_server, small_walk_in_clip  # noqa: F401
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.real_pictures import RealPictures
from tests.rtsp_server.clips import make_counting_clip, make_walk_in_clip
from tests.rtsp_server.http_cameras import HttpCamera, running_http_camera
from tests.rtsp_server.launcher import RtspServer, require_rtsp


@pytest.fixture(scope="session")
def rtsp_server() -> Iterator[RtspServer]:
    """A server that lives as long as the tests; each test shows at a path of its own."""
    require_rtsp()
    with RtspServer() as server:
        yield server


@pytest.fixture
def own_rtsp_server() -> Iterator[RtspServer]:
    """One that a test may kill, or hang up on everybody with."""
    require_rtsp()
    with RtspServer() as server:
        yield server


@pytest.fixture
def http_camera() -> Iterator[HttpCamera]:
    """A web server without pages."""
    with running_http_camera() as camera:
        yield camera


@pytest.fixture(scope="session")
def counting_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of 320 x 180 at 25 frames/s in which each frame tells its number."""
    require_rtsp()
    return make_counting_clip(tmp_path_factory.mktemp("clips") / "counting.mp4", 2.0, (320, 180))


@pytest.fixture(scope="session")
def walk_in_clip(tmp_path_factory: pytest.TempPathFactory, real_pictures: RealPictures) -> Path:
    """Obama (`obama.jpg`) comes after 2 s, stays for 6 and goes; 1280 x 720 at 25 frames/s."""
    require_rtsp()
    out = tmp_path_factory.mktemp("clips") / "walk_in.mp4"
    return make_walk_in_clip(real_pictures.path("obama.jpg"), out)


@pytest.fixture(scope="session")
def small_walk_in_clip(tmp_path_factory: pytest.TempPathFactory, real_pictures: RealPictures) -> Path:
    """The same in 640 x 360 at 10 frames/s, after 1 s, for 3."""
    require_rtsp()
    out = tmp_path_factory.mktemp("clips") / "small_walk_in.mp4"
    return make_walk_in_clip(real_pictures.path("obama.jpg"), out, 1.0, 3.0, (640, 360), 10)
