"""Cameras at work: threads that come and go, pictures, and changes that take hold at once."""

import threading
from dataclasses import replace
from datetime import time, timedelta

import pytest
from tests.fakes.cameras import ScriptedWatcher, a_visit
from tests.unit.use_cases.cameras.camera_hall import (
    EVERY_FRAME,
    FAST,
    GATE,
    YARD,
    CameraHall,
    new_picture,
    running_hall,
)
from tests.unit.use_cases.cameras.waiting import camera_threads, until

from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.camera import Transport
from facegate.domain.cameras.status import CameraState, VideoFault
from facegate.domain.cameras.visits import VisitChangeKind
from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule
from facegate.domain.errors import CameraNotFound, InvalidInput
from facegate.use_cases.cameras.register import CameraChange

BEGAN, ENDED = a_visit(VisitChangeKind.BEGAN), a_visit(VisitChangeKind.ENDED)


def ends_visits(watcher: ScriptedWatcher) -> None:
    watcher.at_end = (ENDED,)


def test_a_camera_goes_live_is_looked_at_and_shown() -> None:
    with running_hall() as hall:
        camera = hall.add()
        assert hall.state(camera) is CameraState.CONNECTING
        assert hall.runner.latest(camera.camera_id) is None
        hall.until_looked()
        until(lambda: hall.runner.latest(camera.camera_id) is not None)
        status = hall.runner.status(camera.camera_id)
        assert status.state is CameraState.LIVE
        assert status.fault is None
        assert status.last_frame_at is not None
        assert status.latency_ms is not None
        assert status.stream is not None
        assert status.counts.analysed >= 1
        assert status.frames_per_s > 0
        assert hall.runner.statuses().keys() == {camera.camera_id}


def test_threads_have_names_and_all_of_them_end() -> None:
    with running_hall() as hall:
        camera = hall.add()
        hall.until_looked()
        assert camera_threads() == [
            f"camera-{camera.camera_id}",
            "camera-look-0",
            "camera-look-1",
            "camera-overseer",
            "camera-reports",
        ]
        assert not any(thread.daemon for thread in threading.enumerate() if thread.name.startswith("camera-"))
    assert camera_threads() == []
    assert hall.gate.open_count == 0
    assert hall.state(camera) is CameraState.STOPPED


def test_visits_are_told_and_ended_when_the_server_stops() -> None:
    with running_hall() as hall:
        hall.watchers.prepare = ends_visits
        camera = hall.add()
        hall.until_looked()
        hall.watchers.of(camera.camera_id).says(BEGAN)
        until_told(hall, 1)
        assert hall.reports.visits == [(camera, BEGAN)]
        assert hall.runner.status(camera.camera_id).people_count in (0, 1)
    assert hall.reports.visits == [(camera, BEGAN), (camera, ENDED)]
    assert hall.watchers.of(camera.camera_id).ended_count == 1


def until_told(hall: CameraHall, count: int) -> None:
    hall.until_shown(lambda: len(hall.reports.visits) >= count)


@pytest.mark.parametrize("act", ["stop", "delete"])
def test_one_that_is_not_wanted_any_more_is_let_go_at_once(act: str) -> None:
    with running_hall() as hall:
        hall.watchers.prepare = ends_visits
        camera = hall.add()
        hall.until_looked()
        getattr(hall.register, act)(camera.camera_id)
        until(lambda: hall.gate.open_count == 0)
        until(lambda: f"camera-{camera.camera_id}" not in camera_threads())
        until(lambda: len(hall.reports.visits) == 1)
        assert hall.runner.latest(camera.camera_id) is None
        if act == "delete":
            with pytest.raises(CameraNotFound):
                hall.runner.status(camera.camera_id)
            return
        assert hall.state(camera) is CameraState.STOPPED
        hall.register.start(camera.camera_id)
        hall.until_looked()
        assert hall.gate.attempt_count == 2


def test_those_of_the_store_begin_with_the_runner() -> None:
    hall = CameraHall()
    wanted, unwanted = hall.add(), hall.add(YARD, is_enabled=False)
    assert hall.runner.status(wanted.camera_id).trouble == "this server does not run cameras"
    assert hall.runner.status(unwanted.camera_id).trouble == ""
    hall.runner.start()
    try:
        hall.until_looked()
        assert hall.state(unwanted) is CameraState.STOPPED
    finally:
        hall.runner.close()


def test_settings_that_only_the_watcher_needs_do_not_reconnect_and_end_its_visits() -> None:
    with running_hall() as hall:
        hall.watchers.prepare = ends_visits
        camera = hall.add()
        hall.until_looked()
        watch = replace(EVERY_FRAME, threshold=0.9, frames_per_s=20)
        hall.register.change(camera.camera_id, CameraChange(watch=watch))
        until(lambda: len(hall.reports.visits) == 1)
        hall.until_looked()
        until(lambda: len(hall.watchers.made) == 2)
        assert [watcher.camera.watch.threshold for watcher in hall.watchers.made] == [0.5, 0.9]
        assert [watcher.ended_count for watcher in hall.watchers.made] == [1, 0]
        assert hall.gate.attempt_count == 1


def test_another_name_or_rule_holds_at_once_and_ends_nothing() -> None:
    with running_hall() as hall:
        camera = hall.add()
        hall.until_looked()
        rule = AlertRule(AlertWho.EVERYBODY)
        changed = hall.register.change(camera.camera_id, CameraChange(nickname="Tor", alerts=rule))
        hall.watchers.of(camera.camera_id).says(BEGAN)
        until_told(hall, 1)
        assert hall.reports.visits == [(changed, BEGAN)]
        assert len(hall.watchers.made) == 1
        assert hall.gate.attempt_count == 1


@pytest.mark.parametrize(
    "change", [CameraChange(source=YARD), CameraChange(watch=replace(EVERY_FRAME, transport=Transport.UDP))]
)
def test_another_address_or_transport_is_another_connection(change: CameraChange) -> None:
    with running_hall() as hall:
        yard = hall.source.camera(YARD)
        camera = hall.add()
        hall.until_looked()
        hall.register.change(camera.camera_id, change)
        shown_by = hall.gate if change.source is None else yard
        until(lambda: hall.gate.attempt_count + yard.attempt_count == 2)
        hall.until_looked(shown_by)
        assert (hall.gate.open_count, yard.open_count) == ((1, 0) if change.source is None else (0, 1))
        hall.until_state(camera, CameraState.LIVE)


def test_a_camera_that_hangs_slows_nobody_and_can_be_stopped() -> None:
    with running_hall() as hall:
        hall.source.camera(YARD).hang()
        hanging, camera = hall.add(YARD), hall.add()
        until(lambda: hall.source.camera(YARD).attempt_count == 1)
        hall.until_looked()
        assert hall.state(hanging) is CameraState.CONNECTING
        assert hall.state(camera) is CameraState.LIVE
        hall.register.stop(hanging.camera_id)
        until(lambda: f"camera-{hanging.camera_id}" not in camera_threads())


def test_outside_its_hours_it_rests_and_the_stream_is_closed() -> None:
    with running_hall() as hall:
        now = hall.clock.now_local()
        begins = (now + timedelta(hours=2)).time()
        ends = (now + timedelta(hours=4)).time()
        schedule = WeeklySchedule((DailyHours(time(begins.hour), time(ends.hour)),))
        camera = hall.add(watch=replace(EVERY_FRAME, schedule=schedule))
        assert hall.state(camera) is CameraState.RESTING
        hall.clock.advance(2.5 * 3600)
        hall.until_looked()
        hall.until_state(camera, CameraState.LIVE)
        hall.clock.advance(2 * 3600)
        hall.until_state(camera, CameraState.RESTING)
        until(lambda: hall.gate.open_count == 0)
        assert hall.reports.downs == []


def test_a_file_ends_and_is_played_again_when_somebody_starts_it() -> None:
    with running_hall() as hall:
        clip = hall.source.camera("/clips/gate.mp4")
        camera = hall.add("/clips/gate.mp4")
        hall.until_looked(clip)
        clip.break_off(VideoFault.ENDED)
        hall.until_state(camera, CameraState.ENDED)
        assert hall.runner.status(camera.camera_id).fault is None
        hall.register.start(camera.camera_id)
        hall.until_looked(clip)
        assert clip.attempt_count == 2


def test_who_looks_on_gets_the_next_picture() -> None:
    with running_hall() as hall:
        camera = hall.add()
        hall.until_looked()
        until(lambda: hall.runner.latest(camera.camera_id) is not None)
        first = hall.runner.latest(camera.camera_id)
        assert first is not None
        shower = threading.Thread(target=hall.until_looked)
        shower.start()
        newer = hall.runner.wait_newer(camera.camera_id, first.number, 20)
        shower.join()
        assert newer is not None
        assert newer.number > first.number


def test_who_looks_on_sees_still_scenes_too() -> None:
    with running_hall() as hall:

        def nothing_moves(watcher: ScriptedWatcher) -> None:
            watcher.moves = lambda _: False

        hall.watchers.prepare = nothing_moves
        camera = hall.add(watch=replace(EVERY_FRAME, has_motion_gate=True))
        hall.until_looked()
        until(lambda: hall.runner.latest(camera.camera_id) is not None)
        first = hall.runner.latest(camera.camera_id)
        assert first is not None
        hall.until_shown(lambda: hall.runner.status(camera.camera_id).counts.still > 0)
        hall.clock.advance(1)
        hall.until_shown(lambda: hall.runner.wait_newer(camera.camera_id, first.number, 0) is not None)


def test_nobody_waits_for_a_camera_that_stops_and_asking_again_does_not_spin() -> None:
    with running_hall() as hall:
        camera = hall.add()
        waiter = threading.Thread(target=hall.runner.wait_newer, args=(camera.camera_id, 0, 60))
        waiter.start()
        hall.register.stop(camera.camera_id)
        waiter.join(20)
        assert not waiter.is_alive()
        began_s = hall.clock.monotonic_s()
        assert hall.runner.wait_newer(camera.camera_id, 0, 0.02) is None
        assert hall.clock.monotonic_s() - began_s >= 0.015


def test_a_trial_keeps_nothing_and_asks_the_register_first() -> None:
    with running_hall() as hall:
        hall.source.camera(YARD).show(new_picture())
        assert hall.runner.test(f" {YARD} ", EVERY_FRAME).stream.codec == "h264"
        assert hall.register.list_cameras() == []
        with pytest.raises(InvalidInput):
            hall.runner.test("nowhere", EVERY_FRAME)


def test_more_cameras_than_threads_are_all_looked_at() -> None:
    with running_hall(replace(FAST, analysis_threads=1)) as hall:
        addresses = [f"rtsp://10.0.1.{number}/" for number in range(12)]
        for address in addresses:
            hall.source.camera(address)
        cameras = [hall.add(address) for address in addresses]

        def all_looked_at() -> bool:
            for address in addresses:
                if hall.source.camera(address).waiting_count == 0:
                    hall.source.camera(address).show(new_picture())
            counts = [hall.runner.status(camera.camera_id).counts.analysed for camera in cameras]
            return min(counts) >= 3

        until(all_looked_at)


def test_closing_twice_and_before_the_start_does_no_harm() -> None:
    hall = CameraHall()
    hall.runner.close()
    with running_hall() as other:
        other.add(GATE)
        other.runner.close()


def test_closing_waits_no_longer_than_allowed_whatever_hangs(caplog: pytest.LogCaptureFixture) -> None:
    with running_hall(replace(FAST, end_within_s=0.5)) as hall:
        camera = hall.add()
        hall.until_looked()
        watcher = hall.watchers.of(camera.camera_id)
        hall.reports.is_broken = True
        watcher.says(BEGAN)
        hall.until_shown(lambda: hall.runner.report_backlog == 1)
        watcher.may_go_on.clear()
        hall.until_looked()
        began_s = hall.clock.monotonic_s()
        hall.runner.close()
        assert hall.clock.monotonic_s() - began_s < 0.8
        watcher.says(BEGAN)
        watcher.may_go_on.set()
        until(lambda: hall.runner.lost_report_count == 1)
    assert "looking at a picture takes longer" in caplog.text
    assert "1 reports of cameras could not be stored" in caplog.text
    assert "came after the end" in caplog.text
