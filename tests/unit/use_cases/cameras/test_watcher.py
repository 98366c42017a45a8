"""The watcher on an engine that sees what pictures say, and on a real store."""

from datetime import timedelta

import numpy as np
import pytest
from tests.fakes.engine import FakeCutter, FakeDecoder, FakeFace, fake_picture
from tests.fakes.grabbed import scene
from tests.fakes.video import FakeGrabbedFrame
from tests.unit.use_cases.cameras.watched_gate import WatchedGate
from tests.unit.use_cases.conftest import Core

from facegate.domain.cameras.camera import WatchSettings
from facegate.domain.cameras.visits import VisitChangeKind
from facegate.domain.cameras.zones import Zone
from facegate.domain.errors import CapabilityMissing, EngineFailed, StoreFailed
from facegate.domain.images import Frame
from facegate.domain.matching import Band
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotosRequest, Photo
from facegate.use_cases.face_analysis import FaceAnalysis

BEGAN, NAMED, ENDED = VisitChangeKind.BEGAN, VisitChangeKind.NAMED, VisitChangeKind.ENDED
ANN, BOB, EVE = FakeFace("ann"), FakeFace("bob"), FakeFace("eve")


def enrolled(core: Core, *people: str) -> Core:
    for person in people:
        photo = Photo("photo", fake_picture(FakeFace(person, 63)))
        core.enrol_photos(EnrolPhotosRequest(person, [photo], "test", EnrolmentRules(), person.title()))
    return core


@pytest.fixture
def gate(core: Core) -> WatchedGate:
    """Ann and Bob are known there."""
    return WatchedGate.of(enrolled(core, "ann", "bob"))


def labels(gate: WatchedGate, *places: FakeFace | None, times: int = 1) -> list[str]:
    return [box.label for box in gate.people(*places, times=times).boxes]


def test_a_known_person_comes_is_named_by_the_third_face_and_goes(gate: WatchedGate) -> None:
    assert labels(gate, ANN, times=2) == ["?"]
    look = gate.people(ANN)
    assert [(box.label, box.band) for box in look.boxes] == [("Ann", Band.MATCH)]
    assert look.people_count == 1
    (began,) = look.changes
    assert (began.kind, began.visit.subject_id, began.visit.band) == (BEGAN, "ann", Band.MATCH)
    assert began.visit.camera_id == "gate"
    assert began.visit.began_at == gate.at - timedelta(seconds=0.4)
    assert began.visit.confidence is not None
    assert began.visit.confidence > 0.5
    gate.people(ANN, times=20)
    gate.wait(11)
    assert gate.told() == [(BEGAN, "ann"), (ENDED, "ann")]


def test_the_shot_shows_the_face_in_the_picture(gate: WatchedGate) -> None:
    gate.people(None, ANN, times=3)
    shot = gate.changes[0].visit.shot
    assert shot is not None
    assert shot.frame.size.width_px == 200
    assert (shot.box.left_px, shot.box.right_px) == (115.0, 185.0)
    assert 0.5 < shot.quality <= 1.0
    assert shot.at <= gate.at


def test_a_stranger_is_told_once_as_unknown(gate: WatchedGate) -> None:
    look = gate.people(EVE, times=30)
    assert [(box.label, box.band) for box in look.boxes] == [("unknown", Band.UNKNOWN)]
    assert gate.told() == [(BEGAN, None)]


def test_two_at_once_are_two_visits(gate: WatchedGate) -> None:
    assert labels(gate, ANN, None, BOB, EVE, times=10) == ["Ann", "Bob", "unknown"]
    assert sorted(gate.told(), key=str) == sorted([(BEGAN, "ann"), (BEGAN, "bob"), (BEGAN, None)], key=str)


def test_two_who_cross_are_never_shown_with_each_others_names(gate: WatchedGate) -> None:
    gate.people(ANN, None, None, BOB, times=5)
    for places in (
        (None, ANN, BOB, None),
        (None, BOB, ANN, None),
        (BOB, None, None, ANN),
        (BOB, None, None, ANN),
        (None, BOB, ANN, None),
        (None, ANN, BOB, None),
        (ANN, None, None, BOB),
        (ANN, None, None, BOB),
    ) * 5:
        people = [place for place in places if place is not None]
        for face, label in zip(people, labels(gate, *places), strict=True):
            assert label in ("?", face.person.title())
    assert labels(gate, ANN, None, None, BOB) == ["Ann", "Bob"]
    assert len(gate.told()) == 2


def test_two_who_changed_places_unseen_are_told_apart_at_the_next_closer_look(gate: WatchedGate) -> None:
    gate.people(ANN, BOB, times=5)
    assert labels(gate, BOB, ANN, times=25) == ["Bob", "Ann"]
    assert len(gate.told()) == 2


def test_a_broken_track_goes_on_as_the_same_visit(gate: WatchedGate) -> None:
    gate.people(ANN, EVE, times=10)
    gate.wait(5)
    gate.people(None, None, None, EVE, ANN, times=10)
    assert len(gate.told()) == 2


def test_somebody_enrolled_while_they_stand_there_gets_their_name(gate: WatchedGate, core: Core) -> None:
    gate.people(EVE, times=10)
    enrolled(core, "eve")
    look = gate.people(EVE, times=15)
    assert gate.told() == [(BEGAN, None), (NAMED, "eve")]
    assert look.boxes[0].label == "Eve"


def test_somebody_deleted_is_neither_shown_nor_told_from_the_next_look_on(
    gate: WatchedGate, core: Core
) -> None:
    gate.people(ANN, BOB, times=5)
    core.gallery.remove_subject("ann")
    gate.told()
    assert labels(gate, ANN, BOB) == ["?", "Bob"]
    gate.people(None, BOB, times=2)
    gate.wait(12)
    assert gate.told() == [(ENDED, None), (ENDED, "bob")]


def test_somebody_deleted_after_they_left_is_not_told(gate: WatchedGate, core: Core) -> None:
    gate.people(ANN, times=5)
    gate.told()
    core.gallery.remove_subject("ann")
    gate.wait(12)
    assert gate.told() == [(ENDED, None)]


def test_a_new_name_is_shown_at_once(gate: WatchedGate, core: Core) -> None:
    gate.people(ANN, times=3)
    core.gallery.rename_subject("ann", "Ann of Gate")
    assert labels(gate, ANN) == ["Ann of Gate"]


def test_faces_outside_the_zone_or_too_small_are_nobody(core: Core) -> None:
    left = Zone(((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    gate = WatchedGate.of(enrolled(core, "ann", "bob"), WatchSettings(zone=left))
    assert labels(gate, ANN, BOB, times=3) == ["Ann"]
    gate = WatchedGate.of(core, WatchSettings(min_face_px=90))
    assert gate.people(ANN, times=5).people_count == 0
    assert gate.told() == []


def test_the_threshold_of_the_camera_decides(core: Core) -> None:
    gate = WatchedGate.of(enrolled(core, "ann"), WatchSettings(threshold=1.0))
    gate.people(ANN, times=15)
    ((kind, subject_id),) = gate.told()
    assert (kind, subject_id) == (BEGAN, None)
    (ended,) = gate.watcher.end(gate.at)
    assert ended.visit.band is Band.REVIEW
    assert [candidate.subject_id for candidate in ended.visit.candidates] == ["ann"]


def test_a_picture_of_somebody_is_unknown_where_liveness_is_checked(core: Core) -> None:
    gate = WatchedGate.of(enrolled(core, "ann"), WatchSettings(checks_liveness=True))
    assert labels(gate, FakeFace("ann", is_live=False), times=15) == ["unknown"]
    (change,) = gate.changes
    assert (change.visit.subject_id, change.visit.band, change.visit.is_live) == (None, Band.UNKNOWN, False)
    assert labels(gate, None, None, None, ANN, times=5) == ["Ann"]
    assert gate.changes[1].visit.is_live is True


def test_liveness_that_cannot_be_checked_is_told_before_anybody_comes(core: Core) -> None:
    bare = FaceAnalysis(
        decoder=FakeDecoder(), detector=core.detector, embedder=core.embedder, cutter=FakeCutter()
    )
    gate = WatchedGate(bare, core.gallery, WatchSettings(checks_liveness=True))
    with pytest.raises(CapabilityMissing) as missing:
        gate.people(None)
    assert missing.value.capability == "liveness"


def test_a_broken_engine_is_not_an_empty_room(gate: WatchedGate, core: Core) -> None:
    gate.people(ANN, times=5)
    core.detector.failure = EngineFailed("the runtime broke")
    for _ in range(3):
        with pytest.raises(EngineFailed):
            gate.people(ANN)
        gate.wait(20)
    core.detector.failure = None
    core.embedder.failure = EngineFailed("the runtime broke")
    with pytest.raises(EngineFailed):
        gate.people(None, None, None, ANN)
    core.embedder.failure = None
    gate.people(ANN, times=5)
    assert gate.told() == [(BEGAN, "ann")]
    gate.wait(11)
    assert gate.told() == [(ENDED, "ann")]


def test_while_the_store_is_away_visits_begin_and_end_all_the_same(
    gate: WatchedGate, core: Core, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(_: str) -> None:
        raise StoreFailed("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(core.store, "find_subject", away)
        assert labels(gate, ANN, times=10) == ["ann"]
        assert gate.told() == [(BEGAN, "ann")]
        gate.wait(11)
        assert gate.told() == [(ENDED, "ann")]
    assert caplog.text.count("asking for names") == 1
    assert labels(gate, ANN, times=10) == ["Ann"]
    assert gate.told() == [(BEGAN, "ann")]


def test_the_end_of_watching_ends_visits_even_without_the_store(
    gate: WatchedGate, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.people(ANN, EVE, times=10)

    def away(_: str) -> None:
        raise StoreFailed("the store is away")

    monkeypatch.setattr(core.store, "find_subject", away)
    assert {change.kind for change in gate.watcher.end(gate.at)} == {ENDED}
    assert gate.watcher.end(gate.at) == ()


def test_the_whole_picture_is_made_only_where_a_face_is_looked_at(core: Core) -> None:
    made: list[str] = []
    gate = WatchedGate.of(enrolled(core, "ann"), WatchSettings(detection_side_px=160))
    tiles = scene(ANN, None, None).frame.pixels_rgb
    wide = FakeGrabbedFrame(Frame.of(tiles), made.append)
    gate.show(wide)
    # The detection picture is 160 x 53 px, in which the fake detector sees nobody.
    assert made == ["picture"]
    gate = WatchedGate.of(core)
    gate.show(wide, times=3)
    assert made == ["picture"] * 4


def test_shots_are_no_larger_than_an_alert_may_be(core: Core) -> None:
    gate = WatchedGate.of(enrolled(core, "ann"), WatchSettings(detection_side_px=640))
    gate.people(*[None] * 5, ANN, times=3)
    tall = scene(*[None] * 19, ANN)
    assert tall.size.width_px == 2000
    (began,) = gate.changes
    assert began.visit.shot is not None
    assert began.visit.shot.frame.size.width_px == 600


def luma(level: int = 90) -> np.ndarray:
    return np.full((90, 160), level, np.uint8)


def test_the_gate_closes_opens_for_a_look_and_stays_open_while_somebody_is_there(gate: WatchedGate) -> None:
    assert gate.watcher.is_moving(luma(), gate.at_s)
    gate.people(None)
    assert gate.watcher.is_moving(luma(), gate.at_s)
    gate.at_s += 2.5
    assert not gate.watcher.is_moving(luma(), gate.at_s)
    gate.at_s += 0.5
    assert gate.watcher.is_moving(luma(), gate.at_s)
    for _ in range(30):
        gate.people(ANN)
        assert gate.watcher.is_moving(luma(), gate.at_s + 0.1)
    gate.people(None)
    assert gate.watcher.is_moving(luma(), gate.at_s + 1.0)
    assert not gate.watcher.is_moving(luma(), gate.at_s + 2.0)


def test_without_a_motion_gate_every_frame_is_worth_a_look(core: Core) -> None:
    gate = WatchedGate.of(core, WatchSettings(has_motion_gate=False))
    assert all(gate.watcher.is_moving(luma(), 100.0 + step) for step in range(10))


def test_a_camera_looked_at_every_ten_seconds_still_names_people(core: Core) -> None:
    gate = WatchedGate.of(enrolled(core, "ann"), WatchSettings(frames_per_s=0.1))
    gate.step_s = 10.0
    gate.people(ANN, times=6)
    gate.wait(5)
    assert gate.told() == [(BEGAN, "ann")]


def test_crowds_are_bounded(core: Core) -> None:
    gate = WatchedGate.of(enrolled(core, "ann"), WatchSettings(detection_side_px=1280))
    for step in range(40):
        gate.people(*(FakeFace(f"{step // 4}-{n}") for n in range(12)))
    gate.wait(12)
    told = gate.told()
    assert len([kind for kind, _ in told if kind is BEGAN]) == len(
        [kind for kind, _ in told if kind is ENDED]
    )
