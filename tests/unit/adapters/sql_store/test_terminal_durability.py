"""A process is killed while terminals report: what it acknowledged is there, once. Photos leave no trace."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import enrolment, later
from tests.fakes.gallery import FakeClock

from facegate.adapters.sql_store import (
    SqlActivityStore,
    SqlGalleryStore,
    SqlTerminalPeopleStore,
    SqlTerminalStore,
    open_sqlite,
)
from facegate.domain.terminals.activity import ActivityQuery, ActivityRecord, NewActivity
from facegate.domain.terminals.devices import Terminal, TerminalStatus
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment

_REPORTER = textwrap.dedent(
    """
    import itertools, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from facegate.adapters.sql_store import SqlActivityStore, open_sqlite
    from facegate.domain.terminals.activity import ActivityRecord, NewActivity

    store = SqlActivityStore(open_sqlite(Path(sys.argv[1])))
    for number in itertools.count():
        batch = [
            NewActivity("T1", ActivityRecord(one + 1, f"{number}"), datetime.now(UTC)) for one in range(20)
        ]
        store.add_activity(batch)
        print(number, flush=True)
    """
)


def report_until_killed(path: Path, after_count: int) -> list[str]:
    """The batches that the killed process had acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", _REPORTER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        acknowledged = [next(lines).strip() for _ in range(after_count)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in lines if line.endswith("\n")]
    assert process.wait(timeout=30) == -signal.SIGKILL
    return acknowledged


def check_nothing_is_lost_or_doubled(path: Path, acknowledged: list[str]) -> None:
    database = open_sqlite(path)
    store = SqlActivityStore(database)
    held = [one.record.key for one in store.iterate_activity(ActivityQuery())]
    by_batch = Counter(time_text for _, time_text, _, _ in held)
    assert set(acknowledged) <= set(by_batch)
    assert len(by_batch) - len(acknowledged) <= 1  # written, but killed before it could be said
    assert set(by_batch.values()) == {20}
    # The terminal sends again what it got no answer for.
    again = [NewActivity("T1", ActivityRecord(*key), later(0)) for key in held]
    assert not any(one.is_new for one in store.add_activity(again))
    assert store.count_activity() == len(held) == len(set(held))
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_kill_loses_no_activity_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "gallery.sqlite3"
    check_nothing_is_lost_or_doubled(path, report_until_killed(path, 40))


@pytest.mark.slow
def test_many_kills_lose_nothing(tmp_path: Path) -> None:
    for number in range(10):
        path = tmp_path / f"{number}.sqlite3"
        check_nothing_is_lost_or_doubled(path, report_until_killed(path, 100 + number * 37))


def test_what_was_acknowledged_survives_a_crash(tmp_path: Path) -> None:
    terminal = Terminal("T1", TerminalStatus.BLOCKED, later(1))
    waiting = TerminalEnrolment("T1", 1, 50, "Ana", later(1), photo=b"photo")
    placement = Placement("T1", 2, "anna", "Anna", PlacementState.WANTED, later(2), b"another")
    with sqlite_database(tmp_path) as database:
        SqlGalleryStore(database, FakeClock()).enrol(enrolment("anna"))
        SqlTerminalStore(database).save_terminals([terminal])
        people = SqlTerminalPeopleStore(database)
        people.save_enrolments([waiting])
        people.save_placements([placement])
        number = people.enrolment_number("anna")
        assert number is not None
        SqlActivityStore(database).save_reader_position("sink", 7)
        (tmp_path / "copy").mkdir()
        # A copy of the files while they are open is what a killed process leaves behind.
        for path in tmp_path.glob("gallery.sqlite3*"):
            (tmp_path / "copy" / path.name).write_bytes(path.read_bytes())
    left_behind = open_sqlite(tmp_path / "copy" / "gallery.sqlite3")
    people = SqlTerminalPeopleStore(left_behind)
    assert SqlTerminalStore(left_behind).list_terminals() == [terminal]
    assert people.find_enrolment("T1", 1, 50) == waiting
    assert people.list_placements() == [replace(placement, photo=None)]
    assert people.placement_photo("T1", 2) == b"another"
    assert people.subject_of_number(number) == "anna"
    assert SqlActivityStore(left_behind).reader_position("sink") == 7
    left_behind.close()


_ENROLLED, _PLACED = b"the photo of an enrolment " * 300, b"the photo of a placement " * 300

_WAITING = TerminalEnrolment("T1", 1, 50, "Ana", later(1), photo=_ENROLLED)
_DECIDED = replace(_WAITING, status=ReviewStatus.ACCEPTED, photo=None, subject_id="anna", decided_at=later(2))
_PLACEMENT = Placement("T1", 2, "anna", "Anna", PlacementState.WANTED, later(2), _PLACED)

Wipe = Callable[[SqlTerminalPeopleStore, SqlTerminalStore, SqlGalleryStore], object]


@pytest.mark.parametrize(
    ("wipe", "gone"),
    [
        (lambda people, _, __: people.save_enrolments([_DECIDED]), _ENROLLED),
        (lambda people, _, __: people.save_enrolments([replace(_WAITING, photo=None)]), _ENROLLED),
        (lambda people, _, __: people.forget_subjects(["anna"]), _PLACED),
        (lambda people, _, __: people.remove_placements("T1", [2]), _PLACED),
        (
            lambda people, _, __: people.save_placements([replace(_PLACEMENT, state=PlacementState.PLACED)]),
            _PLACED,
        ),
        (lambda _, terminals, __: terminals.remove_terminal("T1"), _ENROLLED),
        (lambda _, terminals, __: terminals.remove_terminal("T1"), _PLACED),
        (lambda _, __, gallery: gallery.remove_subject("anna"), _PLACED),
        (lambda _, __, gallery: gallery.restore([], replace=True), _PLACED),
    ],
    ids=["decided", "replaced", "forgotten", "removed", "placed", "terminal", "terminal", "subject", "all"],
)
def test_a_photo_that_nobody_needs_is_nowhere_in_the_files(tmp_path: Path, wipe: Wipe, gone: bytes) -> None:
    with sqlite_database(tmp_path) as database:
        people, terminals = SqlTerminalPeopleStore(database), SqlTerminalStore(database)
        gallery = SqlGalleryStore(database, FakeClock())
        gallery.enrol(enrolment("anna"))
        terminals.save_terminals([Terminal("T1", TerminalStatus.ALLOWED, later(1))])
        people.save_enrolments([_WAITING])
        people.save_placements([_PLACEMENT])
        database.wipe_journal()  # so that both are in the database file itself
        assert all(photo[:100] in content(tmp_path) for photo in (_ENROLLED, _PLACED))
        wipe(people, terminals, gallery)
        assert gone[:100] not in content(tmp_path)


def test_the_journal_is_wiped_once_the_last_photo_for_a_terminal_was_sent(tmp_path: Path) -> None:
    other = replace(_PLACEMENT, enroll_id=3, photo=_ENROLLED)
    with sqlite_database(tmp_path) as database:
        people = SqlTerminalPeopleStore(database)
        people.save_placements([_PLACEMENT, other])
        people.save_placements([replace(_PLACEMENT, state=PlacementState.PLACED)])
        assert people.placement_photo("T1", 3) == _ENROLLED
        people.save_placements([replace(other, state=PlacementState.PLACED)])
        left = content(tmp_path)
    assert _ENROLLED[:100] not in left
    assert _PLACED[:100] not in left


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_a_shared_photo_is_stored_once(tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as database:
        people = SqlTerminalPeopleStore(database)
        people.save_placements([replace(_PLACEMENT, serial_number=f"T{number}") for number in range(50)])
        with database.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM terminal_photos")).scalar() == 1
