"""What is called for every message of a terminal looks rows up: nothing reads a whole table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import enrolment, later
from tests.fakes.gallery import FakeClock

from facegate.adapters.sql_store import (
    Database,
    SqlActivityStore,
    SqlGalleryStore,
    SqlTerminalPeopleStore,
    SqlTerminalStore,
    activity_store,
)
from facegate.domain.terminals.activity import (
    ActivityQuery,
    ActivityRecord,
    NewActivity,
    SnapshotCheck,
    SnapshotVerdict,
)
from facegate.domain.terminals.devices import Terminal, TerminalStatus
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """What is sent meanwhile, each with the values of its first row."""
    seen: list[tuple[str, tuple[object, ...]]] = []

    def note(_: object, __: object, statement: str, values: object, *rest: object) -> None:
        is_of_many = rest[-1] is True
        seen.append((statement, values[0] if is_of_many else values))  # type: ignore[index,arg-type]

    event.listen(database._engine, "before_cursor_execute", note)
    yield seen
    event.remove(database._engine, "before_cursor_execute", note)


def scans(database: Database, seen: list[tuple[str, tuple[object, ...]]]) -> list[tuple[str, str]]:
    """The plans that read a whole table of terminals, as SQLite explains them."""
    explained = [one for one in seen if one[0].split()[0] in ("SELECT", "DELETE", "UPDATE")]
    assert explained
    found = []
    with database.reading() as connection:
        for statement, values in explained:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            found += [(statement, row[3]) for row in plan if row[3].startswith("SCAN terminal")]
    return found


def test_storing_activity(tmp_path: Path) -> None:
    new = NewActivity("T1", ActivityRecord(1, "2024-05-02 09:00:00"), later(1), later(0))
    with sqlite_database(tmp_path) as database:
        store = SqlActivityStore(database)
        with statements(database) as seen:
            store.add_activity([new])
            (again,) = store.add_activity([new])
            store.save_check(again.activity_id, SnapshotCheck(SnapshotVerdict.NO_FACE))
            store.find_activity(again.activity_id)
            store.list_activity(ActivityQuery(serial_number="T1", from_at=later(0)), limit=5)
            store.list_activity(ActivityQuery(enroll_id=1, after_id=0), limit=5)
            list(store.iterate_activity(ActivityQuery(until_at=later(9))))
            store.save_reader_position("sink", store.reader_position("sink"))
        assert scans(database, seen) == []


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_the_ends_of_a_month_are_not_looked_up_for_each_of_its_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_newest_first: bool
) -> None:
    monkeypatch.setattr(activity_store, "_NEAR_IDS", 30)
    month = ActivityQuery(from_at=later(20), until_at=later(80))
    with sqlite_database(tmp_path) as database:
        store = SqlActivityStore(database)
        store.add_activity(
            [
                NewActivity("T1", ActivityRecord(1, f"{second}"), later(second), later(second))
                for second in range(100)
            ]
        )
        expected = [one.activity_id for one in store.iterate_activity(month)]
        found: list[int] = []
        with statements(database) as seen:
            page = month
            while activities := store.list_activity(page, limit=10, newest_first=is_newest_first):
                found += [one.activity_id for one in activities]
                page = (
                    replace(month, before_id=found[-1])
                    if is_newest_first
                    else replace(month, after_id=found[-1])
                )
    assert found == (expected[::-1] if is_newest_first else expected)
    # For the first page and for the end.
    assert len([statement for statement, _ in seen if "min(" in statement]) == 2


def test_people_on_terminals(tmp_path: Path) -> None:
    waiting = TerminalEnrolment("T1", 1, 50, "Ana", later(1), photo=b"photo")
    placement = Placement("T1", 2, "anna", "Anna", PlacementState.WANTED, later(2), b"another")
    with sqlite_database(tmp_path) as database:
        people, gallery = SqlTerminalPeopleStore(database), SqlGalleryStore(database, FakeClock())
        terminals = SqlTerminalStore(database)
        gallery.enrol(enrolment("anna"))
        terminals.save_terminals([Terminal("T1", TerminalStatus.ALLOWED, later(0))])
        with statements(database) as seen:
            people.save_enrolments([waiting])
            people.find_enrolment("T1", 1, 50)
            people.save_enrolments([replace(waiting, status=ReviewStatus.REJECTED, photo=None)])
            people.enrolment_number("anna")
            people.subject_of_number(2)
            people.save_placements([placement])
            people.save_placements([replace(placement, state=PlacementState.PLACED)])
            people.list_placements(serial_number="T1", states=[PlacementState.WANTED])
            people.list_placements(subject_id="anna")
            people.remove_placements("T1", [2])
            people.forget_subjects(["anna"])
            gallery.remove_subject("anna")
            terminals.change_terminal("T1", lambda known: known)
            terminals.remove_terminal("T1")
        assert scans(database, seen) == []
