"""People who were enrolled on a terminal: received, looked at, accepted or not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.terminals import FakeTerminalPeopleStore
from tests.unit.use_cases.terminals.people_core import PeopleCore, people_in_memory

from facegate.domain.errors import (
    ClientConflict,
    EngineFailed,
    EnrolmentNotFound,
    InvalidInput,
    NoFace,
    StoreFailed,
    SubjectNotFound,
)
from facegate.domain.images import DetectedFace, Frame, SmallLook
from facegate.domain.terminals.enrolments import (
    CARD_BACKUP_NUMBER,
    PASSWORD_BACKUP_NUMBER,
    PHOTO_BACKUP_NUMBER,
    Placement,
    PlacementState,
    ReviewStatus,
    TerminalEnrolment,
)
from facegate.use_cases.enrol_photos import EnrolmentRules
from facegate.use_cases.terminals import receive_enrolment as receiving
from facegate.use_cases.terminals.placement_queue import PlacementQueue
from facegate.use_cases.terminals.receive_enrolment import ReceiveEnrolment
from facegate.use_cases.terminals.review import ReviewEnrolments


class Desk:
    """The reviewer's desk."""

    def __init__(self) -> None:
        self.core: PeopleCore = people_in_memory()
        core = self.core
        self.receive = ReceiveEnrolment(core.people)
        self.review = ReviewEnrolments(
            core.people, core.enrol_photos, core.gallery, EnrolmentRules(), core.clock
        )

    def came(
        self,
        enroll_id: int,
        *faces: FakeFace,
        name: str = "",
        backup_number: int = PHOTO_BACKUP_NUMBER,
        serial_number: str = "ZX1",
    ) -> TerminalEnrolment:
        now = self.core.clock.now_utc()
        photo = fake_picture(*faces)
        enrolment = TerminalEnrolment(serial_number, enroll_id, backup_number, name, now, photo=photo)
        self.receive(enrolment)
        return enrolment

    def found(self, enroll_id: int, backup_number: int = PHOTO_BACKUP_NUMBER) -> TerminalEnrolment:
        enrolment = self.core.people.find_enrolment("ZX1", enroll_id, backup_number)
        assert enrolment is not None
        return enrolment

    def who(self, person: str) -> str | None:
        """Whom the gallery takes this face for."""
        core = self.core
        frame = core.analysis.decode(fake_picture(FakeFace(person, 9)))
        judged = core.analysis.judge(frame, core.analysis.find_faces(frame)[0])
        match = core.gallery.identify(core.analysis.embed([judged])[0]).match
        return None if match is None else match.subject_id


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_came_waits_with_its_photo(desk: Desk) -> None:
    desk.came(7, FakeFace("ann"), name="Ann")
    waiting = desk.review.list()
    assert [(one.enroll_id, one.name, one.photo) for one in waiting] == [(7, "Ann", None)]
    assert desk.review.photo("ZX1", 7) == fake_picture(FakeFace("ann"))
    assert desk.who("ann") is None


def test_of_other_credentials_only_the_fact_is_kept(desk: Desk) -> None:
    for backup_number in (0, PASSWORD_BACKUP_NUMBER, CARD_BACKUP_NUMBER, 20, 51):
        desk.came(7, FakeFace("ann"), backup_number=backup_number)
        assert desk.found(7, backup_number).photo is None
        with pytest.raises(EnrolmentNotFound):
            desk.review.photo("ZX1", 7, backup_number)


def test_a_terminal_cannot_bring_a_decision_along(desk: Desk) -> None:
    enrolment = desk.came(7, FakeFace("ann"))
    forged = replace(enrolment, enroll_id=8, status=ReviewStatus.ACCEPTED, subject_id="root")
    desk.receive(forged)
    assert desk.found(8).status is ReviewStatus.WAITING
    assert desk.found(8).subject_id is None


@pytest.mark.parametrize("enroll_id", [0, -1, 99_999_999, 10**12])
def test_a_number_that_no_person_has_is_refused(desk: Desk, enroll_id: int) -> None:
    with pytest.raises(InvalidInput):
        desk.came(enroll_id, FakeFace("ann"))
    assert desk.review.list() == []


def test_a_huge_photo_is_not_kept_and_does_not_come_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MAX_PHOTO_BYTES", 10)
    desk.came(7, FakeFace("ann"))
    assert desk.found(7).photo is None
    with pytest.raises(InvalidInput):
        desk.review.accept("ZX1", 7)


def test_an_accepted_person_is_recognised_and_keeps_the_number(desk: Desk) -> None:
    desk.came(7, FakeFace("ann"), name="Ann")
    subject = desk.review.accept("ZX1", 7)
    assert (subject.subject_id, subject.display_name, subject.enrolment_number) == ("7", "Ann", 7)
    assert desk.who("ann") == "7"
    assert desk.core.people.subject_of_number(7) == "7"
    decided = desk.found(7)
    assert (decided.status, decided.subject_id, decided.photo) == (ReviewStatus.ACCEPTED, "7", None)
    assert decided.decided_at == desk.core.clock.now_utc()
    assert desk.review.list() == []
    assert len(desk.review.list(status=None)) == 1
    with pytest.raises(EnrolmentNotFound):
        desk.review.accept("ZX1", 7)
    with pytest.raises(EnrolmentNotFound):
        desk.review.photo("ZX1", 7)


def test_an_accepted_person_counts_as_being_on_the_terminal(desk: Desk) -> None:
    desk.came(7, FakeFace("ann"), name="Ann")
    desk.review.accept("ZX1", 7)
    placements = desk.core.people.list_placements(serial_number="ZX1")
    assert [(one.enroll_id, one.subject_id, one.state) for one in placements] == [
        (7, "7", PlacementState.PLACED)
    ]


def test_a_known_person_gets_another_template_and_keeps_the_name(desk: Desk) -> None:
    desk.core.enrol("ann")
    desk.came(7, FakeFace("ann", 3), name="somebody")
    subject = desk.review.accept("ZX1", 7, subject_id="ann")
    assert (subject.template_count, subject.display_name, subject.enrolment_number) == (2, "ann", 7)
    desk.came(8, FakeFace("bob"))
    assert desk.review.accept("ZX1", 8, subject_id="bob", display_name="Bob").display_name == "Bob"


def test_whose_number_it_is_in_the_gallery_is_not_guessed(desk: Desk) -> None:
    desk.core.enrol("7")
    desk.came(7, FakeFace("eve"))
    with pytest.raises(InvalidInput, match="subject_id"):
        desk.review.accept("ZX1", 7)
    assert desk.found(7).status is ReviewStatus.WAITING
    subject = desk.review.accept("ZX1", 7, subject_id="eve")
    assert subject.enrolment_number is None or subject.enrolment_number != desk.core.number_of("7")
    assert desk.who("eve") == "eve"


def test_a_number_with_another_persons_placement_is_refused(desk: Desk) -> None:
    now = desk.core.clock.now_utc()
    for state in (PlacementState.PLACED, PlacementState.UNWANTED, PlacementState.WANTED):
        subject_id = f"{state}-one"
        desk.core.enrol(subject_id)
        number = desk.core.number_of(subject_id)
        desk.core.people.save_placements([Placement("ZX1", number, subject_id, "", state, now)])
        desk.came(number, FakeFace("eve"))
        with pytest.raises(InvalidInput, match="another person"):
            desk.review.accept("ZX1", number, subject_id="eve")
    assert desk.core.gallery.find_subject("eve") is None


def in_the_middle(desk: Desk, monkeypatch: pytest.MonkeyPatch, happening: Callable[[], object]) -> None:
    """Happens once, while the engine looks at the photo that is accepted."""
    real, happenings = desk.core.detector.detect, iter([happening])

    def detect(frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        next(happenings, lambda: None)()
        return real(frame, seen)

    monkeypatch.setattr(desk.core.detector, "detect", detect)


def test_somebody_who_is_removed_meanwhile_is_not_created_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.core.enrol("ann")
    desk.came(7, FakeFace("ann", 3))
    in_the_middle(desk, monkeypatch, lambda: desk.core.gallery.remove_subject("ann"))
    with pytest.raises(SubjectNotFound):
        desk.review.accept("ZX1", 7, subject_id="ann")
    assert desk.core.gallery.find_subject("ann") is None
    assert desk.who("ann") is None
    assert desk.core.people.list_placements() == []


@pytest.mark.parametrize("state", [PlacementState.PLACED, PlacementState.WANTED])
def test_taking_somebody_off_the_terminal_meanwhile_wins(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, state: PlacementState
) -> None:
    desk.core.enrol("7")
    desk.core.people.save_placements(
        [Placement("ZX1", 7, "7", "", state, desk.core.clock.now_utc(), was_placed=False)]
    )
    desk.came(7, FakeFace("7", 3))
    queue = PlacementQueue(desk.core.people, desk.core.clock)
    in_the_middle(desk, monkeypatch, lambda: queue.want_removed("7", None))
    desk.review.accept("ZX1", 7, subject_id="7")
    (placement,) = desk.core.people.list_placements()
    assert (placement.state, placement.was_placed) == (PlacementState.UNWANTED, True)


def test_an_accepted_number_is_theirs_and_a_photo_that_waits_is_still_sent(desk: Desk) -> None:
    desk.core.enrol("7")
    now = desk.core.clock.now_utc()
    desk.core.people.save_placements([Placement("ZX1", 7, "7", "", PlacementState.WANTED, now, b"photo")])
    desk.came(7, FakeFace("7", 3))
    desk.review.accept("ZX1", 7, subject_id="7")
    (placement,) = desk.core.people.list_placements()
    assert (placement.state, placement.was_placed) == (PlacementState.WANTED, True)
    assert desk.core.people.placement_photo("ZX1", 7) == b"photo"


def test_what_still_waits_of_somebody_who_is_forgotten_goes(desk: Desk) -> None:
    desk.came(7, FakeFace("ann"))
    desk.review.accept("ZX1", 7)
    desk.came(7, FakeFace("ann", 5))
    desk.core.gallery.remove_subject("7")
    assert desk.core.people.find_enrolment("ZX1", 7, PHOTO_BACKUP_NUMBER) is None


def test_the_same_photo_that_comes_again_meanwhile_is_decided(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.came(7, FakeFace("ann"))
    later = replace(first, received_at=first.received_at + timedelta(seconds=5))
    in_the_middle(desk, monkeypatch, lambda: desk.receive(later))
    desk.review.accept("ZX1", 7)
    assert desk.found(7).status is ReviewStatus.ACCEPTED
    assert desk.review.list() == []


def test_what_the_reviewer_was_not_shown_is_not_accepted(desk: Desk) -> None:
    shown = desk.came(7, FakeFace("ann"))
    desk.core.clock.advance(1)
    newer = desk.came(7, FakeFace("eve"))
    with pytest.raises(ClientConflict):
        desk.review.accept("ZX1", 7, received_at=shown.received_at)
    assert desk.core.gallery.find_subject("7") is None
    assert desk.review.accept("ZX1", 7, received_at=newer.received_at).subject_id == "7"


def test_too_many_photos_are_not_kept_but_the_facts_are(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MAX_PHOTOS_OF_TERMINAL", 2)
    monkeypatch.setattr(receiving, "MAX_PHOTOS", 3)
    for number in (1, 2, 3):
        desk.came(number, FakeFace(f"face {number}"))
    assert [desk.found(number).photo is None for number in (1, 2, 3)] == [False, False, True]
    desk.came(2, FakeFace("face 2", 7))  # it takes the older one's place
    assert desk.found(2).photo == fake_picture(FakeFace("face 2", 7))
    for number in (1, 2):
        desk.came(number, FakeFace(f"face {number}"), serial_number="ZX2")
    assert desk.core.people.waiting_photo_count() == 3
    desk.review.reject("ZX1", 1)
    desk.came(2, FakeFace("face 2"), serial_number="ZX2")
    assert desk.core.people.waiting_photo_count("ZX2") == 2


def test_a_photo_without_a_usable_face_is_refused_and_waits(desk: Desk) -> None:
    desk.came(7)
    with pytest.raises(NoFace):
        desk.review.accept("ZX1", 7)
    assert desk.found(7).status is ReviewStatus.WAITING
    assert desk.core.gallery.find_subject("7") is None
    assert desk.core.people.list_placements() == []


def test_trouble_leaves_the_enrolment_waiting_and_it_can_be_accepted_again(desk: Desk) -> None:
    desk.came(7, FakeFace("ann"))
    desk.core.detector.failure = EngineFailed("the runtime broke")
    with pytest.raises(EngineFailed):
        desk.review.accept("ZX1", 7)
    desk.core.detector.failure = None
    assert desk.review.accept("ZX1", 7).template_count == 1


def test_an_acceptance_that_was_cut_short_is_simply_made_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.came(7, FakeFace("ann"))
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise StoreFailed("the disk is full")

        patch.setattr(desk.core.people, "settle_placement", fail)
        with pytest.raises(StoreFailed):
            desk.review.accept("ZX1", 7)
    assert desk.review.accept("ZX1", 7, subject_id="7").template_count == 1


def test_a_credential_without_a_photo_can_be_given_to_somebody(desk: Desk) -> None:
    desk.core.enrol("ann")
    desk.came(7, backup_number=CARD_BACKUP_NUMBER)
    subject = desk.review.accept("ZX1", 7, CARD_BACKUP_NUMBER, "ann")
    assert (subject.template_count, subject.enrolment_number) == (1, 7)
    assert desk.found(7, CARD_BACKUP_NUMBER).status is ReviewStatus.ACCEPTED


def test_a_rejected_photo_is_gone_and_does_not_come_back(desk: Desk) -> None:
    enrolment = desk.came(7, FakeFace("ann"))
    rejected = desk.review.reject("ZX1", 7)
    assert (rejected.status, rejected.photo) == (ReviewStatus.REJECTED, None)
    desk.receive(enrolment)  # the terminal sends the same again
    assert desk.found(7).status is ReviewStatus.REJECTED
    assert desk.found(7).photo is None
    desk.core.clock.advance(1)
    desk.came(7, FakeFace("ann", 5))  # another photo is another question
    assert [one.enroll_id for one in desk.review.list()] == [7]


def test_what_never_came_cannot_be_decided(desk: Desk) -> None:
    for decide in (desk.review.accept, desk.review.reject, desk.review.photo):
        with pytest.raises(EnrolmentNotFound):
            decide("ZX1", 7)


def test_a_store_that_fails_is_said(desk: Desk) -> None:
    assert isinstance(desk.core.people, FakeTerminalPeopleStore)
    desk.core.people.is_broken = True
    with pytest.raises(StoreFailed):
        desk.came(7, FakeFace("ann"))
