"""Cameras whose addresses cannot be read any more: there, not run, mended by entering them again."""

import pytest
from tests.unit.use_cases.cameras.camera_hall import GATE, YARD, CameraHall

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.sources import masked_source
from facegate.domain.cameras.status import CameraState, VideoFault
from facegate.use_cases.cameras.register import CameraChange


def a_hall_that_lost(camera_count: int) -> tuple[CameraHall, list[Camera]]:
    """Of its cameras the first one's address; nothing runs yet."""
    hall = CameraHall()
    hall.source.camera(YARD)
    cameras = [hall.add(address) for address in (GATE, YARD)[:camera_count]]
    hall.store.lose_source(cameras[0].camera_id)
    hall.register.load()
    return hall, cameras


def test_one_that_is_lost_does_not_run_and_the_others_do(caplog: pytest.LogCaptureFixture) -> None:
    hall, (lost, other) = a_hall_that_lost(2)
    (told,) = caplog.records
    assert (told.levelname, lost.camera_id in told.getMessage()) == ("ERROR", True)
    assert "geheim7" not in caplog.text
    try:
        hall.runner.start()
        status = hall.runner.status(lost.camera_id)
        assert (status.state, status.fault) == (CameraState.DOWN, VideoFault.REFUSED)
        assert "enter it again" in status.trouble
        assert hall.state(other) is not CameraState.DOWN
        hall.register.start(lost.camera_id)
        assert hall.state(lost) is CameraState.DOWN
        hall.register.stop(lost.camera_id)
        assert hall.state(lost) is CameraState.STOPPED
        assert hall.runner.status(lost.camera_id).fault is VideoFault.REFUSED
        hall.register.delete(lost.camera_id)
        assert hall.register.list_cameras() == [other]
    finally:
        hall.runner.close()


def test_a_new_address_makes_it_run() -> None:
    hall, (lost,) = a_hall_that_lost(1)
    try:
        hall.runner.start()
        hall.register.change(lost.camera_id, CameraChange(nickname="Yard"))
        assert hall.register.get(lost.camera_id).source == ""
        hall.register.change(lost.camera_id, CameraChange(source=GATE))
        assert hall.runner.status(lost.camera_id).fault is None
        assert hall.state(lost) is not CameraState.DOWN
    finally:
        hall.runner.close()


def test_no_address_is_shown_as_none() -> None:
    assert masked_source("") == ""
