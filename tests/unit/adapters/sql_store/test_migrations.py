"""Every migration up and down, and schemas that this version does not know."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from tests.contracts.gallery_stores import postgres_database, sqlite_database
from tests.fakes.enrolments import enrolment, later, new_template
from tests.fakes.gallery import FakeClock
from tests.fakes.secrets import FakeSecretBox

from facegate.adapters.sql_store import (
    Database,
    SqlActivityStore,
    SqlCameraStore,
    SqlEventStore,
    SqlGalleryStore,
    SqlSubjectGroups,
    SqlTerminalPeopleStore,
    SqlTerminalStore,
    open_sqlite,
)
from facegate.adapters.sql_store.migrate import alembic_config, upgrade
from facegate.adapters.sql_store.schema import KNOWN_REVISIONS, metadata
from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import Event, EventDoor, EventKind, EventQuery
from facegate.domain.terminals.activity import ActivityRecord, NewActivity
from facegate.domain.terminals.devices import Terminal, TerminalStatus


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    kinds: dict[str, AbstractContextManager[Database]] = {
        "sqlite": sqlite_database(tmp_path),
        "postgresql": postgres_database(),
    }
    with kinds[request.param] as database:
        yield database


def test_the_known_revisions_are_those_in_the_package(database: Database) -> None:
    with database.reading() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(revisions)) == KNOWN_REVISIONS


def test_the_migrations_make_the_schema_that_the_code_describes(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("revision", [None, *KNOWN_REVISIONS[:-1]])
def test_each_step_down_can_be_gone_up_again(database: Database, revision: str | None) -> None:
    store = SqlGalleryStore(database, FakeClock())
    store.enrol(enrolment("anna", new_template()))
    with database.writing() as connection:
        command.downgrade(alembic_config(connection), revision or "base")
        tables = set(inspect(connection).get_table_names())
        assert revision is not None or tables == {"alembic_version"}
        upgrade(connection)
    store.enrol(enrolment("bob", new_template()))
    assert store.counts().template_count >= 1


def test_numbers_that_were_given_before_terminals_came_stay_given(database: Database) -> None:
    store, people = SqlGalleryStore(database, FakeClock()), SqlTerminalPeopleStore(database)
    store.enrol(replace(enrolment("anna"), enrolment_number=1_000_007))
    store.enrol(enrolment("bob"))
    with database.writing() as connection:
        command.downgrade(alembic_config(connection), "0002")
        upgrade(connection)
    store.remove_subject("anna")
    assert people.enrolment_number("bob") == 1_000_008


def test_what_was_there_before_cameras_came_stays(database: Database) -> None:
    gallery, terminals = SqlGalleryStore(database, FakeClock()), SqlTerminalStore(database)
    activity, cameras = SqlActivityStore(database), SqlCameraStore(database, FakeSecretBox())
    with database.writing() as connection:
        command.downgrade(alembic_config(connection), "0003")
        assert not set(inspect(connection).get_table_names()) & {"cameras", "events", "alert_messages"}
    gallery.enrol(enrolment("anna", new_template("t1")))
    terminal = Terminal("T1", TerminalStatus.ALLOWED, later(0))
    terminals.save_terminals([terminal])
    activity.add_activity([NewActivity("T1", ActivityRecord(1, "2024-05-02 09:00:00"), later(1), later(0))])
    with database.writing() as connection:
        upgrade(connection)
    assert [subject.subject_id for subject in gallery.list_subjects()] == ["anna"]
    assert gallery.find_template("t1") is not None
    assert terminals.list_terminals() == [terminal]
    assert activity.count_activity() == 1
    assert cameras.list_cameras() == []
    SqlEventStore(database).add_events([Event("0" * 32, EventKind.SEEN, EventDoor.CAMERAS, later(1))])
    SqlSubjectGroups(database).set_groups("anna", ["staff"])
    assert SqlEventStore(database).count_events(EventQuery(is_stranger=True)) == 1


def test_upgrading_what_is_up_to_date_changes_nothing(database: Database) -> None:
    store = SqlGalleryStore(database, FakeClock())
    store.enrol(enrolment("anna", new_template()))
    with database.writing() as connection:
        upgrade(connection)
    assert store.counts().template_count == 1


def test_a_gallery_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gallery.sqlite3"
    with changed(path) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreFailed, match="newer facegate"):
        open_sqlite(path)
    with changed_raw(path) as content:
        assert b"9999" in content


@contextmanager
def changed(path: Path) -> Iterator[Database]:
    database = open_sqlite(path)
    yield database
    database.close()


@contextmanager
def changed_raw(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()


def test_a_migration_that_fails_leaves_no_half_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("the power went")

    monkeypatch.setattr("alembic.op.bulk_insert", fails)
    path = tmp_path / "gallery.sqlite3"
    with pytest.raises(StoreFailed):
        open_sqlite(path)
    monkeypatch.undo()
    with changed(path) as database:
        assert SqlGalleryStore(database, FakeClock()).counts().subject_count == 0
