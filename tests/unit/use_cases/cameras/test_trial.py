"""Trial connections: what they give, and that they are bounded."""

import threading
from collections.abc import Callable

import pytest
from tests.fakes.video import FakeVideoSource
from tests.unit.use_cases.cameras.camera_hall import GATE, YARD, MovableClock, new_picture
from tests.unit.use_cases.cameras.waiting import camera_threads, until

from facegate.domain.cameras.camera import Transport, WatchSettings
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, EngineOverloaded, NotPermitted
from facegate.ports.cameras.video_source import VideoRequest, VideoSource, VideoStream
from facegate.use_cases.cameras import trial
from facegate.use_cases.cameras.trial import CameraTrials


def never() -> bool:
    return False


def trials_of(source: VideoSource, timeout_s: float = 10.0) -> CameraTrials:
    return CameraTrials(source, MovableClock(), timeout_s, timeout_s)


def test_a_camera_that_works_gives_a_picture_and_is_let_go() -> None:
    source = FakeVideoSource()
    gate = source.camera(GATE)
    gate.show(new_picture())
    test = trials_of(source)(GATE, WatchSettings(transport=Transport.UDP))
    assert (test.stream.codec, test.frame.size.width_px) == ("h264", 64)
    assert test.took_ms >= 0
    assert gate.open_count == 0
    assert gate.requests[0].transport is Transport.UDP


def test_one_that_does_not_says_why() -> None:
    source = FakeVideoSource()
    source.camera(GATE).refuse(VideoFault.UNAUTHORIZED)
    trials = trials_of(source)
    for _ in range(5):
        with pytest.raises(CameraFailed) as failed:
            trials(GATE, WatchSettings())
        assert failed.value.fault == VideoFault.UNAUTHORIZED
    source.camera(YARD).refuse(NotPermitted("addresses of the server itself are refused"))
    with pytest.raises(NotPermitted):
        trials(YARD, WatchSettings())


@pytest.mark.parametrize(
    "error",
    [
        CameraFailed(f"cannot open {GATE}", fault=VideoFault.UNREACHABLE),
        CameraFailed("password geheim7 is wrong", fault=VideoFault.UNAUTHORIZED),
    ],
)
def test_no_answer_holds_the_address(error: CameraFailed) -> None:
    source = FakeVideoSource()
    source.camera(GATE).refuse(error)
    with pytest.raises(CameraFailed) as failed:
        trials_of(source)(GATE, WatchSettings())
    assert "geheim7" not in failed.value.message


def test_a_bug_is_ours_and_its_text_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def open(self, request: VideoRequest, should_stop: Callable[[], bool] = never) -> VideoStream:
            raise ZeroDivisionError(request.source)

    with pytest.raises(CameraFailed) as failed:
        trials_of(Broken())(GATE, WatchSettings())
    assert failed.value.fault == VideoFault.INTERNAL
    assert "geheim7" not in failed.value.message + caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_two_at_once_and_no_more() -> None:
    source = FakeVideoSource()
    gate, trials = source.camera(GATE), trials_of(source, 20)
    gate.hang()
    failures: list[str] = []

    def try_it() -> None:
        with pytest.raises(CameraFailed) as failed:
            trials(GATE, WatchSettings())
        failures.append(failed.value.fault)

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: gate.attempt_count == 2)
    with pytest.raises(EngineOverloaded):
        trials(GATE, WatchSettings())
    gate.refuse(VideoFault.NOT_FOUND)
    trials.close()
    for thread in threads:
        thread.join(20)
    assert len(failures) == 2
    until(lambda: camera_threads() == [])


def test_one_that_hangs_against_its_promise_is_given_up_but_keeps_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_go_on = threading.Event()

    class Hanging:
        def open(self, request: VideoRequest, should_stop: Callable[[], bool] = never) -> VideoStream:
            assert may_go_on.wait(20)
            assert should_stop()
            raise CameraFailed("at last", fault=VideoFault.TIMED_OUT)

    monkeypatch.setattr(trial, "_GRACE_S", 0.0)
    trials = trials_of(Hanging(), 0.005)
    for _ in range(2):
        with pytest.raises(CameraFailed) as failed:
            trials(GATE, WatchSettings())
        assert failed.value.fault == VideoFault.TIMED_OUT
    with pytest.raises(EngineOverloaded):
        trials(GATE, WatchSettings())
    may_go_on.set()
    until(lambda: camera_threads() == [])
