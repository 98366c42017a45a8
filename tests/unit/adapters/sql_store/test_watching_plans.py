"""What people and the outbox ask for often is looked up by an index and comes in its order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from tests.contracts.gallery_stores import sqlite_database
from tests.contracts.watched_events import a_mark, a_message, an_event, event_id
from tests.fakes.enrolments import later
from tests.fakes.secrets import FakeSecretBox

from facegate.adapters.sql_store import Database, SqlAlertStore, SqlEventStore
from facegate.domain.alerts.messages import MessageState
from facegate.domain.events.event import EventDoor, EventKind, EventQuery, ReviewState

Seen = list[tuple[str, Any]]


@contextmanager
def statements(database: Database) -> Iterator[Seen]:
    """What is sent meanwhile, each with the values of its first row."""
    seen: Seen = []

    def note(_: object, __: object, statement: str, values: Any, *rest: object) -> None:
        seen.append((statement, values[0] if rest[-1] is True else values))

    event.listen(database._engine, "before_cursor_execute", note)
    yield seen
    event.remove(database._engine, "before_cursor_execute", note)


def plans(database: Database, seen: Seen) -> list[str]:
    """As SQLite explains them."""
    explained = [one for one in seen if one[0].split()[0] in ("SELECT", "DELETE", "UPDATE")]
    assert explained
    with database.reading() as connection:
        return [
            row[3]
            for statement, values in explained
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with sqlite_database(tmp_path) as database:
        SqlEventStore(database).add_events([an_event(number) for number in range(20)])
        yield database


ALL_IN_ORDER = "SCAN events USING INDEX sqlite_autoindex_events_1"

LISTED: list[tuple[dict[str, Any], str]] = [
    ({}, ALL_IN_ORDER),
    ({"before_id": event_id(9)}, "SEARCH events USING INDEX sqlite_autoindex_events_1 (event_id<?)"),
    ({"subject_id": "anna"}, "events_by_subject (subject_id=?)"),
    (
        {"subject_id": "anna", "place_id": "cam1", "doors": frozenset({EventDoor.CAMERAS}), "before_id": "5"},
        "events_by_subject (subject_id=? AND event_id<?)",
    ),
    ({"place_id": "cam1", "kinds": frozenset({EventKind.SEEN})}, "events_by_place (place_id=?)"),
    ({"reviews": frozenset({ReviewState.PENDING}), "place_id": "cam1"}, "events_by_review (review=?)"),
    ({"kinds": frozenset({EventKind.CAMERA_DOWN})}, "events_by_rare_kind (kind=?)"),
    ({"doors": frozenset({EventDoor.PRESENCE})}, "events_by_door (door=?)"),
    ({"is_stranger": True, "place_id": "cam1"}, "SCAN events USING INDEX events_of_strangers"),
    ({"from_at": later(2), "until_at": later(9)}, "sqlite_autoindex_events_1 (event_id>? AND event_id<?)"),
    (
        {"from_at": later(2), "before_id": event_id(9), "place_id": "cam1"},
        "events_by_place (place_id=? AND event_id>? AND event_id<?)",
    ),
]


@pytest.mark.parametrize(
    ("wanted", "expected"), LISTED, ids=[" ".join(wanted) or "all" for wanted, _ in LISTED]
)
def test_pages_of_events(database: Database, wanted: dict[str, Any], expected: str) -> None:
    store = SqlEventStore(database)
    query = EventQuery(**wanted)
    with statements(database) as seen:
        store.list_events(query, limit=5)
    *ends, page = plans(database, seen)
    assert expected in page
    assert all("COVERING INDEX events_by_time" in plan for plan in ends)
    with statements(database) as seen:
        list(store.iterate_events(query))
    *_, page = plans(database, seen)
    assert "TEMP B-TREE" not in page
    assert "INDEX" in page


COUNTED: list[tuple[dict[str, Any], str]] = [
    ({"subject_id": "anna"}, "COVERING INDEX events_by_subject"),
    ({"place_id": "cam1"}, "COVERING INDEX events_by_place"),
    ({"reviews": frozenset({ReviewState.PENDING})}, "COVERING INDEX events_by_review"),
    ({"from_at": later(2)}, "COVERING INDEX events_by_time"),
    ({"from_at": later(2), "until_at": later(3), "place_id": "cam1"}, "INDEX events_by_time"),
    ({"from_at": later(2), "subject_id": "anna"}, "INDEX events_by_subject"),
]


@pytest.mark.parametrize(("wanted", "expected"), COUNTED, ids=[" ".join(wanted) for wanted, _ in COUNTED])
def test_counts_of_events(database: Database, wanted: dict[str, Any], expected: str) -> None:
    with statements(database) as seen:
        SqlEventStore(database).count_events(EventQuery(**wanted))
    (plan,) = plans(database, seen)
    assert expected in plan


def test_an_export_does_not_begin_anew_with_each_batch(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facegate.adapters.sql_store.watching.event_store._ROWS_PER_READ", 4)
    query = EventQuery(from_at=later(2), until_at=later(15))
    with statements(database) as seen:
        assert len(list(SqlEventStore(database).iterate_events(query))) == 13
    pages = [statement for statement, _ in seen if "LIMIT" in statement]
    assert len(pages) == 4
    assert all(statement.count("event_id <") == statement.count("event_id >") == 1 for statement in pages)


def test_writing_and_the_outbox(database: Database) -> None:
    events, alerts = SqlEventStore(database), SqlAlertStore(database, FakeSecretBox())
    held = a_message(1, state=MessageState.HELD, camera_id="cam1")
    with statements(database) as seen:
        events.add_events([an_event(100, origin="a")], [held, a_message(2)], [a_mark(1)])
        events.save_event(an_event(100))
        events.find_event(event_id(100))
        events.delete_before(later(-5))
        (due,) = alerts.due_messages(later(9), channel_ids=["chan1"])
        alerts.save_message(due)
        alerts.held_keys()
        alerts.held_messages("chan1", "cam1")
        alerts.replace_held([held.message_id], a_message(3))
        alerts.interrupted_messages()
        alerts.list_messages(limit=5, before_id=event_id(2))
        alerts.list_messages(limit=5, states=frozenset({MessageState.FAILED}))
        alerts.find_mark("cam1", "subject:anna")
        alerts.delete_finished(later(-5))
    found = plans(database, seen)
    assert [plan for plan in found if plan.startswith("SCAN")] == []
    assert [plan for plan in found if "TEMP B-TREE" in plan] == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.list_messages(limit=9),
        lambda store: store.held_messages("chan1", ""),
        lambda store: store.list_messages(limit=9, states=frozenset({MessageState.HELD})),
    ],
)
def test_lists_of_messages_leave_pictures_where_they_are(
    database: Database, ask: Callable[[SqlAlertStore], object]
) -> None:
    store = SqlAlertStore(database, FakeSecretBox())
    with statements(database) as seen:
        ask(store)
    assert not any("picture" in statement for statement, _ in seen)
