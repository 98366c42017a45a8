"""Forgetting somebody locks the database for their rows alone, and misses nothing all the same."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.gallery_stores import sqlite_database
from tests.contracts.watched_events import a_message, an_event, event_id
from tests.unit.adapters.sql_store.test_watching_plans import plans, statements

from facegate.adapters.sql_store import Database, SqlEventStore
from facegate.adapters.sql_store.watching import event_forgetting, event_store
from facegate.adapters.sql_store.watching.event_rows import event_of
from facegate.adapters.sql_store.watching.named_in_json import NamedInJson
from facegate.adapters.sql_store.watching.outbox import messages_that_mention
from facegate.domain.events.event import EventCandidate, EventQuery

PEOPLE = ["anna", *(f"person {number}" for number in range(20))]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with sqlite_database(tmp_path) as database:
        events = [an_event(number, "bob") for number in range(400)]
        messages = [a_message(number, subject_id="bob", facts={"n": number}) for number in range(400)]
        SqlEventStore(database).add_events([*events, an_event(400)], messages)
        yield database


@pytest.mark.parametrize("people", [PEOPLE[:1], PEOPLE], ids=["one", "many"])
def test_events_of_others_are_not_even_read(
    database: Database, monkeypatch: pytest.MonkeyPatch, people: list[str]
) -> None:
    parsed: list[str] = []

    def noting(row: object) -> object:
        event = event_of(row)  # type: ignore[arg-type]
        parsed.append(event.event_id)
        return event

    monkeypatch.setattr(event_forgetting, "event_of", noting)
    SqlEventStore(database).forget_subjects(people)
    assert parsed == [event_id(400)]


def test_under_the_lock_messages_are_looked_up_by_indexes(database: Database) -> None:
    with statements(database) as seen:
        SqlEventStore(database).forget_subjects(["anna"])
    began = next(place for place, (text, _) in enumerate(seen) if text == "BEGIN IMMEDIATE")
    of_messages = [one for one in plans(database, seen[began:]) if "alert_messages" in one]
    assert {one.split(" (")[0] for one in of_messages} == {
        "SEARCH alert_messages USING INDEX alert_messages_by_time",
        "SEARCH alert_messages USING INDEX alert_messages_by_subject",
        "SEARCH alert_messages USING INDEX alert_messages_by_event",
    }


def test_what_is_stored_late_between_the_last_look_and_the_lock_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqlEventStore(database)
    late = an_event(370, "bob", event_id=f"{event_id(370)[:-1]}x", candidates=(EventCandidate("anna", 1, 1),))

    def while_others_write(*arguments: object) -> object:
        found = messages_that_mention(*arguments)  # type: ignore[arg-type]
        store.add_events([late], [a_message(399, message_id="late", dedup_key="late", facts={"who": "anna"})])
        return found

    monkeypatch.setattr(event_store, "messages_that_mention", while_others_write)
    store.forget_subjects(["anna"])
    stored = store.find_event(late.event_id)
    assert stored is not None
    assert stored.candidates == ()
    assert store.count_events(EventQuery(subject_id="anna")) == 0
    with database.reading() as connection:
        assert (
            connection.exec_driver_sql("SELECT * FROM alert_messages WHERE message_id = 'late'").all() == []
        )


@pytest.mark.parametrize("name", ["anna", 'quoted " \\', "half\\", "банда", "a_b%", "\U0001f6aa"])
def test_texts_are_whole_texts(name: str) -> None:
    named = NamedInJson([name])
    assert named.stands_in("[]", json.dumps({"who": [name]}))
    assert named.stands_in(json.dumps({name: 1}))
    assert not named.stands_in(json.dumps([f"{name}x", f"x{name}", f"{name} {name}"]))
