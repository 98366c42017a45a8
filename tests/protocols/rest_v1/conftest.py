from collections.abc import Iterator

import pytest
from tests.protocols.rest_v1.camera_server import CameraServer, camera_server
from tests.protocols.whole_server import Server, whole_server


@pytest.fixture(scope="module")
def _running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Starting takes longer than most tests: one server per module, emptied before each test.
    with whole_server(tmp_path_factory.mktemp("rest_v1") / "data") as running:
        yield running


@pytest.fixture
def server(_running_server: Server) -> Server:
    """A server with an empty gallery, every check loaded and a sound engine."""
    _running_server.detector.failure = None
    gallery = _running_server.application.gallery
    for subject in gallery.list_subjects():
        gallery.remove_subject(subject.subject_id)
    return _running_server


@pytest.fixture(scope="module")
def _running_cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CameraServer]:
    with camera_server(tmp_path_factory.mktemp("cameras") / "data") as running:
        yield running


@pytest.fixture
def cameras(_running_cameras: CameraServer) -> CameraServer:
    """A server with every door, without cameras, channels and people; events of earlier tests stay."""
    _running_cameras.empty()
    return _running_cameras
