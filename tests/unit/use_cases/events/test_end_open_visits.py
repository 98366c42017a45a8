"""Visits that an earlier process left open get an end, and nothing else changes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.fakes.alert_senders import SettableClock
from tests.fakes.events import FakeEventStore
from tests.unit.use_cases.events.happened import NOON, identified, seen

from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import EventDoor, new_event_id
from facegate.use_cases.events import end_open_visits
from facegate.use_cases.events.end_open_visits import EndOpenVisits
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.live_events import LiveEvents

DAY_MIN = 24 * 60


@pytest.fixture
def store() -> FakeEventStore:
    return FakeEventStore()


@pytest.fixture
def log(store: FakeEventStore) -> Iterator[EventLog]:
    made = EventLog(store, LiveEvents(), SettableClock(), frozenset(EventDoor))
    yield made
    made.close()


def test_open_visits_end_when_they_were_last_known_to_go_on(store: FakeEventStore, log: EventLog) -> None:
    whole = seen(1, ended_at=NOON + timedelta(minutes=9))
    lost, at_a_door = seen(2, facts={"alert": "raised"}), identified(3)
    store.add_events([whole, lost, at_a_door])
    assert EndOpenVisits(store, log)() == 1
    ended = store.events[lost.event_id]
    assert (ended.ended_at, ended.facts) == (lost.occurred_at, {"alert": "raised", "end": "unknown"})
    assert store.events[whole.event_id] == whole
    assert store.events[at_a_door.event_id] == at_a_door
    assert EndOpenVisits(store, log)() == 0


def test_a_visit_that_began_since_is_left_alone(store: FakeEventStore, log: EventLog) -> None:
    end = EndOpenVisits(store, log)
    fresh = seen(1, event_id=new_event_id())
    store.add_events([fresh])
    assert end() == 0
    assert store.events[fresh.event_id].ended_at is None


def test_it_looks_back_some_days_from_the_newest_and_no_further(
    store: FakeEventStore, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(end_open_visits, "_PAGE", 2)
    days = [seen(day * DAY_MIN) for day in range(20)]
    store.add_events(days)
    # The newest page is read whatever its age.
    assert EndOpenVisits(store, log)() == 8
    monkeypatch.setattr(end_open_visits, "_MOST_EVENTS", 4)
    store.add_events([seen(20 * DAY_MIN + minute) for minute in range(10)])
    assert EndOpenVisits(store, log)() == 4


def test_a_store_that_is_away_is_asked_again(store: FakeEventStore, log: EventLog) -> None:
    store.add_events([seen(1)])
    end = EndOpenVisits(store, log)
    store.is_broken = True
    with pytest.raises(StoreFailed):
        end()
    store.is_broken = False
    assert end() == 1
