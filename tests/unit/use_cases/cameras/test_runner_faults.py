"""It never dies quietly: what goes wrong is told, once, and the camera goes on."""

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.fakes.cameras import ScriptedWatcher, a_visit
from tests.fakes.video import FakeVideoSource, FakeVideoStream
from tests.unit.use_cases.cameras.camera_hall import (
    EVERY_FRAME,
    FAST,
    GATE,
    CameraHall,
    new_picture,
    running_hall,
)
from tests.unit.use_cases.cameras.waiting import camera_threads, until

from facegate.domain.cameras.status import CameraState, VideoFault
from facegate.domain.cameras.visits import VisitChangeKind
from facegate.domain.errors import CameraFailed, CapabilityMissing, EngineFailed, NotPermitted
from facegate.ports.cameras.video_source import LumaPixels, VideoRequest
from facegate.use_cases.cameras.runner import CameraRunner

BEGAN = a_visit(VisitChangeKind.BEGAN)

PATIENT = replace(FAST, reconnect_min_s=600, reconnect_max_s=600)


@pytest.mark.parametrize(
    ("refusal", "fault"),
    [
        (VideoFault.UNAUTHORIZED, VideoFault.UNAUTHORIZED),
        (VideoFault.UNREACHABLE, VideoFault.UNREACHABLE),
        (NotPermitted("addresses of the server itself are refused"), VideoFault.REFUSED),
        (CapabilityMissing("FFmpeg is not there", capability="video"), VideoFault.INTERNAL),
    ],
)
def test_why_no_picture_comes_and_when_it_is_tried_again(
    refusal: VideoFault | NotPermitted, fault: VideoFault
) -> None:
    with running_hall(PATIENT) as hall:
        hall.gate.refuse(refusal)
        camera = hall.add()
        hall.until_state(camera, CameraState.DOWN)
        status = hall.runner.status(camera.camera_id)
        assert (status.fault, bool(status.trouble)) == (fault, True)
        assert status.next_attempt_at is not None
        assert 290 <= (status.next_attempt_at - hall.clock.now_utc()).total_seconds() <= 600
        hall.gate.accept()
        hall.register.start(camera.camera_id)
        hall.until_shown(lambda: hall.state(camera) is CameraState.LIVE)
        assert hall.runner.status(camera.camera_id).trouble == ""


def test_a_stream_that_breaks_is_connected_again() -> None:
    with running_hall() as hall:
        camera = hall.add()
        hall.until_looked()
        hall.gate.break_off(VideoFault.BROKEN)
        hall.until_looked()
        hall.until_state(camera, CameraState.LIVE)
        assert hall.runner.status(camera.camera_id).reconnect_count == 1
        assert hall.gate.open_count == 1


def test_one_that_falls_silent_is_frozen_and_then_down() -> None:
    with running_hall(PATIENT) as hall:
        camera = hall.add()
        hall.until_looked()
        hall.gate.break_off(VideoFault.TIMED_OUT)
        hall.gate.refuse(VideoFault.UNREACHABLE)
        hall.until_state(camera, CameraState.FROZEN)
        assert hall.runner.status(camera.camera_id).fault is VideoFault.TIMED_OUT
        hall.register.start(camera.camera_id)
        hall.until_state(camera, CameraState.DOWN)


def test_a_read_that_hangs_against_its_promise_is_told_too() -> None:
    with running_hall(replace(FAST, read_timeout_s=8)) as hall:
        camera = hall.add()
        hall.until_looked()

        def is_frozen() -> bool:
            hall.clock.advance(2)
            return hall.state(camera) is CameraState.FROZEN

        until(is_frozen)
        assert hall.runner.status(camera.camera_id).fault is VideoFault.TIMED_OUT
        hall.until_looked()
        hall.until_state(camera, CameraState.LIVE)


def test_an_attempt_that_hangs_against_its_promise_is_down() -> None:
    with running_hall() as hall:
        hall.gate.hang()
        camera = hall.add()
        until(lambda: hall.gate.attempt_count == 1)
        hall.clock.advance(22)
        hall.until_state(camera, CameraState.DOWN)
        assert hall.runner.status(camera.camera_id).fault is VideoFault.TIMED_OUT


def test_a_frozen_picture_is_told_and_not_looked_at() -> None:
    with running_hall(replace(FAST, read_timeout_s=600)) as hall:
        camera = hall.add()
        hall.until_looked()
        same = new_picture()
        hall.gate.show(same)
        until(lambda: hall.gate.waiting_count == 0)
        hall.clock.advance(2)

        def is_frozen() -> bool:
            if hall.gate.waiting_count == 0:
                hall.gate.show(same)
                hall.clock.advance(2)
            return hall.state(camera) is CameraState.FROZEN

        until(is_frozen)
        status = hall.runner.status(camera.camera_id)
        assert status.fault is VideoFault.FROZEN
        assert status.people_count == 0
        until(lambda: len(hall.reports.downs) == 1)
        assert hall.reports.downs[0].state is CameraState.FROZEN
        hall.clock.advance(2)
        hall.until_looked()
        hall.until_state(camera, CameraState.LIVE)
        assert hall.gate.attempt_count == 1


def test_an_outage_is_told_once_and_so_is_its_end() -> None:
    with running_hall(replace(FAST, read_timeout_s=600)) as hall:
        camera = hall.add()
        hall.until_looked()
        hall.gate.refuse(VideoFault.UNREACHABLE)
        hall.gate.break_off(VideoFault.BROKEN)
        hall.until_state(camera, CameraState.DOWN)
        assert hall.reports.downs == []
        hall.clock.advance(61)
        until(lambda: len(hall.reports.downs) == 1)
        assert hall.reports.downs[0].fault is VideoFault.UNREACHABLE
        hall.clock.advance(600)
        hall.gate.accept()
        hall.until_looked()
        hall.until_state(camera, CameraState.LIVE)
        assert hall.reports.ups == []

        def is_back() -> bool:
            hall.clock.advance(0.1)
            return len(hall.reports.ups) == 1

        hall.until_shown(is_back)
        assert hall.reports.ups[0][1] == pytest.approx(661, abs=30)
        assert hall.reports.told.count(f"{camera.camera_id} down") == 1


def test_the_first_pictures_since_a_start_are_told_as_such() -> None:
    """Whoever heard before the start that the camera is down must hear that it is back."""
    with running_hall(replace(FAST, read_timeout_s=600)) as hall:
        camera = hall.add()

        def is_told(count: int) -> bool:
            hall.clock.advance(0.1)
            return len(hall.reports.ups) >= count

        hall.until_shown(lambda: is_told(1))
        hall.register.stop(camera.camera_id)
        hall.register.start(camera.camera_id)
        hall.until_shown(lambda: is_told(2))
        assert [was_down_s for _, was_down_s in hall.reports.ups] == [None, None]
        assert hall.reports.downs == []


def test_a_look_that_fails_is_shown_logged_once_and_over_with_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with running_hall() as hall:
        camera = hall.add()
        hall.until_looked()
        watcher = hall.watchers.of(camera.camera_id)
        watcher.faults.extend([EngineFailed("the runtime broke")] * 3)
        hall.until_shown(lambda: hall.runner.status(camera.camera_id).counts.failed >= 1)
        watcher.may_go_on.clear()
        status = hall.runner.status(camera.camera_id)
        if watcher.faults:
            assert status.trouble == "its pictures cannot be looked at: the runtime broke"
        assert status.state is CameraState.LIVE
        watcher.may_go_on.set()
        hall.until_shown(lambda: not watcher.faults)
        hall.until_looked()
        hall.until_shown(lambda: hall.runner.status(camera.camera_id).trouble == "")
        assert hall.runner.status(camera.camera_id).counts.failed == 3
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1


def test_a_bug_in_a_look_does_not_tell_its_text(caplog: pytest.LogCaptureFixture) -> None:
    with running_hall() as hall:
        camera = hall.add()
        hall.watchers.prepare = lambda watcher: watcher.faults.append(KeyError("geheim7"))
        hall.until_shown(lambda: hall.runner.status(camera.camera_id).counts.failed >= 1)
        assert "geheim7" not in hall.runner.status(camera.camera_id).trouble
        hall.until_shown(lambda: hall.runner.status(camera.camera_id).counts.analysed >= 1)
    assert "KeyError at" in caplog.text
    assert "geheim7" not in caplog.text


def test_a_watcher_that_cannot_be_made_is_made_later() -> None:
    with running_hall() as hall:
        hall.watchers.faults.append(CapabilityMissing("the model is not there", capability="liveness"))
        camera = hall.add()
        hall.until_shown(lambda: hall.runner.status(camera.camera_id).counts.failed >= 2)
        assert hall.watchers.made == []
        assert "the model is not there" in hall.runner.status(camera.camera_id).trouble
        hall.clock.advance(6)
        hall.until_looked()


def test_a_gate_that_fails_does_not_make_the_camera_blind(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: LumaPixels) -> bool:
        raise ZeroDivisionError

    def prepare(watcher: ScriptedWatcher) -> None:
        watcher.moves = broken

    with running_hall() as hall:
        hall.watchers.prepare = prepare
        hall.add(watch=replace(EVERY_FRAME, has_motion_gate=True))
        for _ in range(3):
            hall.until_looked()
    assert caplog.text.count("its motion gate failed") == 1


def test_visits_survive_a_store_that_fails_for_a_while() -> None:
    with running_hall() as hall:
        camera = hall.add()
        hall.until_looked()
        hall.reports.is_broken = True
        hall.watchers.of(camera.camera_id).says(BEGAN)
        hall.until_shown(lambda: hall.runner.report_backlog == 1)
        hall.until_looked()
        hall.reports.is_broken = False
        until(lambda: [change for _, change in hall.reports.visits] == [BEGAN])
        assert hall.runner.lost_report_count == 0


class OddSource(FakeVideoSource):
    """Raises what no source may, as long as there is something."""

    def __init__(self) -> None:
        super().__init__()
        self.bugs: list[BaseException] = []

    def open(self, request: VideoRequest, should_stop: Callable[[], bool] = lambda: False) -> FakeVideoStream:
        if self.bugs:
            raise self.bugs.pop()
        return super().open(request, should_stop)


def odd_hall(*bugs: BaseException) -> CameraHall:
    hall = CameraHall()
    source = OddSource()
    source.bugs.extend(bugs)
    hall.source, hall.gate = source, source.camera(GATE)
    hall.runner = CameraRunner(hall.register, source, hall.watchers, hall.reports, hall.clock, FAST)
    hall.register.on_changed = hall.runner.apply
    hall.runner.start()
    return hall


def test_a_bug_in_the_source_is_survived_and_its_text_not_told(caplog: pytest.LogCaptureFixture) -> None:
    hall = odd_hall(ZeroDivisionError(GATE), CameraFailed(f"cannot open {GATE}", fault="new_fault"))
    try:
        hall.add()
        hall.until_looked()
    finally:
        hall.runner.close()
    assert "ZeroDivisionError" in caplog.text
    assert "geheim7" not in caplog.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_reader_whose_thread_ends_is_replaced() -> None:
    """SystemExit ends a thread without a word."""
    hall = odd_hall(SystemExit(), SystemExit())
    try:
        camera = hall.add()
        hall.until_looked()
        hall.until_state(camera, CameraState.LIVE)
    finally:
        hall.runner.close()
    assert camera_threads() == []


def test_no_secret_is_in_the_log_or_a_status(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), running_hall() as hall:
        hall.gate.refuse(CameraFailed(f"401 for {GATE}", fault=VideoFault.UNAUTHORIZED))
        camera = hall.add()
        hall.until_state(camera, CameraState.DOWN)
        text = repr(hall.runner.status(camera.camera_id)) + caplog.text
        assert "geheim7" not in text
        assert "10.0.0.7" not in text
