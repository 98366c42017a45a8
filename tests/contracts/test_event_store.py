"""What every EventStore promises, run over SQLite, PostgreSQL and the fake."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.emptied_databases import emptied
from tests.contracts.gallery_stores import sqlite_database
from tests.contracts.watched_events import a_mark, a_message, an_event, event_id
from tests.fakes.enrolments import later
from tests.fakes.events import FakeEventStore
from tests.fakes.secrets import FakeSecretBox

from facegate.adapters.sql_store import Database, SqlAlertStore, SqlEventStore
from facegate.domain.alerts.messages import MessageState
from facegate.domain.errors import InvalidInput
from facegate.domain.events.concerned import CLAIMED_FACT
from facegate.domain.events.event import (
    Event,
    EventCandidate,
    EventDoor,
    EventKind,
    EventQuery,
    ReviewState,
    new_event_id,
)
from facegate.domain.matching import Band
from facegate.ports.alerts.alert_store import AlertStore
from facegate.ports.events.event_store import EventStore

ALL = EventQuery()


@dataclass(frozen=True)
class Stores:
    events: EventStore
    alerts: AlertStore


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "fake":
        both = FakeEventStore()
        yield Stores(both, both)
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield sql_stores(database)
    else:
        yield sql_stores(emptied(request.getfixturevalue("postgres")))


@pytest.fixture
def store(stores: Stores) -> EventStore:
    return stores.events


def sql_stores(database: Database) -> Stores:
    return Stores(SqlEventStore(database), SqlAlertStore(database, FakeSecretBox()))


def numbers(events: list[Event]) -> list[int]:
    return [int(event.event_id[12:], 16) for event in events]


def listed(store: EventStore, limit: int = 100, **wanted: Any) -> list[int]:
    return numbers(store.list_events(EventQuery(**wanted), limit=limit))


WHOLE = Event(
    event_id=event_id(7),
    kind=EventKind.SEEN,
    door=EventDoor.CAMERAS,
    occurred_at=later(7.654321),
    place_id="cam1",
    place_name="Einfahrt \U0001f6aa",
    subject_id="anna",
    band=Band.REVIEW,
    confidence=0.625,
    similarity=0.40625,
    candidates=(EventCandidate("anna", 0.625, 0.40625), EventCandidate('quoted " \\ id', 0.5, 0.25)),
    ended_at=later(20),
    has_shot=True,
    review=ReviewState.PENDING,
    reviewed_at=later(30),
    origin="terminal:42",
    facts={"faces": 3, "live": True, "score": 0.5, "none": None, "list": [1, "two"], "inner": {"a": "é"}},
)


def test_an_event_comes_back_equal(store: EventStore) -> None:
    bare = Event(event_id(1), EventKind.CAMERA_DOWN, EventDoor.CAMERAS, later(1))
    store.add_events([WHOLE, bare])
    assert store.find_event(WHOLE.event_id) == WHOLE
    assert store.find_event(bare.event_id) == bare
    assert store.list_events(ALL, limit=10) == [WHOLE, bare]


def test_an_empty_store(store: EventStore) -> None:
    store.add_events([])
    assert store.list_events(ALL, limit=10) == []
    assert store.list_events(EventQuery(from_at=later(0), until_at=later(9)), limit=10) == []
    assert list(store.iterate_events(ALL)) == []
    assert list(store.iterate_events(EventQuery(from_at=later(0)))) == []
    assert store.count_events(ALL) == 0
    assert store.tally_events(ALL, span=timedelta(days=1)) == []
    assert store.delete_before(later(0)) == []
    assert store.forget_subjects(["anna"]) == []
    assert store.forget_subjects([]) == []
    assert not store.save_event(an_event(1))


@pytest.mark.parametrize("unknown", ["", "nobody", "nul\0", "half\ud800", "f" * 32])
def test_what_nobody_has_is_not_found(store: EventStore, unknown: str) -> None:
    store.add_events([an_event(1)])
    assert store.find_event(unknown) is None
    assert listed(store, subject_id=unknown) == []
    assert listed(store, place_id=unknown) == []
    assert store.count_events(EventQuery(subject_id=unknown)) == 0
    assert store.tally_events(EventQuery(subject_id=unknown), span=timedelta(days=1)) == []
    assert list(store.iterate_events(EventQuery(place_id=unknown))) == []
    assert store.forget_subjects([unknown]) == []
    assert isinstance(listed(store, before_id=unknown), list)


def test_what_cannot_be_stored(store: EventStore) -> None:
    for bad in ("nul\0", "half\ud800"):
        with pytest.raises(InvalidInput):
            store.add_events([an_event(1), an_event(2, bad)])
    assert store.count_events(ALL) == 0
    store.add_events([an_event(1, place_id="T\0", place_name="half \ud800", facts={"\0": "\ud800"})])
    (event,) = store.list_events(ALL, limit=1)
    assert (event.place_id, event.place_name, event.facts) == ("T\ufffd", "half \ufffd", {"\0": "\ud800"})


def test_what_is_told_twice_is_stored_once(stores: Stores) -> None:
    first = an_event(1, origin="terminal:1")
    stores.events.add_events([first, an_event(2)], [a_message(1)])
    again = an_event(3, origin="terminal:1")
    stores.events.add_events([again, an_event(4)], [a_message(2, dedup_key="key 1"), a_message(3)])
    assert listed(stores.events) == [4, 2, 1]
    stores.events.add_events([an_event(2, "bob"), replace(first, origin="terminal:2")])
    assert stores.events.find_event(event_id(2)) == an_event(2)
    assert [one.dedup_key for one in stores.alerts.list_messages(limit=9)] == ["key 3", "key 1"]


def test_repetitions_in_one_call(store: EventStore) -> None:
    store.add_events([an_event(1, origin="a"), an_event(1), an_event(2, origin="a"), an_event(3)])
    assert store.count_events(ALL) == 2
    assert len({event.origin for event in store.list_events(ALL, limit=9)}) == 2


def test_events_messages_and_marks_come_together(stores: Stores) -> None:
    stores.events.add_events([an_event(1)], [a_message(1, picture=b"jpeg")], [a_mark(5)])
    assert stores.alerts.due_messages(later(5)) == [a_message(1, picture=b"jpeg")]
    assert stores.alerts.find_mark("cam1", "subject:anna") == a_mark(5)
    with pytest.raises(InvalidInput):
        stores.events.add_events([an_event(2)], [a_message(2, channel_id="\0")], [a_mark(6)])
    with pytest.raises(InvalidInput):
        stores.events.add_events([an_event(2)], [a_message(2)], [a_mark(6, "\0")])
    assert listed(stores.events) == [1]
    assert len(stores.alerts.list_messages(limit=9)) == 1
    assert stores.alerts.find_mark("cam1", "subject:anna") == a_mark(5)


def test_an_older_mark_does_not_take_the_place_of_a_newer_one(stores: Stores) -> None:
    stores.events.add_events([], marks=[a_mark(5), a_mark(3), a_mark(4, "unknown")])
    stores.events.add_events([], marks=[a_mark(2), a_mark(9, "unknown")])
    assert stores.alerts.find_mark("cam1", "subject:anna") == a_mark(5)
    assert stores.alerts.find_mark("cam1", "unknown") == a_mark(9, "unknown")


def test_saving_replaces(store: EventStore) -> None:
    store.add_events([an_event(1), an_event(2)])
    changed = replace(WHOLE, event_id=event_id(1), subject_id=None, band=Band.UNKNOWN)
    assert store.save_event(changed)
    assert store.find_event(event_id(1)) == changed
    assert listed(store, is_stranger=True) == [1]
    assert listed(store, subject_id="anna") == [2]


MIXED = [
    an_event(0),
    an_event(1, "bob", place_id="cam2", review=ReviewState.CONFIRMED),
    an_event(2, None),
    an_event(3, None, band=Band.REVIEW, review=ReviewState.PENDING),
    an_event(4, None, kind=EventKind.CAMERA_DOWN, band=None),
    an_event(5, kind=EventKind.LEFT),
    an_event(6, door=EventDoor.TERMINALS, kind=EventKind.SCAN, place_id="T1", occurred_at=later(-500)),
    an_event(7, "bob", door=EventDoor.PRESENCE, kind=EventKind.VIOLATION, place_id="anna"),
    an_event(8, None, door=EventDoor.ATTENDANCE, kind=EventKind.IDENTIFIED, place_id="", band=None),
    an_event(9, occurred_at=later(900)),
]

QUERIES: list[dict[str, Any]] = [
    {},
    {"subject_id": "anna"},
    {"subject_id": "bob", "place_id": "cam2"},
    {"is_stranger": True},
    {"is_stranger": False},
    {"is_stranger": True, "subject_id": "anna"},
    {"doors": frozenset({EventDoor.PRESENCE})},
    {"doors": frozenset({EventDoor.PRESENCE, EventDoor.TERMINALS})},
    {"kinds": frozenset({EventKind.SEEN})},
    {"kinds": frozenset({EventKind.CAMERA_DOWN, EventKind.VIOLATION})},
    {"kinds": frozenset({EventKind.CAMERA_DOWN, EventKind.SEEN})},
    {"bands": frozenset({Band.MATCH})},
    {"bands": frozenset({Band.UNKNOWN, Band.REVIEW})},
    {"reviews": frozenset({ReviewState.PENDING})},
    {"reviews": frozenset({ReviewState.PENDING, ReviewState.CONFIRMED})},
    {"reviews": frozenset({ReviewState.PENDING, ReviewState.NOT_NEEDED})},
    {"place_id": "cam1"},
    {"place_id": ""},
    {"place_id": "cam1", "doors": frozenset({EventDoor.CAMERAS}), "bands": frozenset({Band.MATCH})},
    {"from_at": later(3)},
    {"until_at": later(3)},
    {"from_at": later(3), "until_at": later(7)},
    {"from_at": later(3), "until_at": later(3)},
    {"from_at": later(-1000), "until_at": later(0)},
    {"from_at": later(2), "until_at": later(8), "place_id": "cam1", "is_stranger": True},
    {"from_at": later(2), "doors": frozenset({EventDoor.CAMERAS}), "subject_id": "anna"},
    {"from_at": later(1), "doors": frozenset({EventDoor.CAMERAS}), "before_id": event_id(5)},
    {"before_id": event_id(5)},
    {"before_id": event_id(5), "subject_id": "anna"},
]


@pytest.mark.parametrize("wanted", QUERIES, ids=lambda wanted: " ".join(wanted) or "all")
def test_queries(store: EventStore, wanted: dict[str, Any]) -> None:
    store.add_events(MIXED)
    query = EventQuery(**wanted)
    fitting = [event for event in MIXED if query.accepts(event)]
    assert store.list_events(query, limit=100) == fitting[::-1]
    assert store.list_events(query, limit=2) == fitting[::-1][:2]
    assert store.list_events(query, limit=0) == []
    assert list(store.iterate_events(query)) == fitting
    assert store.count_events(query) == len(fitting)


@pytest.mark.parametrize("offset", [timedelta(), timedelta(hours=7), timedelta(hours=-3, minutes=-30)])
@pytest.mark.parametrize("span", [timedelta(hours=1), timedelta(days=1)])
def test_tallies_are_of_the_events_that_fit(store: EventStore, span: timedelta, offset: timedelta) -> None:
    events = [
        an_event(60 * 50 * place, who, door=door, review=review)
        for place, (who, door, review) in enumerate(
            product(("anna", None), (EventDoor.CAMERAS, EventDoor.PERSONS), ReviewState)
        )
    ]
    store.add_events(events)
    query = EventQuery(from_at=later(3000), until_at=later(90_000))
    tallies = store.tally_events(query, span=span, offset=offset)
    expected = FakeEventStore()
    expected.add_events(events)
    by_time = attrgetter("begins_at", "door")
    assert sorted(tallies, key=by_time) == sorted(
        expected.tally_events(query, span=span, offset=offset), key=by_time
    )
    assert [one.begins_at for one in tallies] == sorted(one.begins_at for one in tallies)
    fitting = [event for event in events if query.accepts(event)]
    assert sum(one.count for one in tallies) == len(fitting)
    for tally in tallies:
        local_s = (tally.begins_at + offset).timestamp()
        assert local_s % span.total_seconds() == 0
        inside = [
            event
            for event in fitting
            if event.door is tally.door and tally.begins_at <= event.occurred_at < tally.begins_at + span
        ]
        assert tally.count == len(inside)
        assert tally.known == sum(event.subject_id is not None for event in inside)
        assert tally.strangers == sum(event.is_stranger for event in inside)
        assert tally.pending == sum(event.review is ReviewState.PENDING for event in inside)


def test_pages_meet(store: EventStore) -> None:
    store.add_events(MIXED)
    seen: list[Event] = []
    before_id = None
    while page := store.list_events(EventQuery(from_at=later(1), before_id=before_id), limit=3):
        seen += page
        before_id = page[-1].event_id
    assert seen == store.list_events(EventQuery(from_at=later(1)), limit=100)
    assert len(seen) == 8


def test_an_export_is_longer_than_a_batch_and_ends_where_it_began(store: EventStore) -> None:
    many = [an_event(number) for number in range(2500)]
    store.add_events(many)
    exported = store.iterate_events(EventQuery(until_at=later(2400)))
    first = next(exported)
    store.add_events([an_event(3000, occurred_at=later(5))])
    assert [first, *exported] == many[:2400]


def test_deleting_what_is_old(store: EventStore) -> None:
    store.add_events(MIXED)
    assert numbers_of(store.delete_before(later(3), limit=2)) == [6, 0]
    assert numbers_of(store.delete_before(later(3))) == [1, 2]
    assert store.delete_before(later(3)) == []
    assert store.delete_before(later(9), limit=0) == []
    assert listed(store) == [9, 8, 7, 5, 4, 3]


def test_who_is_named_since_a_time(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegate.adapters.sql_store.watching.event_people._ROWS_PER_READ", 3)
    assert list(store.people_since(later(0))) == []
    store.add_events(
        [
            an_event(1, "too old"),
            an_event(2, "anna", candidates=(EventCandidate('b "ob" \\', 0.4, 0.3),)),
            an_event(3, None, facts={CLAIMED_FACT: "carl", "name": "nobody"}),
            an_event(4, None, facts={CLAIMED_FACT: 5}),
            an_event(5, None, door=EventDoor.PRESENCE, place_id="desk"),
            an_event(6, None, facts={"x": CLAIMED_FACT}, candidates=(EventCandidate("dora", 0.4, 0.3),)),
            *(an_event(number) for number in range(7, 14)),
            an_event(14, "zoe"),
        ]
    )
    batches = list(store.people_since(later(2)))
    assert frozenset[str]().union(*batches) == {"anna", 'b "ob" \\', "carl", "desk", "dora", "zoe"}
    assert len(batches) > 1
    assert list(store.people_since(later(99))) == []


def numbers_of(ids: list[str]) -> list[int]:
    return [int(one[12:], 16) for one in ids]


def test_events_of_several_threads_are_all_there(store: EventStore) -> None:
    failures: list[BaseException] = []

    def add(part: int) -> None:
        try:
            for number in range(5):
                mine = an_event(part * 100 + number, event_id=new_event_id(), origin=f"own {part} {number}")
                shared = [an_event(0, event_id=new_event_id(), origin=f"shared {one}") for one in "ba"]
                store.add_events([mine, *shared], marks=[a_mark(number), a_mark(number, "unknown")])
        except BaseException as failure:  # noqa: BLE001 - the test's own thread must not swallow it
            failures.append(failure)

    threads = [threading.Thread(target=add, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.count_events(ALL) == 4 * 5 + 2


def test_a_forgotten_person_is_nowhere(store: EventStore) -> None:
    both = (EventCandidate("anna", 0.6, 0.5), EventCandidate("bob", 0.4, 0.3))
    store.add_events(
        [
            an_event(1, candidates=both, confidence=0.6, has_shot=True, facts={"name": "Anna A."}),
            an_event(2, "bob", candidates=both[::-1], has_shot=True, facts={"claimed_id": "anna", "n": 1}),
            an_event(3, None, candidates=both[:1], has_shot=True, review=ReviewState.PENDING),
            an_event(4, None, candidates=both[:1], has_shot=True, review=ReviewState.DISMISSED),
            an_event(5, "bob", door=EventDoor.PRESENCE, place_id="anna", place_name="Anna's desk"),
            an_event(
                6, "bob", place_id="anna", facts={"learned": {"subject_id": "anna", "template_id": "t"}}
            ),
            an_event(7, "ann", facts={"names": ["anna", "ann", {"who": ["anna"]}], "anna": 1, "x": "anna b"}),
            an_event(8, None),
            an_event(9),
        ]
    )
    assert numbers_of(store.forget_subjects(["anna", "nobody"])) == [1, 3]
    found = {number: store.find_event(event_id(number)) for number in range(1, 10)}
    bob = both[1:]
    assert found[1] == an_event(1, None, band=Band.MATCH, candidates=bob, confidence=0.6)
    assert found[2] == an_event(2, "bob", candidates=bob, has_shot=True, facts={"n": 1})
    assert found[3] == an_event(3, None)
    assert found[4] == an_event(4, None, has_shot=True, review=ReviewState.DISMISSED)
    assert found[5] == an_event(5, "bob", door=EventDoor.PRESENCE, place_id="", place_name="")
    assert found[6] == an_event(6, "bob", place_id="anna")
    assert found[7] == an_event(7, "ann", facts={"names": ["ann", {"who": []}], "x": "anna b"})
    assert found[8] == an_event(8, None)
    assert found[9] == an_event(9, None, band=Band.MATCH)
    assert listed(store, is_stranger=True) == [8, 4, 3]
    assert listed(store, reviews=frozenset({ReviewState.PENDING})) == []
    assert store.forget_subjects(["anna"]) == []


def test_more_people_than_are_looked_for_one_by_one_are_forgotten(store: EventStore) -> None:
    people = [f"person {number}" for number in range(700)]
    store.add_events([an_event(number, one, has_shot=True) for number, one in enumerate(people)])
    store.add_events([an_event(900, "anna", facts={"claimed_id": "person 3"})])
    assert len(store.forget_subjects(people[:600])) == 600
    assert store.count_events(EventQuery(is_stranger=False)) == 701
    assert store.find_event(event_id(900)) == an_event(900, "anna")
    assert len([one for one in store.iterate_events(ALL) if one.subject_id is None]) == 600


def test_what_was_told_about_a_forgotten_person_goes(stores: Stores) -> None:
    seen = an_event(1)
    maybe = an_event(2, None, candidates=(EventCandidate("anna", 0.4, 0.3),), review=ReviewState.PENDING)
    bobs = an_event(3, "bob", candidates=(EventCandidate("anna", 0.4, 0.3),))
    sent = a_message(12, subject_id="anna", state=MessageState.SENT, finished_at=later(12))
    held = a_message(16, subject_id="anna", state=MessageState.HELD)
    stores.events.add_events(
        [seen, maybe, bobs],
        [
            a_message(11, subject_id="anna"),
            sent,
            a_message(13, event_id=maybe.event_id, picture=b"jpeg"),
            a_message(14, facts={"people": [{"subject_id": "anna"}]}),
            a_message(15, event_id=bobs.event_id, subject_id="bob"),
            held,
            a_message(17, subject_id="bob", state=MessageState.HELD),
            a_message(18, subject_id="anna", state=MessageState.SENDING),
            a_message(19),
        ],
        [a_mark(1), a_mark(2, camera_id="cam2"), a_mark(3, "subject:bob"), a_mark(4, "unknown")],
    )
    digest = a_message(20, text=a_message(20).text)
    stores.alerts.replace_held([held.message_id, event_id(17)], digest)
    stores.events.forget_subjects(["anna"])
    left = stores.alerts.list_messages(limit=99)
    assert [one.dedup_key for one in left] == ["key 19", "key 17", "key 15"]
    assert stores.alerts.find_mark("cam1", "subject:anna") is None
    assert stores.alerts.find_mark("cam2", "subject:anna") is None
    assert stores.alerts.find_mark("cam1", "subject:bob") == a_mark(3, "subject:bob")
    assert stores.alerts.find_mark("cam1", "unknown") == a_mark(4, "unknown")
    assert not stores.alerts.save_message(replace(sent, last_error="late"))
