"""Placements are looked up: placing one person reads no terminal's whole list."""

from dataclasses import replace
from pathlib import Path

from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import later
from tests.unit.adapters.sql_store.test_terminal_plans import scans, statements

from facegate.adapters.sql_store import SqlTerminalPeopleStore
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment

WANTED = Placement("T1", 2, "anna", "Anna", PlacementState.WANTED, later(2), b"a photo")


def test_what_deliveries_and_pages_ask(tmp_path: Path) -> None:
    waiting = TerminalEnrolment("T1", 2, 50, "Ana", later(1), photo=b"photo")
    with sqlite_database(tmp_path) as database:
        people = SqlTerminalPeopleStore(database)
        with statements(database) as seen:
            people.save_placements([WANTED])
            people.list_placements(serial_number="T1", enroll_id=2)
            people.page_placements(after=("T1", 1), limit=5)
            people.placement_photo("T1", 2)
            marked = replace(WANTED, photo=None, was_placed=True)
            assert people.settle_placement(replace(WANTED, photo=None), marked)
            assert people.settle_placement(marked, replace(marked, state=PlacementState.PLACED))
            people.save_enrolments([waiting])
            people.waiting_photo_count("T1")
            people.save_enrolments([replace(waiting, status=ReviewStatus.ACCEPTED, subject_id="anna")])
            people.forget_subjects(["anna"])
        assert scans(database, seen) == []
        sought = [text for text, _ in seen if "enroll_id IN" in text or "enroll_id = ?" in text]
        with database.reading() as connection:
            for text in sought:
                if "FROM terminal_placements" in text and text.startswith("SELECT"):
                    values = ("T1", 2)[: text.count("?")]
                    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
                    assert "enroll_id=?" in plan[0][3], plan
