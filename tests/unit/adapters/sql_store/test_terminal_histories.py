"""Any history of writes leaves the SQL stores of terminals and the fakes with the same content."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import enrolment, later
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.fakes.terminals import FakeTerminalPeopleStore, FakeTerminalStore

from facegate.adapters.sql_store import SqlGalleryStore, SqlTerminalPeopleStore, SqlTerminalStore
from facegate.domain.gallery import Enrolment
from facegate.domain.terminals.devices import Terminal, TerminalStatus
from facegate.domain.terminals.enrolment_numbers import FIRST_ALLOCATED_NUMBER as FIRST
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.ports.terminal_store import TerminalStore

serial_numbers = st.sampled_from(["T1", "T2"])
subject_ids = st.sampled_from(["a", "b", "2"])
numbers = st.integers(1, 3)
photos = st.sampled_from([None, b"one", b"two"])
enrolments = st.builds(
    lambda sn, number, status, photo, subject_id, second: TerminalEnrolment(
        sn, number, 50, "Ana", later(second), status, photo, subject_id
    ),
    serial_numbers,
    numbers,
    st.sampled_from(ReviewStatus),
    photos,
    st.none() | subject_ids,
    st.integers(0, 2),
)
placements = st.builds(
    lambda sn, number, subject_id, state, photo, second, was_placed: Placement(
        sn, number, subject_id, "Anna", state, later(second), photo, 1, "reason 1", was_placed
    ),
    serial_numbers,
    numbers,
    subject_ids,
    st.sampled_from(PlacementState),
    photos,
    st.integers(0, 2),
    st.booleans(),
)
wishes = st.builds(
    lambda subject_id, number: Enrolment(subject_id, (), later(0), enrolment_number=number),
    subject_ids,
    st.none() | numbers,
)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("enrol"), wishes),
        st.tuples(st.just("remove_subject"), subject_ids),
        st.tuples(st.just("restore"), st.lists(wishes, max_size=3), st.booleans()),
        st.tuples(st.just("save_enrolments"), st.lists(enrolments, max_size=3)),
        st.tuples(st.just("save_placements"), st.lists(placements, max_size=3)),
        st.tuples(st.just("settle"), st.integers(0, 3), st.none() | placements),
        st.tuples(st.just("remove_placements"), serial_numbers, st.lists(numbers)),
        st.tuples(st.just("enrolment_number"), subject_ids),
        st.tuples(st.just("forget_subjects"), st.lists(subject_ids, max_size=2)),
        st.tuples(st.just("save_terminals"), serial_numbers),
        st.tuples(st.just("remove_terminal"), serial_numbers),
    ),
    max_size=10,
)


class Stores:
    """One side of the comparison."""

    def __init__(self, gallery: GalleryStore, people: TerminalPeopleStore, terminals: TerminalStore) -> None:
        self.gallery, self.people, self.terminals = gallery, people, terminals

    def do(self, operation: tuple[Any, ...]) -> object:
        name, *arguments = operation
        match name:
            case "enrol":
                return self.gallery.enrol(*arguments).subject
            case "remove_subject":
                return self.gallery.remove_subject(*arguments)
            case "restore":
                return self.gallery.restore(arguments[0], replace=arguments[1])
            case "settle":
                return self._settle(*arguments)
            case "save_terminals":
                self.terminals.save_terminals([Terminal(arguments[0], TerminalStatus.ALLOWED, later(0))])
                return None
            case "remove_terminal":
                return self.terminals.remove_terminal(*arguments)
            case _:
                return getattr(self.people, name)(*arguments)

    def _settle(self, place: int, after: Placement | None) -> object:
        """One that is there; or where there are not so many, one that may be."""
        there = [*self.people.list_placements(), None]
        before = there[min(place, len(there) - 1)]
        if before is not None and after is not None:
            after = replace(after, serial_number=before.serial_number, enroll_id=before.enroll_id)
        return self.people.settle_placement(before, after)

    def content(self) -> object:
        listed = self.people.list_enrolments()
        return (
            self.gallery.list_subjects(),
            self.terminals.list_terminals(),
            [self.people.find_enrolment(one.serial_number, one.enroll_id, 50) for one in listed],
            listed,
            self.people.list_placements(),
            self.people.page_placements(after=("T1", 1), limit=2),
            photos_of(self.people),
            [self.people.waiting_photo_count(sn) for sn in (None, "T1")],
            [self.people.subject_of_number(first + place) for first in (1, FIRST) for place in range(5)],
        )


def photos_of(people: TerminalPeopleStore) -> list[bytes | None]:
    """Those of placements."""
    return [people.placement_photo(one.serial_number, one.enroll_id) for one in people.list_placements()]


@settings(max_examples=40, deadline=None)
@given(operations=operations)
def test_the_sql_stores_and_the_fakes_agree(operations: list[tuple[Any, ...]]) -> None:
    gallery = InMemoryGalleryStore(FakeClock(later(100)))
    people = FakeTerminalPeopleStore(gallery)
    fake = Stores(gallery, people, FakeTerminalStore(people))
    with tempfile.TemporaryDirectory() as folder, sqlite_database(Path(folder)) as database:
        sql = Stores(
            SqlGalleryStore(database, FakeClock(later(100))),
            SqlTerminalPeopleStore(database),
            SqlTerminalStore(database),
        )
        for operation in operations:
            assert sql.do(operation) == fake.do(operation)
        assert sql.content() == fake.content()
        check_that_each_photo_is_needed(database, fake)


def check_that_each_photo_is_needed(database: Any, fake: Stores) -> None:
    """No photo stays behind, and none is missing."""
    needed = set(photos_of(fake.people))
    for one in fake.people.list_enrolments():
        found = fake.people.find_enrolment(one.serial_number, one.enroll_id, one.backup_number)
        assert found is not None
        needed.add(found.photo)
    with database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT photo FROM terminal_photos").scalars().all()
    assert set(kept) == needed - {None}
    assert len(kept) == len(set(kept))


def test_the_strategies_make_what_they_should() -> None:
    """Guards the test above against strategies that quietly make nothing."""
    waiting = TerminalEnrolment("T1", 1, 50, "Ana", later(0), photo=b"one")
    people = FakeTerminalPeopleStore()
    people.gallery.enrol(enrolment("a"))
    people.save_enrolments([waiting])
    assert people.find_enrolment("T1", 1, 50) == waiting
    assert people.list_enrolments() == [replace(waiting, photo=None)]
