"""Cameras attached to the server; FFmpeg's own test picture stands in: test machines have none."""

import sys
import threading
import time
from collections.abc import Callable

import av
import pytest
from av.container import InputContainer

from facegate.adapters.av_video import AvVideoSource, webcam_video
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, NotPermitted
from facegate.domain.geometry import ImageSize
from facegate.ports.cameras.video_source import VideoRequest

SOURCE = AvVideoSource(frozenset({InsidePlace.WEBCAMS}))

TEST_PICTURE = ("lavfi", "testsrc=size=320x240:rate=25")


def webcam_threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "webcam"]


def test_a_device_gives_pictures_and_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcam_video, "_device", lambda _: TEST_PICTURE)
    stream = SOURCE.open(VideoRequest("webcam:0"))
    assert stream.info.size == ImageSize(320, 240)
    assert [stream.grab().size for _ in range(5)] == [ImageSize(320, 240)] * 5
    stream.close()
    assert webcam_threads() == []


def test_a_device_that_is_pulled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcam_video, "_device", lambda _: ("lavfi", "testsrc=size=320x240:duration=1"))
    stream = SOURCE.open(VideoRequest("webcam:0"))
    frames = [stream.grab() for _ in range(25)]
    with pytest.raises(CameraFailed) as caught:
        stream.grab()
    assert caught.value.fault == VideoFault.UNREACHABLE
    assert len(frames) == 25
    stream.close()


@pytest.mark.skipif(sys.platform != "linux", reason="a webcam by any number is available here")
def test_a_number_without_a_device() -> None:
    with pytest.raises(CameraFailed) as caught:
        SOURCE.open(VideoRequest("webcam:987"))
    assert caught.value.fault == VideoFault.NOT_FOUND
    assert webcam_threads() == []


def test_webcams_are_refused_unless_allowed() -> None:
    with pytest.raises(NotPermitted, match="FACEGATE_CAMERAS__ALLOWED_PLACES=webcams"):
        AvVideoSource(frozenset()).open(VideoRequest("webcam:0"))


@pytest.mark.parametrize(
    ("open_s", "stop_after_s", "fault"), [(0.3, 60.0, VideoFault.TIMED_OUT), (60.0, 0.3, VideoFault.ENDED)]
)
def test_a_driver_that_hangs_is_left_behind_and_gives_the_device_back_later(
    monkeypatch: pytest.MonkeyPatch, open_s: float, stop_after_s: float, fault: VideoFault
) -> None:
    is_released = threading.Event()
    opened: list[InputContainer] = []
    monkeypatch.setattr(webcam_video, "_container", _hanging(is_released, opened))
    began_s = time.monotonic()
    with pytest.raises(CameraFailed) as caught:
        SOURCE.open(
            VideoRequest("webcam:0", open_timeout_s=open_s),
            lambda: time.monotonic() - began_s > stop_after_s,
        )
    assert caught.value.fault == fault
    assert time.monotonic() - began_s < 3
    is_released.set()
    until_s = time.monotonic() + 5
    while webcam_threads() and time.monotonic() < until_s:
        time.sleep(0.02)
    assert webcam_threads() == []
    assert not opened[0].input_was_opened


def _hanging(is_released: threading.Event, opened: list[InputContainer]) -> Callable[[int], InputContainer]:
    def container(_: int) -> InputContainer:
        is_released.wait(20)
        opened.append(av.open(TEST_PICTURE[1], "r", format=TEST_PICTURE[0]))
        return opened[0]

    return container
