"""Terminals' scans become events: each once, in order, and no terminal waits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from tests.fakes.activities import START_AT, new_activity
from tests.fakes.events import FakeEventStore
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.fakes.terminals import FakeActivityStore, FakeTerminalPeopleStore

from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import Event, EventDoor, EventKind, EventQuery
from facegate.domain.gallery import Enrolment
from facegate.domain.matching import Band
from facegate.domain.terminals.activity import (
    DEVICE_EVENT_ENROLL_ID,
    UNKNOWN_FACE_ENROLL_ID,
    SnapshotCheck,
    SnapshotVerdict,
)
from facegate.domain.terminals.devices import Terminal, TerminalStatus
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.scan_events import READER, FollowScans

GATE = Terminal("SN1", TerminalStatus.ALLOWED, START_AT, name="Main gate", mode_labels={8: "by face"})


@dataclass
class Gate:
    """A terminal's history, and the one made of it; `ann` has the number 42."""

    activity: FakeActivityStore
    store: FakeEventStore
    clock: FakeClock
    follow: FollowScans
    live: LiveEvents

    def events(self) -> list[Event]:
        return list(self.store.iterate_events(EventQuery()))


@pytest.fixture
def gate() -> Iterator[Gate]:
    clock = FakeClock(START_AT + timedelta(days=1))
    gallery = InMemoryGalleryStore()
    gallery.enrol(Enrolment("ann", (), START_AT, enrolment_number=42))
    activity, store = FakeActivityStore(), FakeEventStore()
    live = LiveEvents()
    log = EventLog(store, live, clock, frozenset(EventDoor))
    follow = FollowScans(
        activity, FakeTerminalPeopleStore(gallery), {"SN1": GATE}.get, log, clock, retention_days=30
    )
    yield Gate(activity, store, clock, follow, live)
    log.close()


def test_a_scan_tells_who_where_when_and_not_the_terminals_name_for_them(gate: Gate) -> None:
    gate.activity.add_activity(
        [new_activity(1, enroll_id=42, name="Ann from the terminal", temperature_c=36.6, in_out=1)]
    )
    assert gate.follow.step() == 1
    event = gate.events()[0]
    assert (event.kind, event.door) == (EventKind.SCAN, EventDoor.TERMINALS)
    assert (event.subject_id, event.band) == ("ann", Band.MATCH)
    assert (event.place_id, event.place_name) == ("SN1", "Main gate")
    assert event.occurred_at == START_AT + timedelta(seconds=1)
    assert event.origin == "terminal:1"
    assert event.facts == {
        "activity_id": 1,
        "enroll_id": 42,
        "mode": "by face",
        "in_out": "out",
        "event": "normal",
        "temperature_c": 36.6,
    }


def test_strangers_are_strangers_unlisted_numbers_are_not_and_doors_are_nobody(gate: Gate) -> None:
    gate.activity.add_activity(
        [
            new_activity(1, serial_number="SN2", enroll_id=UNKNOWN_FACE_ENROLL_ID),
            new_activity(2, enroll_id=7),
            new_activity(3, enroll_id=DEVICE_EVENT_ENROLL_ID, event=5),
        ]
    )
    assert gate.follow.step() == 3
    stranger, unlisted = gate.events()
    assert (stranger.is_stranger, stranger.place_name) == (True, "SN2")
    assert (unlisted.subject_id, unlisted.is_stranger) == (None, False)
    assert unlisted.facts["enroll_id"] == 7


def test_a_time_that_cannot_be_read_is_that_of_the_arrival(gate: Gate) -> None:
    gate.activity.add_activity([replace(new_activity(5), occurred_at=None)])
    gate.follow.step()
    assert gate.events()[0].occurred_at == START_AT + timedelta(seconds=5)


def test_what_our_own_engine_saw_is_told_where_it_is_known(gate: Gate) -> None:
    added = gate.activity.add_activity([new_activity(1, enroll_id=42)])
    gate.activity.save_check(added[0].activity_id, SnapshotCheck(SnapshotVerdict.OTHER_PERSON, "bob", 0.6))
    gate.follow.step()
    assert gate.events()[0].facts["snapshot"] == "other_person"


def test_a_long_history_comes_in_batches_in_order_and_each_scan_once(gate: Gate) -> None:
    gate.activity.add_activity([new_activity(number) for number in range(1200)])
    assert [gate.follow.step() for _ in range(4)] == [500, 500, 200, 0]
    events = gate.events()
    assert [event.facts["activity_id"] for event in events] == list(range(1, 1201))
    gate.activity.add_activity([new_activity(5000)])
    assert gate.follow.step() == 1
    assert len(gate.events()) == 1201


def test_a_batch_that_was_written_but_not_remembered_is_not_doubled(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.activity.add_activity([new_activity(number) for number in range(3)])

    def broken(reader: str, activity_id: int) -> None:
        raise StoreFailed("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(gate.activity, "save_reader_position", broken)
        with pytest.raises(StoreFailed):
            gate.follow.step()
    assert gate.follow.step() == 3
    assert len(gate.events()) == 3


def test_an_outage_keeps_the_place(gate: Gate) -> None:
    gate.activity.add_activity([new_activity(1)])
    gate.store.is_broken = True
    with pytest.raises(StoreFailed):
        gate.follow.step()
    assert gate.activity.reader_position(READER) == 0
    gate.store.is_broken = False
    assert gate.follow.step() == 1


def test_what_would_go_at_once_is_passed_over(gate: Gate) -> None:
    gate.activity.add_activity([new_activity(1)])
    gate.clock.advance(40 * 86_400)
    assert gate.follow.step() == 1
    assert gate.events() == []
    assert gate.follow.step() == 0


def test_months_of_scans_are_stored_and_only_what_came_just_now_is_told(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Event] = []
    monkeypatch.setattr(gate.live, "publish", told.append)
    now = gate.clock.now_utc()
    just_now = replace(new_activity(5000), received_at=now - timedelta(minutes=4))
    gate.activity.add_activity([*[new_activity(number) for number in range(700)], just_now])
    while gate.follow.step():
        pass
    assert [event.facts["activity_id"] for event in gate.events()] == list(range(1, 702))
    # It is of yesterday by the terminal's clock.
    assert [event.facts["activity_id"] for event in told] == [701]
    assert told[0].occurred_at < now - timedelta(hours=20)
