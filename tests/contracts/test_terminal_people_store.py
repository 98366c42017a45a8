"""What every TerminalPeopleStore promises, run over SQLite, PostgreSQL and the fake."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.emptied_databases import emptied
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import enrolment, later, new_template
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.fakes.terminals import FakeTerminalPeopleStore

from facegate.adapters.sql_store import Database, SqlGalleryStore, SqlTerminalPeopleStore
from facegate.domain.errors import FacegateError, InvalidInput, SubjectNotFound
from facegate.domain.gallery import Enrolment
from facegate.domain.subjects import Subject
from facegate.domain.terminals.enrolment_numbers import FIRST_ALLOCATED_NUMBER as FIRST
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.terminal_people_store import TerminalPeopleStore


@dataclass(frozen=True)
class Stores:
    gallery: GalleryStore
    people: TerminalPeopleStore


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "fake":
        gallery = InMemoryGalleryStore()
        yield Stores(gallery, FakeTerminalPeopleStore(gallery))
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield sql_stores(database)
    else:
        yield sql_stores(emptied(request.getfixturevalue("postgres")))


@pytest.fixture
def people(stores: Stores) -> TerminalPeopleStore:
    return stores.people


def sql_stores(database: Database) -> Stores:
    return Stores(SqlGalleryStore(database, FakeClock()), SqlTerminalPeopleStore(database))


def from_terminal(
    enroll_id: int = 1, photo: bytes | None = b"photo", *, sn: str = "T1", second: int = 0
) -> TerminalEnrolment:
    return TerminalEnrolment(sn, enroll_id, 50, "Ana", later(second), photo=photo)


def decided(
    known: TerminalEnrolment, status: ReviewStatus = ReviewStatus.ACCEPTED, subject_id: str | None = None
) -> TerminalEnrolment:
    return replace(known, status=status, photo=None, subject_id=subject_id, decided_at=later(100))


def place(
    enroll_id: int = 1,
    state: PlacementState = PlacementState.WANTED,
    *,
    sn: str = "T1",
    subject_id: str = "anna",
    second: int = 0,
    photo: bytes | None = b"a photo",
) -> Placement:
    return Placement(sn, enroll_id, subject_id, "Anna", state, later(second), photo)


def found(people: TerminalPeopleStore, enroll_id: int = 1, *, sn: str = "T1") -> TerminalEnrolment:
    one = people.find_enrolment(sn, enroll_id, 50)
    assert one is not None
    return one


def kept(people: TerminalPeopleStore, **asked: Any) -> list[Placement]:
    """Placements with their photos, which lists leave away."""
    listed = people.list_placements(**asked)
    assert all(one.photo is None for one in listed)
    return [replace(one, photo=people.placement_photo(one.serial_number, one.enroll_id)) for one in listed]


# Enrolments


def test_an_enrolment_comes_back_equal(people: TerminalPeopleStore) -> None:
    whole = replace(from_terminal(999_999_999_999), name="Añá \U0001f600", is_administrator=True)
    card = TerminalEnrolment("T1", 2, 11, "", later(0.000001))
    people.save_enrolments([whole, card])
    assert people.find_enrolment("T1", 999_999_999_999, 50) == whole
    assert people.find_enrolment("T1", 2, 11) == card
    done = decided(card, ReviewStatus.REJECTED, "anna")
    people.save_enrolments([done])
    assert people.find_enrolment("T1", 2, 11) == done


@pytest.mark.parametrize(
    ("sn", "enroll_id", "backup_number"),
    [("T2", 1, 50), ("T1", 2, 50), ("T1", 1, 10), ("nul\0", 1, 50), ("\ud800", 1, 50), ("T1", 2**63, 50)],
)
def test_an_unknown_enrolment_is_none(
    people: TerminalPeopleStore, sn: str, enroll_id: int, backup_number: int
) -> None:
    people.save_enrolments([from_terminal()])
    assert people.find_enrolment(sn, enroll_id, backup_number) is None


def test_enrolments_are_listed_oldest_first_without_photos(people: TerminalPeopleStore) -> None:
    newest, middle = from_terminal(1, second=9), from_terminal(2, second=5)
    done = decided(from_terminal(3, second=1))
    other = from_terminal(2, sn="T0", second=5)
    people.save_enrolments([newest, middle, done, other])

    def ids(**asked: object) -> list[tuple[str, int]]:
        listed = people.list_enrolments(**asked)  # type: ignore[arg-type]
        assert all(one.photo is None for one in listed)
        return [(one.serial_number, one.enroll_id) for one in listed]

    assert ids() == [("T1", 3), ("T0", 2), ("T1", 2), ("T1", 1)]
    assert ids(status=ReviewStatus.WAITING, serial_number="T1") == [("T1", 2), ("T1", 1)]
    assert ids(status=ReviewStatus.REJECTED) == ids(serial_number="nul\0") == ids(limit=0) == []
    assert ids(limit=2) == [("T1", 3), ("T0", 2)]


def test_one_that_waits_is_replaced_by_a_newer_one(people: TerminalPeopleStore) -> None:
    people.save_enrolments([from_terminal()])
    newer = replace(from_terminal(photo=b"newer", second=9), name="Ana B.")
    people.save_enrolments([newer])
    assert found(people) == newer
    without = from_terminal(photo=None, second=10)
    people.save_enrolments([newer, without])
    assert found(people) == without
    assert len(people.list_enrolments()) == 1


@pytest.mark.parametrize("photo", [b"photo", None])
def test_one_that_was_decided_stays_so_until_another_photo_comes(
    people: TerminalPeopleStore, photo: bytes | None
) -> None:
    known = from_terminal(photo=photo)
    people.save_enrolments([known])
    people.save_enrolments([decided(known, subject_id="anna")])
    for second in (200, 300):
        people.save_enrolments([from_terminal(photo=photo, second=second)])
        assert found(people) == decided(known, subject_id="anna")
    other = from_terminal(photo=b"another", second=400)
    people.save_enrolments([other])
    assert found(people) == other


def test_a_decision_may_be_changed_and_the_photo_is_still_known(people: TerminalPeopleStore) -> None:
    known = from_terminal()
    people.save_enrolments([known, decided(known, ReviewStatus.REJECTED)])
    people.save_enrolments([decided(known, subject_id="anna")])
    people.save_enrolments([from_terminal(second=500)])
    assert found(people) == decided(known, subject_id="anna")


def test_a_decided_one_keeps_no_photo_whatever_it_is_saved_with(people: TerminalPeopleStore) -> None:
    with_photo = replace(decided(from_terminal()), photo=b"photo")
    people.save_enrolments([with_photo])
    assert found(people) == replace(with_photo, photo=None)
    people.save_enrolments([from_terminal(second=5)])
    assert found(people).status is ReviewStatus.ACCEPTED


@pytest.mark.parametrize("photo", [b"photo", None])
def test_one_that_comes_again_while_it_is_decided_is_decided(
    people: TerminalPeopleStore, photo: bytes | None
) -> None:
    judged = from_terminal(photo=photo)
    people.save_enrolments([judged])
    people.save_enrolments([replace(from_terminal(photo=photo, second=9), name="Ana B.")])
    assert found(people) == replace(judged, name="Ana B.")
    people.save_enrolments([decided(judged, subject_id="anna")])
    assert found(people) == decided(judged, subject_id="anna")


def test_photos_that_wait_are_counted(people: TerminalPeopleStore) -> None:
    done = from_terminal(4)
    people.save_enrolments([from_terminal(1), from_terminal(2), from_terminal(1, sn="T2"), done])
    people.save_enrolments([from_terminal(3, None), decided(done)])
    counts = [people.waiting_photo_count(sn) for sn in (None, "T1", "T2", "T3", "nul\0")]
    assert counts == [3, 2, 1, 0, 0]


def test_a_decision_does_not_decide_what_came_meanwhile(people: TerminalPeopleStore) -> None:
    judged = from_terminal()
    people.save_enrolments([judged])
    newer = from_terminal(photo=b"of somebody else", second=1)
    people.save_enrolments([newer])
    people.save_enrolments([decided(judged)])
    assert found(people) == newer


def test_one_that_cannot_be_stored_keeps_all_of_them_out(people: TerminalPeopleStore) -> None:
    for odd in (
        from_terminal(2**63),
        from_terminal(sn="nul\0"),
        replace(decided(from_terminal()), subject_id="half\ud800"),
    ):
        with pytest.raises(InvalidInput):
            people.save_enrolments([from_terminal(5), odd])
    assert people.list_enrolments() == []
    people.save_enrolments([replace(from_terminal(), name="A\0na")])
    assert found(people).name == "A\ufffdna"


# Placements


def test_a_placement_comes_back_equal(people: TerminalPeopleStore) -> None:
    whole = replace(
        place(999_999_999_999, PlacementState.REFUSED, subject_id="a/b \U0001f600"),
        attempt_count=3,
        last_error="reason 9: the face is too small",
    )
    bare = place(2, photo=None, second=1)
    people.save_placements([whole, bare])
    assert kept(people) == [whole, bare]


def test_saving_again_replaces(people: TerminalPeopleStore) -> None:
    people.save_placements([place(1), place(2, second=1)])
    changed = place(1, subject_id="bob", second=2, photo=b"another")
    people.save_placements([place(1), changed])
    assert kept(people) == [place(2, second=1), changed]


@pytest.mark.parametrize("state", [PlacementState.PLACED, PlacementState.UNWANTED])
def test_a_photo_is_kept_only_while_it_is_needed(people: TerminalPeopleStore, state: PlacementState) -> None:
    people.save_placements([place(1), place(1, sn="T2")])
    people.save_placements([place(1, state)])
    assert {one.serial_number: one.photo for one in kept(people)} == {
        "T1": None,
        "T2": b"a photo",
    }


def test_a_photo_outlives_others_who_needed_the_same(people: TerminalPeopleStore) -> None:
    shared = b"the same picture"
    people.save_placements([place(1, photo=shared), place(1, sn="T2", photo=shared)])
    people.save_enrolments([from_terminal(photo=shared), from_terminal(2, shared)])
    people.remove_placements("T1", [1])
    people.save_enrolments([decided(from_terminal())])
    assert [one.photo for one in kept(people)] == [shared]
    assert found(people, 2).photo == shared
    people.remove_placements("T2", [1])
    assert found(people, 2).photo == shared


def test_placements_are_listed_oldest_change_first(people: TerminalPeopleStore) -> None:
    people.save_placements(
        [
            place(1, second=5),
            place(2, PlacementState.PLACED, second=3, subject_id="bob"),
            place(3, PlacementState.UNWANTED, second=1, subject_id="carl"),
            place(1, PlacementState.REFUSED, sn="T0", second=5),
        ]
    )

    def ids(**asked: object) -> list[tuple[str, int]]:
        listed = kept(people, **asked)
        return [(one.serial_number, one.enroll_id) for one in listed]

    assert ids() == [("T1", 3), ("T1", 2), ("T0", 1), ("T1", 1)]
    assert ids(serial_number="T1") == [("T1", 3), ("T1", 2), ("T1", 1)]
    assert ids(subject_id="anna") == [("T0", 1), ("T1", 1)]
    assert ids(states=[PlacementState.WANTED, PlacementState.UNWANTED]) == [("T1", 3), ("T1", 1)]
    assert ids(serial_number="T1", subject_id="bob", states={PlacementState.WANTED}) == []
    assert ids(serial_number="nul\0") == ids(subject_id="half\ud800") == []


def test_removing_placements(people: TerminalPeopleStore) -> None:
    people.save_placements([place(1), place(2), place(1, sn="T2")])
    people.remove_placements("T1", {1, 7, 2**63})
    people.remove_placements("nul\0", [1])
    people.remove_placements("T1", [])
    assert [(one.serial_number, one.enroll_id) for one in kept(people)] == [("T1", 2), ("T2", 1)]


def test_pages_go_on_behind_the_last_one(people: TerminalPeopleStore) -> None:
    people.save_placements(
        [
            place(2, second=9),
            place(1, second=5),
            place(3, sn="T0", second=1),
            place(1, sn="T2", subject_id="bob"),
            place(9, PlacementState.PLACED, sn="T0"),
        ]
    )

    def ids(**asked: Any) -> list[tuple[str, int]]:
        page = people.page_placements(**asked)
        assert all(one.photo is None for one in page)
        return [(one.serial_number, one.enroll_id) for one in page]

    whole = [("T0", 3), ("T0", 9), ("T1", 1), ("T1", 2), ("T2", 1)]
    assert ids() == whole
    for place_in_list, last in enumerate(whole):
        assert ids(after=last) == whole[place_in_list + 1 :]
    assert ids(limit=2) == whole[:2]
    assert ids(after=("T0", 5), limit=2) == [("T0", 9), ("T1", 1)]
    assert ids(limit=0) == ids(after=("T9", 0)) == ids(serial_number="nul\0") == []
    assert ids(serial_number="T1", after=("T1", 1)) == [("T1", 2)]
    assert ids(subject_id="anna", states=[PlacementState.WANTED]) == [("T0", 3), ("T1", 1), ("T1", 2)]


def test_one_number_is_looked_up(people: TerminalPeopleStore) -> None:
    people.save_placements([place(1), place(2), place(1, sn="T2")])
    assert kept(people, serial_number="T1", enroll_id=1) == [place(1)]
    assert len(kept(people, enroll_id=1)) == 2
    assert kept(people, enroll_id=2**63) == []
    assert people.placement_photo("T1", 1) == b"a photo"
    for sn, number in (("T3", 1), ("nul\0", 1), ("T1", 2**63)):
        assert people.placement_photo(sn, number) is None


def test_who_was_placed_stays_so_but_nobody_else(people: TerminalPeopleStore) -> None:
    people.save_placements([replace(place(1, PlacementState.PLACED), was_placed=True)])
    people.save_placements([place(1, second=1)])
    assert kept(people) == [replace(place(1, second=1), was_placed=True)]
    people.save_placements([place(1, subject_id="bob", second=2)])
    assert kept(people) == [place(1, subject_id="bob", second=2)]


def test_who_was_placed_stays_so_in_one_call_too(people: TerminalPeopleStore) -> None:
    placed = replace(place(1, PlacementState.PLACED), was_placed=True)
    people.save_placements([placed, place(1, second=1)])
    assert kept(people) == [replace(place(1, second=1), was_placed=True)]
    people.save_placements([place(1, subject_id="bob", second=2), place(1, second=3)])
    assert kept(people) == [place(1, second=3)]


def test_a_placement_is_settled_only_where_it_is_as_it_was(people: TerminalPeopleStore) -> None:
    wanted = place(1)
    people.save_placements([wanted])
    again = replace(wanted, attempt_count=1, last_error="reason 9", was_placed=True, photo=None)
    assert people.settle_placement(replace(wanted, photo=None), again)
    assert kept(people) == [replace(again, photo=b"a photo")]
    for stale in (None, wanted, replace(again, subject_id="bob"), place(2)):
        assert not people.settle_placement(stale, place(1, PlacementState.PLACED))
        assert not people.settle_placement(stale, None) or stale is None
    assert kept(people) == [replace(again, photo=b"a photo")]
    refused = replace(again, state=PlacementState.REFUSED)
    assert people.settle_placement(again, refused)
    assert kept(people) == [refused]
    assert people.settle_placement(refused, None)
    assert kept(people) == []
    assert not people.settle_placement(refused, None)
    placed = place(1, PlacementState.PLACED, photo=None)
    assert people.settle_placement(None, placed)
    assert kept(people) == [placed]
    with pytest.raises(InvalidInput):
        people.settle_placement(None, place(sn="nul\0"))
    assert people.settle_placement(None, None)


def test_hundreds_at_once(people: TerminalPeopleStore) -> None:
    people.save_placements([place(number, photo=b"%d" % (number % 3)) for number in range(1, 1201)])
    assert len(kept(people, states=[PlacementState.WANTED])) == 1200
    people.remove_placements("T1", range(1, 1200))
    assert [one.photo for one in kept(people)] == [b"0"]


def test_a_placement_that_cannot_be_stored_keeps_all_of_them_out(people: TerminalPeopleStore) -> None:
    for odd in (place(2**63), place(sn="nul\0"), place(subject_id="half\ud800")):
        with pytest.raises(InvalidInput):
            people.save_placements([place(5), odd])
    assert kept(people) == []
    people.save_placements([replace(place(), name="A\0", last_error="\ud800")])
    assert [(one.name, one.last_error) for one in kept(people)] == [("A\ufffd", "\ufffd")]


# Numbers


def test_numbers_are_given_once_and_stay(stores: Stores) -> None:
    for name in ("anna", "bob", "42", "007", "0", "99999999"):
        stores.gallery.enrol(enrolment(name))
    people = stores.people
    for place, name in enumerate(("anna", "bob", "007", "0", "99999999")):
        assert people.enrolment_number(name) == FIRST + place
    assert people.enrolment_number("42") == 42
    assert [people.enrolment_number(name) for name in ("anna", "42", "bob")] == [FIRST, 42, FIRST + 1]
    holders = [people.subject_of_number(number) for number in (FIRST, 42, FIRST + 1, 7, 1)]
    assert holders == ["anna", "42", "bob", None, None]
    assert stores.gallery.find_subject("bob") == replace(enrolled(stores, "bob"), enrolment_number=FIRST + 1)


def test_numbers_that_we_choose_are_beyond_those_that_terminals_count_up_to(stores: Stores) -> None:
    assert FIRST == 1_000_001
    for name in ("12", "anna", "2000000", "bob"):
        stores.gallery.enrol(enrolment(name))
    asked = ("12", "anna", "2000000", "bob")
    assert [stores.people.enrolment_number(name) for name in asked] == [12, FIRST, 2_000_000, 2_000_001]


def enrolled(stores: Stores, subject_id: str) -> Subject:
    subject = stores.gallery.find_subject(subject_id)
    assert subject is not None
    return subject


@pytest.mark.parametrize("nobody", ["nobody", "5", "nul\0", "half\ud800"])
def test_an_unknown_subject_gets_no_number(stores: Stores, nobody: str) -> None:
    stores.gallery.enrol(enrolment("anna"))
    assert stores.people.enrolment_number(nobody) is None
    assert stores.people.enrolment_number("anna") == FIRST


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30])
def test_nobody_has_an_odd_number(stores: Stores, number: int) -> None:
    assert stores.people.subject_of_number(number) is None


def test_a_wish_counts_as_given(stores: Stores) -> None:
    wish = FIRST + 6
    stores.gallery.enrol(Enrolment("anna", (), later(0), enrolment_number=wish))
    stores.gallery.enrol(Enrolment("anna", (), later(0), enrolment_number=FIRST + 900))  # has one already
    for name in ("bob", str(wish)):
        stores.gallery.enrol(enrolment(name))
    assert stores.people.enrolment_number("bob") == wish + 1
    assert stores.people.enrolment_number(str(wish)) == wish + 2


def test_the_number_of_somebody_who_has_gone_is_not_given_to_another(stores: Stores) -> None:
    own = FIRST + 11
    for name in ("anna", str(own)):
        stores.gallery.enrol(enrolment(name))
        stores.people.enrolment_number(name)
        stores.gallery.remove_subject(name)
    assert stores.people.subject_of_number(own) is None
    for name in ("bob", str(own), "anna"):
        stores.gallery.enrol(enrolment(name))
    numbers = [stores.people.enrolment_number(name) for name in ("bob", str(own), "anna")]
    assert numbers == [own + 1, own, own + 2]


def test_numbers_that_terminals_gave_and_ids_of_subjects_are_passed_over(stores: Stores) -> None:
    on_terminals = [from_terminal(FIRST), from_terminal(FIRST + 2, sn="T2"), from_terminal(10**12)]
    stores.people.save_enrolments(on_terminals)
    own = str(FIRST + 1)
    for name in ("anna", "bob", own, "99"):
        stores.gallery.enrol(enrolment(name))
    numbers = [stores.people.enrolment_number(name) for name in ("anna", "bob", own)]
    assert numbers == [FIRST + 3, FIRST + 4, FIRST + 1]


def test_gaps_are_given_where_an_id_is_the_largest_number(stores: Stores) -> None:
    for name in ("999999999999", "1000000000000", "1", "anna"):
        stores.gallery.enrol(enrolment(name))
    asked = ("999999999999", "anna", "1000000000000", "1")
    given = [stores.people.enrolment_number(name) for name in asked]
    assert given == [999_999_999_999, FIRST, FIRST + 1, 1]


def test_a_full_thousand_of_numeric_ids_is_passed_over(stores: Stores) -> None:
    own = range(FIRST, FIRST + 1050)
    stores.gallery.restore([enrolment(str(number)) for number in own], replace=False)
    stores.gallery.enrol(enrolment("anna"))
    assert stores.people.enrolment_number("anna") == FIRST + 1050


def test_numbers_asked_for_at_once_differ(stores: Stores) -> None:
    names = [f"p{number}" for number in range(8)]
    for name in names:
        stores.gallery.enrol(enrolment(name))
    given: list[tuple[str, int | None]] = []

    def ask(wanted: list[str]) -> None:
        given.extend([(name, stores.people.enrolment_number(name)) for name in wanted])

    threads = [threading.Thread(target=ask, args=(order,)) for order in (names, names[::-1], names[4:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(given)) == len(names)
    assert sorted(number for _, number in set(given) if number is not None) == list(range(FIRST, FIRST + 8))


# Together with the gallery


def test_forgetting_subjects_leaves_only_what_terminals_must_be_told(stores: Stores) -> None:
    people = stores.people
    sent = replace(place(1, PlacementState.REFUSED), attempt_count=4, last_error="reason 9")
    people.save_placements([sent, place(2, subject_id="bob"), place(1, PlacementState.PLACED, sn="T2")])
    people.save_enrolments(
        [decided(from_terminal(1), subject_id="anna"), decided(from_terminal(2), subject_id="bob")]
    )
    people.save_enrolments([from_terminal(3)])
    told = people.forget_subjects(["anna", "nobody", "nul\0"])
    unwanted = [
        place(1, PlacementState.UNWANTED, photo=None),
        place(1, PlacementState.UNWANTED, sn="T2", photo=None),
    ]
    assert told == unwanted
    assert kept(people, subject_id="anna") == unwanted
    assert kept(people, subject_id="bob") == [place(2, subject_id="bob")]
    assert [one.enroll_id for one in people.list_enrolments()] == [2, 3]
    assert people.forget_subjects(["anna"]) == unwanted
    assert people.forget_subjects([]) == []


def test_a_removed_subject_is_unwanted_on_terminals(stores: Stores) -> None:
    for name in ("anna", "bob"):
        stores.gallery.enrol(enrolment(name, new_template()))
    stores.people.save_placements([place(1), place(2, subject_id="bob")])
    stores.people.save_enrolments([decided(from_terminal(1), subject_id="anna")])
    stores.gallery.remove_subject("anna")
    assert stores.people.list_enrolments() == []
    assert kept(stores.people, states=[PlacementState.UNWANTED]) == [
        place(1, PlacementState.UNWANTED, photo=None)
    ]
    assert kept(stores.people, subject_id="bob") == [place(2, subject_id="bob")]


def test_a_replaced_gallery_keeps_numbers_and_places_of_those_who_stay(stores: Stores) -> None:
    for name in ("anna", "bob", "carl"):
        stores.gallery.enrol(enrolment(name))
        stores.people.enrolment_number(name)
    stores.people.save_placements(
        [place(1, second=1), place(2, subject_id="bob", second=2), place(3, subject_id="carl", second=3)]
    )
    stores.people.save_enrolments([decided(from_terminal(8), subject_id="carl"), from_terminal(9)])
    archive = [
        Enrolment("dora", (), later(0), enrolment_number=FIRST + 1),  # which stays with Bob
        Enrolment("bob", (), later(0), enrolment_number=77),
        Enrolment("emil", (), later(0), enrolment_number=FIRST + 30),
        enrolment("anna", new_template("t1")),
    ]
    stores.gallery.restore(archive, replace=True)
    numbers = {one.subject_id: one.enrolment_number for one in stores.gallery.list_subjects()}
    assert numbers == {"anna": FIRST, "bob": FIRST + 1, "dora": None, "emil": FIRST + 30}
    assert kept(stores.people) == [
        place(1, second=1),
        place(2, subject_id="bob", second=2),
        place(3, PlacementState.UNWANTED, subject_id="carl", second=3, photo=None),
    ]
    assert [one.enroll_id for one in stores.people.list_enrolments()] == [9]
    assert found(stores.people, 9).photo == b"photo"
    assert stores.people.enrolment_number("dora") == FIRST + 31


def test_a_restore_beside_the_gallery_leaves_terminals_alone(stores: Stores) -> None:
    stores.gallery.enrol(enrolment("anna"))
    stores.people.enrolment_number("anna")
    stores.people.save_placements([place(1), place(5, subject_id="gone before")])
    stores.gallery.restore([Enrolment("anna", (), later(0), enrolment_number=9)], replace=False)
    assert stores.people.enrolment_number("anna") == FIRST
    assert kept(stores.people) == [place(1), place(5, subject_id="gone before")]


def test_a_restore_that_fails_leaves_terminals_alone(stores: Stores) -> None:
    stores.gallery.enrol(enrolment("anna"))
    stores.people.enrolment_number("anna")
    stores.people.save_placements([place(1)])
    twice = new_template("t2")
    with pytest.raises(FacegateError):
        stores.gallery.restore([enrolment("bob", twice, twice)], replace=True)
    assert stores.people.subject_of_number(FIRST) == "anna"
    assert kept(stores.people) == [place(1)]


def test_forgetting_takes_along_what_waits_under_numbers_that_are_theirs_there(stores: Stores) -> None:
    people = stores.people
    people.save_placements(
        [
            replace(place(1, PlacementState.PLACED), was_placed=True),
            place(1, PlacementState.REFUSED, sn="T2"),  # somebody else has the number there
            replace(place(2, PlacementState.PLACED, subject_id="bob"), was_placed=True),
        ]
    )
    accepted = TerminalEnrolment("T3", 5, 11, "Ana", later(0))
    people.save_enrolments([decided(accepted, subject_id="anna")])
    waiting = [
        from_terminal(1, b"anna's"),
        from_terminal(1, b"another's", sn="T2"),
        from_terminal(2, b"bob's"),
        from_terminal(5, b"anna's, too", sn="T3"),
    ]
    people.save_enrolments(waiting)
    people.forget_subjects(["anna"])
    left = people.list_enrolments()
    assert [(one.serial_number, one.enroll_id) for one in left] == [("T1", 2), ("T2", 1)]
    assert people.find_enrolment("T1", 1, 50) is None
    assert found(people, 2).photo == b"bob's"
    assert people.waiting_photo_count() == 2


def test_somebody_who_must_exist_is_not_created(stores: Stores) -> None:
    with pytest.raises(SubjectNotFound):
        stores.gallery.enrol(Enrolment("anna", (new_template(),), later(0), must_exist=True))
    assert stores.gallery.find_subject("anna") is None
    stores.gallery.enrol(enrolment("anna"))
    known = Enrolment("anna", (new_template(),), later(0), must_exist=True)
    assert stores.gallery.enrol(known).subject.template_count == 1


def test_writers_on_several_threads_share_photos_without_losing_one(people: TerminalPeopleStore) -> None:
    """Each adds and drops the photo that all of them share, and looks whether it has it meanwhile."""
    seen: list[bytes | None] = []

    def come_and_go(sn: str) -> None:
        for second in range(12):
            people.save_placements([place(1, sn=sn, second=second)])
            seen.extend(one.photo for one in kept(people, serial_number=sn))
            people.remove_placements(sn, [1])
            people.save_enrolments([from_terminal(1, b"a photo", sn=sn, second=second)])
            seen.append(found(people, sn=sn).photo)
            people.save_enrolments([decided(from_terminal(1, sn=sn, second=second))])
            people.forget_subjects(["bob"])

    threads = [threading.Thread(target=come_and_go, args=(f"T{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # An enrolment that was decided stays so: its photo is asked for once per terminal.
    assert seen.count(b"a photo") == 4 * 12 + 4
    assert seen.count(None) == 4 * 11
