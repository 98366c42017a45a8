"""What is to be told survives an outage of the store, in order, and within bounds."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.fakes.cameras import SEEN_AT, RecordingReports, a_visit
from tests.unit.use_cases.cameras.camera_hall import new_picture
from tests.unit.use_cases.cameras.waiting import until

from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.cameras.status import CameraState, CameraStatus
from facegate.domain.cameras.visits import VisitChange, VisitChangeKind, VisitShot
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.use_cases.cameras import report_queue
from facegate.use_cases.cameras.report_queue import ReportQueue

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CAMERA = Camera("gate", "Gate", "rtsp://10.0.0.7/", WatchSettings(), AlertRule(), True, NOW, NOW)
DOWN = CameraStatus("gate", CameraState.DOWN, NOW)
BEGAN, ENDED = a_visit(VisitChangeKind.BEGAN), a_visit(VisitChangeKind.ENDED)


def with_shot(change: VisitChange) -> VisitChange:
    shot = VisitShot(Frame.of(new_picture()), PixelBox(0, 0, 10, 10), 0.9, SEEN_AT)
    return replace(change, visit=replace(change.visit, shot=shot))


@pytest.fixture
def reports() -> RecordingReports:
    return RecordingReports()


@pytest.fixture
def queue(reports: RecordingReports) -> Iterator[ReportQueue]:
    queue = ReportQueue(reports, first_pause_s=0.001)
    yield queue
    queue.close(20)


def test_everything_is_told_in_order(queue: ReportQueue, reports: RecordingReports) -> None:
    queue.start()
    queue.visits_changed(CAMERA, [BEGAN, ENDED])
    queue.visits_changed(CAMERA, [])
    queue.camera_down(CAMERA, DOWN)
    queue.camera_up(CAMERA, DOWN, 90.0)
    queue.close(20)
    assert reports.told == ["gate began", "gate ended", "gate down", "gate up"]
    assert reports.visits == [(CAMERA, BEGAN), (CAMERA, ENDED)]
    assert (reports.downs, reports.ups) == ([DOWN], [(DOWN, 90.0)])
    assert (queue.waiting_count, queue.lost_count) == (0, 0)


def test_an_outage_of_the_store_loses_nothing_and_is_logged_once(
    queue: ReportQueue, reports: RecordingReports, caplog: pytest.LogCaptureFixture
) -> None:
    reports.is_broken = True
    with caplog.at_level(logging.INFO):
        queue.start()
        for _ in range(50):
            queue.visits_changed(CAMERA, [BEGAN, ENDED])
        queue.camera_down(CAMERA, DOWN)
        until(lambda: bool(caplog.records))
        assert queue.waiting_count == 51
        reports.is_broken = False
        queue.close(20)
    assert reports.told == ["gate began", "gate ended"] * 50 + ["gate down"]
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert queue.lost_count == 0


def test_a_bug_about_one_does_not_hold_the_others_back_for_ever(
    queue: ReportQueue, reports: RecordingReports, caplog: pytest.LogCaptureFixture
) -> None:
    reports.faults.extend(KeyError("secret") for _ in range(3))
    queue.visits_changed(CAMERA, [BEGAN])
    queue.visits_changed(CAMERA, [ENDED])
    queue.start()
    queue.close(20)
    assert reports.told == ["gate ended"]
    assert queue.lost_count == 1
    assert "secret" not in caplog.text


def test_a_bug_that_passes_costs_nothing(queue: ReportQueue, reports: RecordingReports) -> None:
    reports.faults.append(KeyError("once"))
    queue.visits_changed(CAMERA, [BEGAN])
    queue.start()
    queue.close(20)
    assert reports.told == ["gate began"]


def test_a_long_outage_keeps_visits_but_not_all_pictures(
    queue: ReportQueue, reports: RecordingReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_queue, "_MAX_WAITING_WITH_SHOTS", 10)
    monkeypatch.setattr(report_queue, "_MAX_WAITING", 30)
    for _ in range(25):
        queue.visits_changed(CAMERA, [with_shot(BEGAN)])
    assert queue.waiting_count == 25
    for _ in range(15):
        queue.visits_changed(CAMERA, [with_shot(ENDED)])
    assert (queue.waiting_count, queue.lost_count) == (30, 10)
    queue.start()
    queue.close(20)
    shots = [change.visit.shot is not None for _, change in reports.visits]
    assert shots == [False] * 20 + [True] * 10
    assert reports.visits[0][1].kind is VisitChangeKind.BEGAN
    assert reports.visits[-1][1].kind is VisitChangeKind.ENDED


def test_a_long_outage_costs_beginnings_before_it_costs_an_end(
    queue: ReportQueue, reports: RecordingReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_queue, "_MAX_WAITING", 4)
    for change in (ENDED, ENDED, BEGAN, ENDED, BEGAN, ENDED):
        queue.visits_changed(CAMERA, [change])
    queue.start()
    queue.close(20)
    assert reports.told == ["gate ended"] * 4
    assert queue.lost_count == 2


def test_what_comes_after_the_end_is_lost_but_not_silently(
    queue: ReportQueue, reports: RecordingReports, caplog: pytest.LogCaptureFixture
) -> None:
    queue.start()
    queue.close(20)
    queue.visits_changed(CAMERA, [ENDED])
    assert (reports.told, queue.waiting_count, queue.lost_count) == ([], 0, 1)
    assert "came after the end" in caplog.text


def test_closing_does_not_wait_for_ever(reports: RecordingReports, caplog: pytest.LogCaptureFixture) -> None:
    reports.is_broken = True
    queue = ReportQueue(reports)
    queue.start()
    queue.visits_changed(CAMERA, [BEGAN])
    queue.close(0.05)
    assert "1 reports of cameras could not be stored" in caplog.text
