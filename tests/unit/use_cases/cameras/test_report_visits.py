"""From visits to the history and to those who are told, with the real log on stores in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.fakes.shots import InMemoryShotStore
from tests.unit.use_cases.alerts.alert_scene import START, AlertScene

from facegate.domain.alerts.messages import AlertKind, OutboxMessage
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.status import CameraState, CameraStatus, VideoFault
from facegate.domain.cameras.visits import Visit, VisitChange, VisitChangeKind, VisitShot
from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import Event, EventCandidate, EventDoor, EventKind, ReviewState
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.domain.matching import Band
from facegate.ports.cameras.frame_drawer import DrawnBox
from facegate.use_cases.cameras import report_visits
from facegate.use_cases.cameras.report_visits import ReportVisits
from facegate.use_cases.cameras.reports import VisitReports
from facegate.use_cases.cameras.visit_shots import ShotOptions, VisitShots, around
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.live_events import LiveEvents

BEGAN, NAMED, ENDED = VisitChangeKind.BEGAN, VisitChangeKind.NAMED, VisitChangeKind.ENDED
EVERYBODY = AlertRule(AlertWho.EVERYBODY, channel_ids=("phone",), cooldown_s=0)


class Pictures:
    """Encodes and draws nothing, but says what it was given."""

    def encode(self, frame: Frame) -> bytes:
        return f"{frame.size.width_px}x{frame.size.height_px}".encode()

    def draw(self, frame: Frame, boxes: Sequence[DrawnBox], *, max_side_px: int | None = None) -> bytes:
        return f"{boxes[0].label} {boxes[0].band} {max_side_px}".encode()


class Hall(AlertScene):
    """Reports of one camera; a test can restart them."""

    def __init__(
        self, rule: AlertRule | None = None, *, doors: frozenset[EventDoor] = frozenset(EventDoor)
    ) -> None:
        super().__init__(rule)
        self.shots = InMemoryShotStore()
        self.shot_options = ShotOptions()
        self.wakes: list[int] = []
        self.log = EventLog(self.store, LiveEvents(), self.clock, doors)
        self.reports = self.restarted()

    def restarted(self) -> ReportVisits:
        pictures = VisitShots(self.shots, Pictures(), Pictures(), self.shot_options)
        self.reports = ReportVisits(
            self.log, self.new_raise_alerts(), self.people.get, pictures, lambda: self.wakes.append(1)
        )
        return self.reports

    def visit(self, subject_id: str | None, **changes: object) -> Visit:
        made = Visit(
            camera_id="gate",
            subject_id=subject_id,
            band=Band.UNKNOWN if subject_id is None else Band.MATCH,
            began_at=self.clock.now,
            last_seen_at=self.clock.now,
            confidence=0.93,
            similarity=0.61,
            shot=shot(0.5),
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def tell_reports(self, kind: VisitChangeKind, visit: Visit) -> None:
        self.reports.visits_changed(self.camera, [VisitChange(kind, visit)])

    def event(self, visit: Visit) -> Event:
        return self.store.events[visit.visit_id]

    @property
    def messages(self) -> list[OutboxMessage]:
        """In the order in which they were stored."""
        return list(self.store.messages.values())


def shot(quality: float, width: int = 40) -> VisitShot:
    frame = Frame.of(np.zeros((480, 640, 3), np.uint8))
    return VisitShot(frame, PixelBox(300, 200, 300 + width, 260), quality, START)


def left_after(visit: Visit, seconds: float) -> Visit:
    at = visit.began_at + timedelta(seconds=seconds)
    return replace(visit, last_seen_at=at, ended_at=at)


@pytest.fixture
def hall() -> Iterator[Hall]:
    made = Hall(EVERYBODY)
    yield made
    made.log.close()


def test_it_is_what_the_runner_tells(hall: Hall) -> None:
    reports: VisitReports = hall.reports
    assert reports is hall.reports


def test_a_visit_becomes_an_event_a_picture_and_a_message(hall: Hall) -> None:
    visit = hall.visit("alice")
    hall.tell_reports(BEGAN, visit)
    event = hall.event(visit)
    assert (event.kind, event.door, event.place_id) == (EventKind.SEEN, EventDoor.CAMERAS, "gate")
    assert (event.subject_id, event.band, event.confidence) == ("alice", Band.MATCH, 0.93)
    assert (event.has_shot, event.review) == (True, ReviewState.NOT_NEEDED)
    assert event.facts == {"alert": "raised"}
    # The face with as much again on each side.
    assert hall.shots.shots[visit.visit_id] == b"120x180"
    message = hall.messages[0]
    assert (message.event_id, message.picture) == (visit.visit_id, b"Alice 93 % match 1280")
    assert hall.wakes == [1]


def test_a_visit_that_needs_a_look_is_told_as_unknown_and_waits_for_review(hall: Hall) -> None:
    candidates = (EventCandidate("alice", 0.4, 0.3), EventCandidate("gone", 0.3, 0.2))
    visit = hall.visit(None, band=Band.REVIEW, candidates=candidates)
    hall.tell_reports(BEGAN, visit)
    event = hall.event(visit)
    assert (event.review, event.subject_id) == (ReviewState.PENDING, None)
    assert [one.subject_id for one in event.candidates] == ["alice"]
    assert hall.messages[0].text.title == "Somebody unknown at Front door"


def test_a_stranger_who_is_named_is_told_again_and_the_event_is_theirs(hall: Hall) -> None:
    visit = hall.visit(None)
    hall.tell_reports(BEGAN, visit)
    named = replace(visit, subject_id="alice", band=Band.MATCH, shot=shot(0.9, width=60))
    for _ in range(2):
        hall.tell_reports(NAMED, named)
    event = hall.event(visit)
    assert (event.subject_id, event.band, event.origin) == ("alice", Band.MATCH, f"visit:{visit.visit_id}")
    assert [one.text.title for one in hall.messages] == [
        "Somebody unknown at Front door",
        "Alice at Front door",
    ]
    assert hall.shots.shots[visit.visit_id] == b"180x180"


def test_an_end_is_written_with_the_best_picture_and_as_leaving(hall: Hall) -> None:
    visit = hall.visit("alice")
    hall.tell_reports(BEGAN, visit)
    hall.tell_reports(ENDED, left_after(replace(visit, shot=shot(0.8, width=80)), 42.25))
    event = hall.event(visit)
    assert event.ended_at == visit.began_at + timedelta(seconds=42.25)
    assert event.facts == {"alert": "raised", "duration_s": 42.2}
    assert hall.shots.shots[visit.visit_id] == b"240x180"
    left = [one for one in hall.store.events.values() if one.kind is EventKind.LEFT]
    assert [(one.subject_id, one.occurred_at, one.facts["visit_id"]) for one in left] == [
        ("alice", event.ended_at, visit.visit_id)
    ]
    assert len(hall.messages) == 1


def test_a_worse_picture_does_not_replace_a_better_one(hall: Hall) -> None:
    visit = hall.visit("alice")
    hall.tell_reports(BEGAN, visit)
    hall.tell_reports(ENDED, left_after(replace(visit, shot=shot(0.4, width=80)), 42))
    assert hall.shots.shots[visit.visit_id] == b"120x180"


def test_who_only_passes_by_has_not_left(hall: Hall) -> None:
    visit = hall.visit(None)
    hall.tell_reports(BEGAN, visit)
    hall.tell_reports(ENDED, left_after(visit, 2))
    assert [event.kind for event in hall.store.events.values()] == [EventKind.SEEN]


def test_leaving_is_told_where_coming_was(hall: Hall) -> None:
    hall.rule = replace(EVERYBODY, tells_leaving=True, cooldown_s=3600)
    first, second = hall.visit("alice"), hall.visit("alice")
    for visit in (first, second):
        hall.tell_reports(BEGAN, visit)
        hall.clock.advance(2)
        hall.tell_reports(ENDED, left_after(visit, 2))
    assert [(one.kind, one.event_id) for one in hall.messages] == [
        (AlertKind.SEEN, first.visit_id),
        (AlertKind.LEFT, first.visit_id),
    ]
    assert hall.event(second).facts["alert"] == "cooldown"


def test_none_again_within_the_cooldown_after_a_restart_too(hall: Hall) -> None:
    hall.rule = replace(EVERYBODY, cooldown_s=60)
    for second in range(0, 120, 30):
        hall.restarted()
        hall.tell_reports(BEGAN, hall.visit("alice"))
        assert len(hall.messages) == second // 60 + 1
        hall.clock.advance(30)
    assert len(hall.store.events) == 4


@pytest.mark.parametrize("cooldown_s", [0, 3600])
def test_hearing_everything_twice_does_no_harm(hall: Hall, cooldown_s: int) -> None:
    hall.rule = replace(EVERYBODY, tells_leaving=True, cooldown_s=cooldown_s)
    visit = hall.visit(None)
    changes = [
        VisitChange(BEGAN, visit),
        VisitChange(NAMED, replace(visit, subject_id="alice", band=Band.MATCH)),
        VisitChange(ENDED, left_after(replace(visit, subject_id="alice", band=Band.MATCH), 9)),
    ]
    for _ in range(3):
        hall.reports.visits_changed(hall.camera, changes)
    assert [event.kind for event in hall.store.events.values()] == [EventKind.SEEN, EventKind.LEFT]
    assert [one.text.title for one in hall.messages] == [
        "Somebody unknown at Front door",
        "Alice at Front door",
        "Alice left Front door",
    ]


class Flaky:
    """Breaks the store at its n-th write, before or after it is done."""

    def __init__(self, hall: Hall, fails_at: int, *, after: bool) -> None:
        self._calls = 0
        for name in ("add_events", "save_event"):
            setattr(hall.store, name, self._wrapped(getattr(hall.store, name), fails_at, after))

    def _wrapped(self, write: object, fails_at: int, after: bool) -> object:
        def wrapped(*args: object) -> object:
            self._calls += 1
            is_now = self._calls == fails_at
            if is_now and not after:
                raise StoreFailed("away")
            answer = write(*args)  # type: ignore[operator]
            if is_now:
                raise StoreFailed("away")
            return answer

        return wrapped


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fails_at", range(1, 7))
@pytest.mark.parametrize("cooldown_s", [0, 3600])
def test_a_failure_anywhere_loses_and_doubles_nothing(
    hall: Hall, fails_at: int, after: bool, cooldown_s: int
) -> None:
    hall.rule = replace(EVERYBODY, tells_leaving=True, cooldown_s=cooldown_s)
    visit = hall.visit(None)
    alice = replace(visit, subject_id="alice", band=Band.MATCH)
    changes = [
        VisitChange(BEGAN, visit),
        VisitChange(NAMED, alice),
        VisitChange(ENDED, left_after(replace(alice, shot=shot(0.9)), 9)),
    ]
    Flaky(hall, fails_at, after=after)
    for _ in range(2):
        try:
            hall.reports.visits_changed(hall.camera, changes)
        except StoreFailed:
            continue
    event = hall.event(visit)
    assert (event.subject_id, event.has_shot, event.facts["duration_s"]) == ("alice", True, 9.0)
    assert [event.kind for event in hall.store.events.values()] == [EventKind.SEEN, EventKind.LEFT]
    titles = [one.text.title for one in hall.messages]
    assert titles[:2] == ["Somebody unknown at Front door", "Alice at Front door"]
    assert len(titles) == len(set(titles)) == 3


def test_a_beginning_that_was_lost_is_made_up_for(hall: Hall) -> None:
    visit = hall.visit("alice")
    hall.tell_reports(ENDED, left_after(visit, 30))
    assert hall.event(visit).ended_at is not None
    assert len(hall.messages) == 1


def test_pictures_that_cannot_be_kept_cost_no_alert(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    hall.shots.is_broken = True
    for _ in range(3):
        visit = hall.visit("alice")
        hall.tell_reports(BEGAN, visit)
        assert not hall.event(visit).has_shot
    assert len(hall.messages) == 3
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_pictures_are_kept_only_where_the_operator_wants_them(hall: Hall) -> None:
    hall.shot_options = ShotOptions(keeps_shots=False)
    hall.restarted()
    visit = hall.visit("alice")
    hall.tell_reports(BEGAN, visit)
    assert (hall.shots.shots, hall.event(visit).has_shot) == ({}, False)
    assert hall.messages[0].picture is not None


def test_where_events_of_cameras_are_not_kept_people_are_told_all_the_same() -> None:
    hall = Hall(EVERYBODY, doors=frozenset({EventDoor.PERSONS}))
    visit = hall.visit("alice")
    hall.tell_reports(BEGAN, visit)
    hall.tell_reports(ENDED, left_after(visit, 30))
    assert (hall.store.events, hall.shots.shots) == ({}, {})
    assert len(hall.messages) == 1
    hall.log.close()


def test_somebody_deleted_meanwhile_does_not_come_back(hall: Hall) -> None:
    visit = hall.visit("alice")
    hall.tell_reports(BEGAN, visit)
    del hall.people["alice"]
    hall.shots.delete(hall.store.forget_subjects(["alice"]))
    hall.tell_reports(ENDED, left_after(replace(visit, shot=shot(0.9)), 30))
    hall.tell_reports(BEGAN, hall.visit("alice"))
    assert "alice" not in repr(hall.store.events).lower()
    assert hall.shots.shots == {}
    assert all(one.subject_id is None for one in hall.messages)
    assert not any(event.has_shot for event in hall.store.events.values())


def test_somebody_deleted_while_the_picture_is_written_leaves_none(hall: Hall) -> None:
    visit = hall.visit("alice")
    hall.tell_reports(BEGAN, visit)
    # Deleted between the look at the gallery and the write.
    hall.shots.delete(hall.store.forget_subjects(["alice"]))
    hall.tell_reports(ENDED, left_after(replace(visit, shot=shot(0.9)), 30))
    assert hall.shots.shots == {}
    assert not hall.event(visit).has_shot


def test_visits_stored_after_a_long_outage_are_in_the_history_and_not_told(hall: Hall) -> None:
    hall.rule = replace(EVERYBODY, tells_leaving=True)
    visit = hall.visit("alice")
    hall.clock.advance(6 * 3600)
    hall.tell_reports(BEGAN, visit)
    hall.tell_reports(ENDED, left_after(visit, 30))
    fresh = hall.visit("alice")
    hall.tell_reports(BEGAN, fresh)
    assert hall.event(visit).facts == {"alert": "too_late", "duration_s": 30.0}
    assert [one.event_id for one in hall.messages] == [fresh.visit_id]


def test_who_stood_there_for_hours_before_they_got_a_name_is_told(hall: Hall) -> None:
    visit = hall.visit(None)
    hall.tell_reports(BEGAN, visit)
    hall.clock.advance(7 * 3600)
    now = hall.clock.now
    hall.tell_reports(NAMED, replace(visit, subject_id="alice", band=Band.MATCH, last_seen_at=now))
    assert [one.text.title for one in hall.messages][1:] == ["Alice at Front door"]


def test_the_visit_of_somebody_deleted_in_view_ends_without_them(hall: Hall) -> None:
    hall.rule = replace(EVERYBODY, tells_leaving=True)
    visit = hall.visit("alice")
    hall.tell_reports(BEGAN, visit)
    del hall.people["alice"]
    hall.shots.delete(hall.store.forget_subjects(["alice"]))
    count = len(hall.messages)
    hall.tell_reports(ENDED, left_after(visit.as_nobodys(), 30))
    event = hall.event(visit)
    assert event.ended_at == visit.began_at + timedelta(seconds=30)
    assert (event.has_shot, hall.shots.shots) == (False, {})
    assert [one.kind for one in hall.store.events.values()] == [EventKind.SEEN]
    assert len(hall.messages) == count


def test_a_picture_that_was_taken_from_a_visit_does_not_come_back(hall: Hall) -> None:
    visit = hall.visit(None, band=Band.REVIEW, candidates=(EventCandidate("alice", 0.4, 0.3),))
    hall.tell_reports(BEGAN, visit)
    assert hall.event(visit).has_shot
    del hall.people["alice"]
    hall.shots.delete(hall.store.forget_subjects(["alice"]))
    hall.store.save_event(replace(hall.event(visit), has_shot=False))
    hall.tell_reports(NAMED, replace(visit, subject_id="bob", band=Band.MATCH, candidates=(), shot=None))
    hall.tell_reports(ENDED, left_after(replace(visit, subject_id="bob", candidates=(), shot=None), 30))
    assert (hall.event(visit).subject_id, hall.event(visit).has_shot) == ("bob", False)
    assert hall.shots.shots == {}


def test_visits_whose_end_never_comes_are_not_kept_for_ever(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_visits, "_MOST_OPEN", 3)
    visits = [hall.visit("alice") for _ in range(5)]
    for visit in visits:
        hall.tell_reports(BEGAN, visit)
    count = len(hall.messages)
    for visit in visits:
        hall.tell_reports(ENDED, left_after(visit, 2))
    assert all(hall.event(visit).ended_at is not None for visit in visits)
    assert len(hall.messages) == count


def test_what_a_human_decided_stays(hall: Hall) -> None:
    visit = hall.visit(None, band=Band.REVIEW, candidates=(EventCandidate("alice", 0.4, 0.3),))
    hall.tell_reports(BEGAN, visit)
    decided = replace(hall.event(visit), subject_id="bob", review=ReviewState.CORRECTED)
    hall.store.save_event(decided)
    hall.tell_reports(NAMED, replace(visit, subject_id="alice", band=Band.MATCH))
    hall.tell_reports(ENDED, left_after(visit, 30))
    event = hall.event(visit)
    assert (event.subject_id, event.review) == ("bob", ReviewState.CORRECTED)
    assert event.ended_at is not None


def status(state: CameraState, fault: VideoFault | None = None) -> CameraStatus:
    return CameraStatus("gate", state, START, fault, "the camera refuses the password" if fault else "")


def test_a_camera_that_stays_down_and_is_back(hall: Hall) -> None:
    for _ in range(2):
        hall.reports.camera_down(hall.camera, status(CameraState.DOWN, VideoFault.UNAUTHORIZED))
    hall.clock.advance(600)
    for _ in range(2):
        hall.reports.camera_up(hall.camera, status(CameraState.LIVE), 600.0)
    events = list(hall.store.events.values())
    assert [event.kind for event in events] == [EventKind.CAMERA_DOWN, EventKind.CAMERA_UP]
    assert events[0].facts["fault"] == "unauthorized"
    assert events[1].facts["duration_s"] == 600.0
    assert [one.text.title for one in hall.messages] == [
        "No picture from Front door",
        "Front door is back",
    ]
    assert hall.messages[1].text.body.endswith("It was away for 10 min.")


def test_a_camera_whose_failure_nobody_heard_of_is_not_told_as_back(hall: Hall) -> None:
    hall.rule = replace(EVERYBODY, tells_health=False)
    hall.reports.camera_down(hall.camera, status(CameraState.DOWN, VideoFault.TIMED_OUT))
    hall.rule = EVERYBODY
    hall.reports.camera_up(hall.camera, status(CameraState.LIVE), 90.0)
    assert hall.messages == []
    assert len(hall.store.events) == 2


def test_a_camera_that_is_back_after_a_restart_is_told_as_back(hall: Hall) -> None:
    hall.reports.camera_down(hall.camera, status(CameraState.DOWN, VideoFault.TIMED_OUT))
    hall.clock.advance(600)
    hall.restarted()
    live = replace(status(CameraState.LIVE), since=hall.clock.now)
    for _ in range(2):
        hall.reports.camera_up(hall.camera, live, None)
    kinds = [event.kind for event in hall.store.events.values()]
    assert kinds == [EventKind.CAMERA_DOWN, EventKind.CAMERA_UP]
    assert hall.messages[1].text.title == "Front door is back"
    assert hall.messages[1].text.body.endswith("It was away for 10 min.")


def test_the_first_pictures_after_a_start_are_no_news_where_nothing_was_told(hall: Hall) -> None:
    hall.reports.camera_up(hall.camera, status(CameraState.LIVE), None)
    assert (hall.store.events, hall.messages) == ({}, [])


def test_the_kept_piece_is_cut_to_the_picture() -> None:
    frame = Frame.of(np.zeros((100, 200, 3), np.uint8))
    corner = around(frame, PixelBox(-10, -10, 30, 30)).size
    assert (corner.width_px, corner.height_px) == (70, 70)
    assert around(frame, PixelBox(900, 900, 950, 950)) is frame
