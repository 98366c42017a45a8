"""The runner on real RTSP streams: whatever happens to them, the status says so, and all of it ends."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.cameras import FakeCameraStore, RecordingReports, ScriptedWatchers
from tests.rtsp_server.fixtures import counting_clip, own_rtsp_server  # noqa: F401 - fixtures
from tests.rtsp_server.launcher import RtspServer
from tests.rtsp_server.scripted_cameras import ScriptedCamera
from tests.unit.use_cases.cameras.camera_hall import EVERY_FRAME
from tests.unit.use_cases.cameras.waiting import camera_threads, until

from facegate.adapters.av_video import AvVideoSource
from facegate.adapters.system_clock import SystemClock
from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import CameraState, CameraStatus, VideoFault
from facegate.use_cases.cameras.register import CameraChange, CameraRegister, NewCamera
from facegate.use_cases.cameras.runner import CameraRunner, RunnerOptions

pytestmark = pytest.mark.slow

OPTIONS = RunnerOptions(
    open_timeout_s=3, read_timeout_s=2, frozen_after_s=5, reconnect_min_s=0.1, reconnect_max_s=0.5
)


class RealHall:
    """A runner on FFmpeg's libraries; what it looks with is told what to see."""

    def __init__(self) -> None:
        clock = SystemClock()
        self.register = CameraRegister(FakeCameraStore(), clock, lambda _: None, 64)
        source = AvVideoSource(frozenset(InsidePlace))
        self.runner = CameraRunner(
            self.register, source, ScriptedWatchers(), RecordingReports(), clock, OPTIONS
        )
        self.register.on_changed = self.runner.apply

    def add(self, address: str) -> Camera:
        watch = replace(EVERY_FRAME, frames_per_s=5)
        return self.register.add([NewCamera("Gate", address, watch, AlertRule())])[0]

    def until_it_is(
        self, camera: Camera, state: CameraState, fault: VideoFault | None = None
    ) -> CameraStatus:
        """Its status then; all within the time that the status has to tell the truth."""

        def is_so() -> bool:
            status = self.runner.status(camera.camera_id)
            return (status.state, status.fault) == (state, fault)

        until(is_so)
        return self.runner.status(camera.camera_id)


@pytest.fixture
def hall() -> Iterator[RealHall]:
    hall = RealHall()
    hall.runner.start()
    yield hall
    hall.runner.close()
    assert camera_threads() == []


def test_silence_hanging_up_and_the_end_of_the_server(
    hall: RealHall,
    own_rtsp_server: RtspServer,  # noqa: F811 - the fixture
    counting_clip: Path,  # noqa: F811 - the fixture
) -> None:
    camera = hall.add(own_rtsp_server.show("/gate", counting_clip))
    status = hall.until_it_is(camera, CameraState.LIVE)
    assert status.stream is not None
    assert status.stream.codec == "h264"
    own_rtsp_server.mute("/gate")
    hall.until_it_is(camera, CameraState.FROZEN, VideoFault.TIMED_OUT)
    own_rtsp_server.play("/gate")
    hall.until_it_is(camera, CameraState.LIVE)
    before = hall.runner.status(camera.camera_id).reconnect_count
    own_rtsp_server.drop_clients()
    until(lambda: hall.runner.status(camera.camera_id).reconnect_count > before)
    hall.until_it_is(camera, CameraState.LIVE)
    own_rtsp_server.close()
    status = hall.until_it_is(camera, CameraState.DOWN, VideoFault.UNREACHABLE)
    counts = status.counts
    dropped = counts.not_due + counts.superseded + counts.still + counts.failed
    assert counts.decoded == counts.analysed + dropped


def test_a_wrong_password_and_a_wrong_path(
    hall: RealHall,
    own_rtsp_server: RtspServer,  # noqa: F811 - the fixture
    counting_clip: Path,  # noqa: F811 - the fixture
    caplog: pytest.LogCaptureFixture,
) -> None:
    own_rtsp_server.show("/gate", counting_clip, user="admin", password="geheim7")
    camera = hall.add(own_rtsp_server.address("/gate", "admin:falsch8"))
    hall.until_it_is(camera, CameraState.DOWN, VideoFault.UNAUTHORIZED)
    right = own_rtsp_server.address("/gate", "admin:geheim7")
    hall.register.change(camera.camera_id, CameraChange(source=right))
    hall.until_it_is(camera, CameraState.LIVE)
    hall.register.change(camera.camera_id, CameraChange(source=right.replace("/gate", "/nothing")))
    hall.until_it_is(camera, CameraState.DOWN, VideoFault.NOT_FOUND)
    assert "geheim7" not in caplog.text
    assert "falsch8" not in caplog.text


def test_a_picture_that_is_always_the_same(
    hall: RealHall,
    own_rtsp_server: RtspServer,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    clip = tmp_path / "still.mp4"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "smptebars=s=320x180:r=10:d=2"]
    encode = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "10", "-bf", "0"]
    subprocess.run([*command, *encode, str(clip)], check=True)
    camera = hall.add(own_rtsp_server.show("/gate", clip, fps=10))
    hall.until_it_is(camera, CameraState.LIVE)
    hall.until_it_is(camera, CameraState.FROZEN, VideoFault.FROZEN)


def test_a_camera_that_answers_nothing_can_be_stopped_at_once(hall: RealHall) -> None:
    silent = ScriptedCamera(lambda _: None)
    try:
        camera = hall.add(silent.address())
        until(lambda: silent.connection_count == 1)
        assert hall.runner.status(camera.camera_id).state is CameraState.CONNECTING
        hall.until_it_is(camera, CameraState.DOWN, VideoFault.TIMED_OUT)
        until(lambda: silent.connection_count >= 2)
        hall.register.stop(camera.camera_id)
        until(lambda: f"camera-{camera.camera_id}" not in camera_threads())
    finally:
        silent.close()
