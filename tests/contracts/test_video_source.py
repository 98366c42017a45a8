"""What every VideoSource promises, whatever brings the pictures."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.contracts.video_sources import HEIGHT_PX, SECRET, SOURCE_KINDS, WIDTH_PX, SourceKind, TestedCamera
from tests.rtsp_server.fixtures import counting_clip, rtsp_server
from tests.rtsp_server.launcher import RtspServer

from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed
from facegate.domain.geometry import ImageSize
from facegate.ports.cameras.video_source import VideoStream

__all__ = ["counting_clip", "rtsp_server"]

STOP_S = 1.5
"""Half a second is promised; the rest is for a machine that has much to do."""


@pytest.fixture(params=SOURCE_KINDS, ids=lambda kind: kind.name)
def camera(
    request: pytest.FixtureRequest, rtsp_server: RtspServer, counting_clip: Path
) -> Iterator[TestedCamera]:
    kind: SourceKind = request.param
    kind.require()
    with kind.opened(rtsp_server, counting_clip) as camera:
        yield camera


def grab_on(stream: VideoStream) -> None:
    for _ in range(1000):
        stream.grab()


def test_frames_come_in_the_size_that_is_told(camera: TestedCamera) -> None:
    stream = camera.source.open(camera.request)
    assert stream.info.size == ImageSize(WIDTH_PX, HEIGHT_PX)
    assert stream.info.codec
    assert stream.info.decoder == "software"
    frames = [stream.grab() for _ in range(5)]
    stream.close()
    for frame in frames:
        assert frame.size == ImageSize(WIDTH_PX, HEIGHT_PX)
    assert len({frame.picture().pixels_rgb.tobytes() for frame in frames}) > 1


def test_a_frame_is_converted_as_asked_after_its_stream_and_on_another_thread(camera: TestedCamera) -> None:
    stream = camera.source.open(camera.request)
    frame = stream.grab()
    stream.close()
    found = []

    def convert() -> None:
        found.append((frame.luma(160), frame.picture(), frame.picture(100), frame.picture(5000)))

    thread = threading.Thread(target=convert)
    thread.start()
    thread.join()
    luma, whole, small, large = found[0]
    assert luma.shape == (90, 160)
    assert luma.dtype == np.uint8
    assert whole.size == whole.original_size == large.size == ImageSize(WIDTH_PX, HEIGHT_PX)
    assert small.size == ImageSize(100, 56)
    assert small.original_size == ImageSize(WIDTH_PX, HEIGHT_PX)
    # The same scene: brightness and colours agree.
    assert abs(float(luma.mean()) - float(whole.pixels_rgb.mean())) < 25


def test_nothing_coming_ends_in_time(camera: TestedCamera) -> None:
    if camera.mute is None:
        return
    stream = camera.source.open(camera.request)
    stream.grab()
    camera.mute()
    began_s = time.monotonic()
    with pytest.raises(CameraFailed) as caught:
        grab_on(stream)
    assert caught.value.fault == VideoFault.TIMED_OUT
    assert time.monotonic() - began_s < camera.request.read_timeout_s + 2
    stream.close()


def test_a_stream_that_waits_stops_when_told(camera: TestedCamera) -> None:
    stop = threading.Event()
    stream = camera.source.open(camera.request, stop.is_set)
    stream.grab()
    if camera.mute is not None:
        camera.mute()
    threading.Timer(0.2, stop.set).start()
    began_s = time.monotonic()
    with pytest.raises(CameraFailed):
        grab_on(stream)
    assert 0.1 < time.monotonic() - began_s < 0.2 + STOP_S
    stream.close()


def test_opening_stops_when_told(camera: TestedCamera) -> None:
    began_s = time.monotonic()
    with pytest.raises(CameraFailed):
        camera.source.open(camera.request, lambda: True).grab()
    assert time.monotonic() - began_s < STOP_S


def test_where_no_camera_is_the_fault_is_told_without_the_address(camera: TestedCamera) -> None:
    with pytest.raises(CameraFailed) as caught:
        camera.source.open(camera.absent)
    assert caught.value.fault in (VideoFault.NOT_FOUND, VideoFault.UNREACHABLE)
    told = f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert SECRET not in told
    assert "127.0.0.1" not in told


def test_closing_twice_does_no_harm_and_nothing_comes_after_it(camera: TestedCamera) -> None:
    stream = camera.source.open(camera.request)
    stream.close()
    stream.close()
    with pytest.raises(CameraFailed):
        stream.grab()


def test_several_streams_do_not_wait_for_each_other(camera: TestedCamera) -> None:
    streams = [camera.source.open(camera.request) for _ in range(3)]
    for _ in range(3):
        for stream in streams:
            stream.grab()
    for stream in streams:
        stream.close()
