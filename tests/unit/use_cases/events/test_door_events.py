"""What is seen at the doors, as events: who, how sure, and no picture."""

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.events import FakeEventStore
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.events.happened import NOON
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.domain.events.concerned import CLAIMED_FACT
from facegate.domain.events.event import Event, EventDoor, EventKind, EventQuery, ReviewState
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.matching import Band, MatchPolicy
from facegate.domain.presence.verdicts import Action, Cue, Finding, Reason, Verdict
from facegate.use_cases.events.door_events import identified, verified, violation
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.identify_faces import IdentifyFaces, IdentifyFacesRequest, IdentifyFacesResult
from facegate.use_cases.verify_face import VerifyFace, VerifyFaceRequest, VerifyFaceResult


@pytest.fixture
def people(core: Core) -> Core:
    for name in ("ann", "bob", "cat", "dan"):
        enrol(core, name, fake_picture(FakeFace(name)))
    return core


def identify(core: Core, *faces: FakeFace, gallery: Gallery | None = None) -> list[Event]:
    request = IdentifyFacesRequest(fake_picture(*faces), liveness=LivenessPolicy())
    result = IdentifyFaces(core.analysis, gallery or core.gallery)(request)
    return identified(EventDoor.ATTENDANCE, result, NOON)


def verify(core: Core, claimed_id: str, *faces: FakeFace) -> list[Event]:
    request = VerifyFaceRequest(fake_picture(*faces), claimed_id, liveness=LivenessPolicy())
    result = VerifyFace(core.analysis, core.gallery)(request)
    return verified(EventDoor.VERIFICATION, claimed_id, result, NOON)


def test_everybody_in_the_picture_is_an_event_up_to_five(people: Core) -> None:
    events = identify(
        people, FakeFace("ann", 3), FakeFace("stranger"), *[FakeFace("bob", n) for n in range(5)]
    )
    assert [event.subject_id for event in events] == ["ann", None, "bob", "bob", "bob"]
    first, stranger = events[:2]
    assert (first.kind, first.door, first.occurred_at) == (EventKind.IDENTIFIED, EventDoor.ATTENDANCE, NOON)
    assert (first.band, first.review) == (Band.MATCH, ReviewState.NOT_NEEDED)
    assert first.candidates[0].subject_id == "ann"
    assert len(first.candidates) == 3
    assert (first.confidence, first.similarity) == (
        first.candidates[0].confidence,
        first.candidates[0].similarity,
    )
    assert first.facts["face_count"] == 7
    assert (stranger.band, stranger.candidates, stranger.is_stranger) == (Band.UNKNOWN, (), True)
    assert len({event.event_id for event in events}) == 5


def test_where_nobody_is_seen_nothing_happened(people: Core) -> None:
    assert identify(people) == []
    assert verify(people, "ann") == []


def test_two_who_are_too_close_wait_for_a_review(people: Core) -> None:
    enrol(people, "anna", fake_picture(FakeFace("ann", 1)))
    careful = Gallery(
        people.store, people.gallery._index, MatchPolicy(people.gallery.policy.curve, min_margin=0.5)
    )
    event = identify(people, FakeFace("ann", 3), gallery=careful)[0]
    assert (event.band, event.review, event.subject_id) == (Band.REVIEW, ReviewState.PENDING, None)
    assert {one.subject_id for one in event.candidates[:2]} == {"ann", "anna"}


def test_a_picture_of_somebody_has_not_brought_them_here(people: Core) -> None:
    event = identify(people, FakeFace("ann", 3, is_live=False))[0]
    assert (event.subject_id, event.band, event.candidates) == (None, Band.UNKNOWN, ())
    assert event.facts["is_live"] is False
    event = verify(people, "ann", FakeFace("ann", 3, is_live=False))[0]
    assert (event.subject_id, event.band, event.facts["is_match"]) == (None, Band.UNKNOWN, False)


def test_a_claim_that_holds_is_the_claimed_persons_event_whoever_else_is_there(people: Core) -> None:
    events = verify(people, "ann", FakeFace("bob", 3), FakeFace("ann", 3))
    assert [(event.kind, event.subject_id, event.band) for event in events] == [
        (EventKind.VERIFIED, "ann", Band.MATCH)
    ]
    assert events[0].facts["is_match"] is True
    assert events[0].facts[CLAIMED_FACT] == "ann"


def test_a_claim_that_somebody_else_makes_is_theirs(people: Core) -> None:
    event = verify(people, "ann", FakeFace("bob", 3))[0]
    assert (event.subject_id, event.band, event.facts["is_match"]) == ("bob", Band.MATCH, False)
    assert event.similarity is not None
    assert event.similarity > 0.5
    stranger = verify(people, "ann", FakeFace("stranger"))[0]
    assert (stranger.subject_id, stranger.band) == (None, Band.UNKNOWN)
    assert stranger.similarity is not None
    assert stranger.similarity < 0.5


def test_nobody_is_named_who_was_only_claimed(people: Core) -> None:
    event = verify(people, "nobody here", FakeFace("stranger"))[0]
    assert CLAIMED_FACT not in event.facts


@pytest.mark.parametrize(
    ("seen_name", "subject_id", "band"),
    [("ann", "ann", Band.MATCH), ("bob", "bob", Band.MATCH), ("unknown", None, Band.UNKNOWN)],
)
def test_a_violation_is_whose_face_it_was(seen_name: str, subject_id: str | None, band: Band) -> None:
    verdict = Verdict(
        Action.LOCK_SCREEN, Reason.WRONG_USER, seen_name, (Cue(Finding.SECOND_FACE), Cue(Finding.STRANGER))
    )
    event = violation("ann", verdict, NOON)
    assert (event.kind, event.door, event.place_id) == (EventKind.VIOLATION, EventDoor.PRESENCE, "ann")
    assert (event.subject_id, event.band) == (subject_id, band)
    assert event.facts == {
        "action": "ACTION_LOCK_SCREEN",
        "reason": "REASON_WRONG_USER",
        "findings": ["second_face", "stranger"],
    }


def test_doors_tell_what_they_answer_to_who_asked_for_it(people: Core) -> None:
    store = FakeEventStore()
    log = EventLog(store, LiveEvents(), people.clock, frozenset(EventDoor))

    def on_identified(result: IdentifyFacesResult) -> None:
        for event in identified(EventDoor.ATTENDANCE, result, NOON):
            log.note(event)

    def on_verified(request: VerifyFaceRequest, result: VerifyFaceResult) -> None:
        for event in verified(EventDoor.VERIFICATION, request.subject_id, result, NOON):
            log.note(event)

    picture = fake_picture(FakeFace("ann", 3))
    identify_faces = IdentifyFaces(people.analysis, people.gallery, on_identified)
    verify_face = VerifyFace(people.analysis, people.gallery, on_verified)
    assert len(identify_faces(IdentifyFacesRequest(picture)).faces) == 1
    assert verify_face(VerifyFaceRequest(picture, "ann")).is_match
    log.close()
    found = {(event.kind, event.subject_id) for event in store.list_events(EventQuery(), limit=9)}
    assert found == {(EventKind.IDENTIFIED, "ann"), (EventKind.VERIFIED, "ann")}
