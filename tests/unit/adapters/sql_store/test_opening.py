"""Opening a database: rights, settings of SQLite, and every way in which it can refuse."""

import os
import shutil
import sqlite3
import stat
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event, text
from tests.contracts.gallery_stores import postgres_database, sqlite_database
from tests.fakes.enrolments import enrolment, new_cutout, new_template
from tests.fakes.gallery import FakeClock

from facegate.adapters.sql_store import Database, SqlGalleryStore, open_database, open_sqlite
from facegate.adapters.sql_store.failures import translated
from facegate.domain.errors import InvalidInput, StoreFailed
from facegate.domain.gallery import NewTemplate
from facegate.domain.templates import Template


@contextmanager
def gallery(path: Path) -> Iterator[SqlGalleryStore]:
    store = SqlGalleryStore(open_sqlite(path), FakeClock())
    try:
        yield store
    finally:
        store.close()


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    with gallery(tmp_path / "g.sqlite3") as store:
        store.enrol(enrolment("anna", new_template()))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"g.sqlite3": 0o600, "g.sqlite3-wal": 0o600, "g.sqlite3-shm": 0o600}


def test_every_connection_is_durable_and_checks_foreign_keys(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "g.sqlite3")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    with database.reading() as one, database.reading() as other:
        for connection in (one, other):
            held = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
            assert held == wanted
    database.close()


def test_what_is_written_is_there_after_reopening_with_the_same_change_number(tmp_path: Path) -> None:
    with gallery(tmp_path / "g.sqlite3") as store:
        store.enrol(enrolment("anna", new_template("t", cutout=new_cutout())))
        number = store.change_number()
    with gallery(tmp_path / "g.sqlite3") as store:
        assert store.change_number() == number
        assert store.cutout_of("t") is not None


def test_two_galleries_never_have_the_same_change_numbers(tmp_path: Path) -> None:
    with gallery(tmp_path / "a.sqlite3") as one, gallery(tmp_path / "b.sqlite3") as other:
        assert one.change_number() != other.change_number()


def test_a_removed_face_is_nowhere_in_the_files(tmp_path: Path) -> None:
    vector = np.arange(1, 129, dtype=np.float32)
    secret = NewTemplate("t", Template("m", vector), "test", 0.5, new_cutout(65))
    with gallery(tmp_path / "g.sqlite3") as store:
        store.enrol(enrolment("anna", secret))
        store.enrol(enrolment("bob", new_template()))
        assert any(vector.tobytes() in path.read_bytes() for path in tmp_path.iterdir())
        store.remove_subject("anna")
        left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert vector.tobytes() not in left
    assert new_cutout(65).encoded_image not in left


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "g.sqlite3"
    path.write_bytes(b"this is a letter, not a database" * 200)
    with pytest.raises(StoreFailed, match="damaged: restore it") as caught:
        open_sqlite(path)
    assert str(tmp_path) not in caught.value.message


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "g.sqlite3"
    with gallery(path) as store:
        store.restore(
            [enrolment(f"s{n}", new_template(cutout=new_cutout(n))) for n in range(100)], replace=False
        )
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreFailed, match="damaged: restore it"), gallery(path) as store:
        list(store.iterate_templates())


@contextmanager
def powerless() -> Iterator[Path]:
    """A folder that this process may read but not write: as root, by becoming nobody for a while."""
    folder = Path(tempfile.mkdtemp(prefix="facegate-test-"))
    folder.chmod(0o755)
    is_root = os.geteuid() == 0
    try:
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def give_up_rights(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)


def test_a_folder_that_may_only_be_read() -> None:
    with powerless() as folder:
        path = folder / "g.sqlite3"
        with gallery(path) as store:
            store.enrol(enrolment("anna", new_template()))
        give_up_rights(folder)
        with pytest.raises(StoreFailed, match=r"check the rights|check who owns"):
            open_sqlite(path)
        with pytest.raises(StoreFailed, match=r"check the rights|check who owns"):
            open_sqlite(folder / "new.sqlite3")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed):
        open_sqlite(tmp_path / "missing" / "g.sqlite3")


def test_a_full_disk_writes_nothing_and_reading_goes_on(tmp_path: Path) -> None:
    """SQLite's own page limit answers as a full disk does."""
    database = open_sqlite(tmp_path / "g.sqlite3")
    store = SqlGalleryStore(database, FakeClock())
    store.enrol(enrolment("anna", new_template()))
    with database.reading() as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))
    for _ in range(3):
        with pytest.raises(StoreFailed, match="disk is full"):
            store.enrol(enrolment("bob", *[new_template(cutout=new_cutout(n)) for n in range(300)]))
    assert [subject.subject_id for subject in store.list_subjects()] == ["anna"]
    store.close()


def test_another_process_that_keeps_the_database_locked(tmp_path: Path) -> None:
    path = tmp_path / "g.sqlite3"
    database = open_sqlite(path)
    store = SqlGalleryStore(database, FakeClock())
    with database.reading() as connection:
        connection.execute(text("PRAGMA busy_timeout = 50"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFailed, match="locked"):
            store.enrol(enrolment("anna"))
        assert store.list_subjects() == []
        other.execute("ROLLBACK")
    store.enrol(enrolment("anna"))
    store.close()


def test_an_address_that_is_none() -> None:
    with pytest.raises(InvalidInput, match="address"):
        open_database("no url")


def test_a_server_that_does_not_answer() -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL: its driver psycopg is not installed")
    with pytest.raises(StoreFailed, match="cannot be reached") as caught:
        open_database("postgresql+psycopg://user:secret@127.0.0.1:1/none?connect_timeout=2")
    assert "secret" not in caught.value.message


_NULL = "INSERT INTO reports (kind, report_json) VALUES (:kind, :secret)"
_WRONG = "INSERT INTO reports (kind, report_json, saved_at_us) VALUES (:kind, '', CAST(:secret AS bigint))"
_NO_TABLE = "INSERT INTO no_such_table (kind, report_json) VALUES (:kind, :secret)"


@pytest.mark.parametrize(
    ("kind", "statement", "reason"),
    [
        ("sqlite", _NULL, "saved_at_us"),
        ("sqlite", _NO_TABLE, "no_such_table"),
        ("postgresql", _NULL, "saved_at_us"),
        ("postgresql", _WRONG, "InvalidTextRepresentation"),
        ("postgresql", _NO_TABLE, "no_such_table"),
    ],
)
def test_an_error_repeats_nothing_of_the_rows(tmp_path: Path, kind: str, statement: str, reason: str) -> None:
    secret = "-".join(["what", "nobody", "may", "read"])  # the trace has this line too
    opened = sqlite_database(tmp_path) if kind == "sqlite" else postgres_database()
    with opened as database:
        with pytest.raises(StoreFailed) as caught, database.writing() as connection:
            connection.execute(text(statement), {"kind": "k", "secret": secret})
        logged = "".join(traceback.format_exception(caught.value))
    assert reason in logged, logged
    assert secret not in logged


def test_a_postgresql_that_is_stuck_is_given_up() -> None:
    with postgres_database() as database, database.reading() as connection:
        limits = [connection.execute(text(f"SHOW {name}_timeout")).scalar() for name in ("statement", "lock")]
        assert limits == ["5min", "30s"]
        connection.execute(text("SET LOCAL statement_timeout = 50"))
        with pytest.raises(StoreFailed, match="takes too long"), translated():
            connection.execute(text("SELECT pg_sleep(20)"))
        connection.rollback()


def test_ten_thousand_templates_are_read_in_order(tmp_path: Path) -> None:
    with gallery(tmp_path / "g.sqlite3") as store:
        batch = [new_template(f"{number:05}", seed=1) for number in range(10_000)]
        store.restore([enrolment("crowd", *batch)], replace=True)
        assert [held.template_id for held in store.iterate_templates("sface-test")] == [
            f"{number:05}" for number in range(10_000)
        ]


def test_the_change_log_follows_the_templates(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "g.sqlite3")
    store = SqlGalleryStore(database, FakeClock())
    first = store.change_number()
    store.enrol(enrolment("anna", new_template("a"), new_template("b")))
    store.remove_template("a")
    store.remove_subject("anna")
    assert changes(database) == [
        (first + 1, "add", "a"),
        (first + 2, "add", "b"),
        (first + 3, "remove", "a"),
        (first + 4, "remove", "b"),
    ]
    assert store.change_number() == first + 4
    store.close()


def changes(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        rows = connection.execute(
            text("SELECT change_number, operation, template_id FROM template_changes ORDER BY change_number")
        )
        return [tuple(row) for row in rows]


def test_old_entries_of_the_change_log_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegate.adapters.sql_store.enrolling.KEPT_CHANGES", 3)
    database = open_sqlite(tmp_path / "g.sqlite3")
    store = SqlGalleryStore(database, FakeClock())
    for number in range(5):
        store.enrol(enrolment("anna", new_template(f"t{number}")))
    assert [template_id for _, _, template_id in changes(database)] == ["t2", "t3", "t4"]
    store.close()


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "g.sqlite3")
    store = SqlGalleryStore(database, FakeClock())
    store.enrol(enrolment("anna"))
    with database.writing() as connection:
        connection.execute(text("DELETE FROM subjects"))
        assert store.find_subject("anna") is not None
    assert store.find_subject("anna") is None
    store.close()


def test_statements_begin_as_the_store_means_them(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "g.sqlite3")
    seen: list[str] = []
    event.listen(
        database._engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2].split(" (")[0])
    )
    with database.writing():
        pass
    with database.reading():
        pass
    assert seen == ["BEGIN IMMEDIATE", "BEGIN"]
    database.close()
