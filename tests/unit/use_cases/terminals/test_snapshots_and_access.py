"""What our engine makes of a terminal's picture, and who gets in."""

import pytest
from tests.fakes.engine import FAKE_IDENTITY, FakeCutter, FakeDecoder, FakeEmbedder, FakeFace, fake_picture
from tests.fakes.terminals import FakeTerminalPeopleStore
from tests.unit.use_cases.terminals.people_core import PeopleCore, people_core, people_in_memory

from facegate.domain.errors import CapabilityMissing, EngineFailed, InvalidInput, StoreFailed
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.templates import EmbedderIdentity
from facegate.domain.terminals.access_policy import AccessPolicy, AccessRule
from facegate.domain.terminals.activity import (
    UNKNOWN_FACE_ENROLL_ID,
    ActivityRecord,
    Scan,
    SnapshotVerdict,
)
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.terminals.access import DecideAccess
from facegate.use_cases.terminals.snapshots import CheckSnapshot


@pytest.fixture
def parts() -> PeopleCore:
    made = people_in_memory()
    made.enrol("ann")
    made.enrol("bob")
    return made


def break_the_store(parts: PeopleCore) -> None:
    assert isinstance(parts.people, FakeTerminalPeopleStore)
    parts.people.is_broken = True


def scan(enroll_id: int, *people: FakeFace, picture: bytes | None = None) -> Scan:
    record = ActivityRecord(enroll_id, "2026-01-01 00:00:00", mode=8)
    return Scan(record, fake_picture(*people) if picture is None else picture)


def checking(parts: PeopleCore, liveness: LivenessPolicy | None = None) -> CheckSnapshot:
    return CheckSnapshot(parts.analysis, parts.gallery, parts.people, liveness)


def test_the_owner_of_the_number_is_confirmed(parts: PeopleCore) -> None:
    seen = checking(parts)(scan(parts.number_of("ann"), FakeFace("ann", 5)))
    assert (seen.verdict, seen.subject_id) == (SnapshotVerdict.CONFIRMED, "ann")
    assert seen.similarity is not None
    assert seen.similarity > 0.6
    assert seen.live_probability is None


def test_another_enrolled_person_is_named(parts: PeopleCore) -> None:
    seen = checking(parts)(scan(parts.number_of("ann"), FakeFace("bob", 5)))
    assert (seen.verdict, seen.subject_id) == (SnapshotVerdict.OTHER_PERSON, "bob")
    assert seen.similarity is not None
    assert seen.similarity > 0.6


def test_a_bystander_behind_counts_for_nothing(parts: PeopleCore) -> None:
    number = parts.number_of("ann")
    beside = checking(parts)(scan(number, FakeFace("eve"), FakeFace("ann")))
    assert beside.verdict is SnapshotVerdict.STRANGER
    assert checking(parts)(scan(number, FakeFace("ann"), FakeFace("bob"))).subject_id == "ann"


def test_a_stranger_and_an_empty_picture(parts: PeopleCore) -> None:
    number = parts.number_of("ann")
    stranger = checking(parts)(scan(number, FakeFace("eve")))
    assert (stranger.verdict, stranger.subject_id) == (SnapshotVerdict.STRANGER, None)
    assert checking(parts)(scan(number)).verdict is SnapshotVerdict.NO_FACE
    assert checking(parts)(scan(12345)).verdict is SnapshotVerdict.NO_FACE


def test_a_picture_of_a_picture_is_not_live_where_that_is_asked_for(parts: PeopleCore) -> None:
    spoof = scan(parts.number_of("ann"), FakeFace("ann", is_live=False))
    seen = checking(parts, LivenessPolicy())(spoof)
    assert (seen.verdict, seen.subject_id) == (SnapshotVerdict.NOT_LIVE, "ann")
    assert seen.live_probability == pytest.approx(0.05)
    assert checking(parts)(spoof).verdict is SnapshotVerdict.CONFIRMED
    live = checking(parts, LivenessPolicy())(scan(parts.number_of("ann"), FakeFace("ann")))
    assert live.verdict is SnapshotVerdict.CONFIRMED


def test_a_person_without_a_template_of_this_model_cannot_be_compared(parts: PeopleCore) -> None:
    identity = EmbedderIdentity("another-model", FAKE_IDENTITY.dimension, FAKE_IDENTITY.metric)
    other = people_core(parts.store, parts.people, parts.clock, identity)
    seen = checking(other)(scan(parts.number_of("ann"), FakeFace("ann")))
    assert (seen.verdict, seen.subject_id) == (SnapshotVerdict.NOT_COMPARABLE, None)


def test_a_number_that_the_gallery_does_not_know_is_neither_right_nor_wrong(parts: PeopleCore) -> None:
    known = checking(parts)(scan(12345, FakeFace("bob", 3)))
    assert (known.verdict, known.subject_id) == (SnapshotVerdict.NOT_COMPARABLE, "bob")
    assert checking(parts)(scan(12345, FakeFace("eve"))).verdict is SnapshotVerdict.STRANGER
    spoof = checking(parts, LivenessPolicy())(scan(12345, FakeFace("bob", is_live=False)))
    assert spoof.verdict is SnapshotVerdict.NOT_LIVE


def test_an_unknown_face_of_the_terminal_may_be_somebody_of_ours(parts: PeopleCore) -> None:
    seen = checking(parts)(scan(UNKNOWN_FACE_ENROLL_ID, FakeFace("bob", 3)))
    assert (seen.verdict, seen.subject_id) == (SnapshotVerdict.OTHER_PERSON, "bob")
    assert checking(parts)(scan(UNKNOWN_FACE_ENROLL_ID, FakeFace("eve"))).verdict is SnapshotVerdict.STRANGER


def test_a_broken_picture_is_told_from_an_empty_one(parts: PeopleCore) -> None:
    number = parts.number_of("ann")
    assert checking(parts)(scan(number, picture=b"nonsense")).verdict is SnapshotVerdict.FAILED
    with pytest.raises(InvalidInput):
        checking(parts)(Scan(ActivityRecord(number, "")))


def test_trouble_in_the_engine_is_never_a_missing_face(parts: PeopleCore) -> None:
    parts.detector.failure = EngineFailed("the runtime broke")
    with pytest.raises(EngineFailed):
        checking(parts)(scan(parts.number_of("ann"), FakeFace("ann")))


def test_a_missing_liveness_model_is_never_a_pass(parts: PeopleCore) -> None:
    bare = FaceAnalysis(
        decoder=FakeDecoder(), detector=parts.detector, embedder=FakeEmbedder(), cutter=FakeCutter()
    )
    check = CheckSnapshot(bare, parts.gallery, parts.people, LivenessPolicy())
    with pytest.raises(CapabilityMissing):
        check(scan(parts.number_of("ann"), FakeFace("ann")))


def deciding(parts: PeopleCore, rule: AccessRule, check: CheckSnapshot | None = None) -> DecideAccess:
    return DecideAccess(AccessPolicy(rule), parts.people, check)


def test_everybody_gets_in_without_a_question_to_anybody(parts: PeopleCore) -> None:
    number = parts.number_of("ann")
    break_the_store(parts)
    parts.detector.failure = EngineFailed("the runtime broke")
    decide = deciding(parts, AccessRule.EVERYBODY, checking(parts))
    for enroll_id in (number, 12345, UNKNOWN_FACE_ENROLL_ID, 0):
        decision, seen = decide(scan(enroll_id, FakeFace("eve")))
        assert decision.is_granted
        assert seen is None


def test_those_of_the_gallery_get_in(parts: PeopleCore) -> None:
    decide = deciding(parts, AccessRule.ENROLLED)
    assert decide(scan(parts.number_of("ann")))[0].is_granted
    for enroll_id in (12345, UNKNOWN_FACE_ENROLL_ID, 0):
        decision, _ = decide(scan(enroll_id))
        assert not decision.is_granted
        assert decision.message


def test_those_whom_the_engine_confirmed_get_in(parts: PeopleCore) -> None:
    number = parts.number_of("ann")
    decide = deciding(parts, AccessRule.CONFIRMED, checking(parts, LivenessPolicy()))
    decision, seen = decide(scan(number, FakeFace("ann", 2)))
    assert decision.is_granted
    assert seen is not None
    assert seen.verdict is SnapshotVerdict.CONFIRMED
    for face in (FakeFace("bob"), FakeFace("eve"), FakeFace("ann", is_live=False)):
        decision, seen = decide(scan(number, face))
        assert not decision.is_granted
        assert seen is not None
    assert not decide(scan(12345, FakeFace("ann")))[0].is_granted
    without_picture, seen = decide(Scan(ActivityRecord(number, "")))
    assert not without_picture.is_granted
    assert seen is None


def test_without_a_check_nobody_is_confirmed(parts: PeopleCore) -> None:
    decision, _ = deciding(parts, AccessRule.CONFIRMED)(scan(parts.number_of("ann"), FakeFace("ann")))
    assert not decision.is_granted


def test_trouble_is_no_decision(parts: PeopleCore) -> None:
    number = parts.number_of("ann")
    break_the_store(parts)
    with pytest.raises(StoreFailed):
        deciding(parts, AccessRule.ENROLLED)(scan(number))
