"""Any history of writes leaves the SQL stores of events and alerts and the fake with the same content."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.gallery_stores import sqlite_database
from tests.contracts.watched_events import a_mark, a_message, an_event, event_id
from tests.fakes.enrolments import later
from tests.fakes.events import FakeEventStore
from tests.fakes.secrets import FakeSecretBox

from facegate.adapters.sql_store import SqlAlertStore, SqlEventStore
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import MessageState
from facegate.domain.events.event import EventCandidate, EventDoor, EventKind, EventQuery, ReviewState
from facegate.ports.alerts.alert_store import AlertStore
from facegate.ports.events.event_store import EventStore

CHANNELS = [AlertChannel(name, ChannelKind.MQTT, name, {}, {}, True, later(0)) for name in ("c1", "c2")]

numbers = st.integers(0, 9)
people = st.sampled_from(["anna", "bob", "cleo"])
candidates = st.lists(st.builds(EventCandidate, people, st.just(0.5), st.just(0.25)), max_size=2).map(tuple)
events = st.builds(
    # Ids are random: the same one always has the same origin.
    lambda number, subject_id, late_s, fields: an_event(
        number,
        subject_id,
        occurred_at=later(number - late_s),
        origin=f"terminal:{number // 2}" if number > 3 else None,
        **fields,
    ),
    numbers,
    st.none() | people,
    st.sampled_from([0, 0, 5]),
    st.fixed_dictionaries(
        {
            "candidates": candidates,
            "kind": st.sampled_from(EventKind),
            "door": st.sampled_from([EventDoor.CAMERAS, EventDoor.PRESENCE]),
            "place_id": st.sampled_from(["cam1", "anna"]),
            "has_shot": st.booleans(),
            "review": st.sampled_from(ReviewState),
            "facts": st.sampled_from([{}, {"claimed_id": "bob"}, {"all": ["anna", {"n": "cleo"}]}]),
        }
    ),
)
messages = st.builds(
    # Ids are random: the same one always has the same key.
    lambda number, is_again, fields: a_message(
        number + 10 * is_again, at=later(number), dedup_key=f"key {number}", **fields
    ),
    numbers,
    st.booleans(),
    st.fixed_dictionaries(
        {
            "channel_id": st.sampled_from(["c1", "c2"]),
            "camera_id": st.sampled_from([None, "cam1"]),
            "subject_id": st.none() | people,
            "event_id": st.none() | numbers.map(event_id),
            "facts": st.sampled_from([{}, {"who": ["bob"]}]),
            "state": st.sampled_from(MessageState),
            "finished_at": st.sampled_from([None, later(15)]),
            "picture": st.sampled_from([None, b"jpeg"]),
        }
    ),
)
marks = st.builds(a_mark, numbers, st.sampled_from(["subject:anna", "subject:bob", "unknown"]))
operations = st.lists(
    st.one_of(
        st.tuples(
            st.just("add_events"),
            st.lists(events, max_size=4),
            st.lists(messages, max_size=2),
            st.lists(marks, max_size=2),
        ),
        st.tuples(st.just("add_messages"), st.lists(messages, max_size=4), st.lists(marks, max_size=1)),
        st.tuples(st.just("save_event"), events),
        st.tuples(st.just("save_message"), messages),
        st.tuples(st.just("replace_held"), st.lists(st.integers(0, 19).map(event_id), max_size=2), messages),
        st.tuples(st.just("delete_channel"), st.sampled_from(["c1", "c2"])),
        st.tuples(st.just("delete_finished"), st.integers(0, 20).map(later)),
        st.tuples(st.just("delete_before"), numbers.map(later)),
        st.tuples(st.just("forget_subjects"), st.lists(people, max_size=2)),
    ),
    max_size=8,
)

ALERT_WRITES = {"add_messages", "save_message", "replace_held", "delete_channel", "delete_finished"}


def do(event_store: EventStore, alert_store: AlertStore, operation: tuple[Any, ...]) -> object:
    name, *arguments = operation
    return getattr(alert_store if name in ALERT_WRITES else event_store, name)(*arguments)


def content(event_store: EventStore, alert_store: AlertStore) -> object:
    return (
        event_store.list_events(EventQuery(), limit=99),
        [event_store.count_events(EventQuery(subject_id=one)) for one in ("anna", "bob")],
        event_store.list_events(EventQuery(is_stranger=True, until_at=later(7)), limit=3),
        list(event_store.iterate_events(EventQuery(reviews=frozenset({ReviewState.PENDING})))),
        alert_store.list_channels(),
        alert_store.list_messages(limit=99),
        alert_store.due_messages(later(99)),
        alert_store.interrupted_messages(),
        alert_store.held_keys(),
        alert_store.held_messages("c1", "cam1"),
        [alert_store.find_mark("cam1", key) for key in ("subject:anna", "subject:bob", "unknown")],
    )


@settings(max_examples=60, deadline=None)
@given(operations=operations)
def test_the_sql_stores_and_the_fake_agree(operations: list[tuple[Any, ...]]) -> None:
    fake = FakeEventStore()
    with tempfile.TemporaryDirectory() as folder, sqlite_database(Path(folder)) as database:
        event_store, alert_store = SqlEventStore(database), SqlAlertStore(database, FakeSecretBox())
        for channel in CHANNELS:
            fake.add_channel(channel)
            alert_store.add_channel(channel)
        for operation in operations:
            assert do(event_store, alert_store, operation) == do(fake, fake, operation)
        assert content(event_store, alert_store) == content(fake, fake)
