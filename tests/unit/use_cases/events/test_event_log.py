"""Durable first, told second, and nobody comes back who was removed."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest
from tests.fakes.events import FakeEventStore
from tests.fakes.gallery import FakeClock
from tests.fakes.shots import InMemoryShotStore
from tests.unit.use_cases.events.happened import NOON, identified, maybe, seen
from typing_extensions import override

from facegate.domain.alerts.messages import AlertMark
from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import Event, EventDoor, EventQuery, ReviewState
from facegate.domain.events.review import decided
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.forget import ForgetEvents, ForgetGone
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.noted_events import NotedOptions

QUICK = NotedOptions(linger_s=0.0, retry_min_s=0.01, retry_max_s=0.02)


class Watched(LiveEvents):
    """Keeps what is published."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Event] = []

    @override
    def publish(self, event: Event) -> None:
        self.heard.append(event)


class Hall:
    """A log with everything around it; `enrolled` are those who are in the gallery."""

    def __init__(self, doors: Collection[EventDoor] = frozenset(EventDoor)) -> None:
        self.store = FakeEventStore()
        self.shots = InMemoryShotStore()
        self.live = Watched()
        self.enrolled = {"ann", "bob"}
        self.forget = ForgetEvents(self.store, self.shots)
        forget_gone = ForgetGone(lambda subject_id: subject_id in self.enrolled, self.forget)
        self.log = EventLog(
            self.store, self.live, FakeClock(), frozenset(doors), forget_gone=forget_gone, options=QUICK
        )


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall()
    yield hall
    hall.log.close()


def test_what_is_recorded_is_stored_when_it_is_told(hall: Hall) -> None:
    mark = AlertMark("cam1", "subject:ann", NOON)
    hall.log.record([seen(1)], marks=[mark])
    assert hall.store.find_event(seen(1).event_id) == seen(1)
    assert hall.store.find_mark("cam1", "subject:ann") == mark
    assert hall.live.heard == [seen(1)]


def test_what_cannot_be_stored_is_not_told(hall: Hall) -> None:
    hall.store.is_broken = True
    with pytest.raises(StoreFailed):
        hall.log.record([seen(1)])
    assert hall.live.heard == []


def test_doors_that_are_not_kept_leave_no_events_but_their_alerts() -> None:
    hall = Hall({EventDoor.ATTENDANCE})
    mark = AlertMark("cam1", "subject:ann", NOON)
    hall.log.record([seen(1)], marks=[mark])
    hall.log.note(seen(2))
    hall.log.note(identified(3))
    hall.log.close()
    assert list(hall.store.events) == [identified(3).event_id]
    assert hall.store.find_mark("cam1", "subject:ann") == mark
    assert not hall.log.keeps(EventDoor.CAMERAS)
    assert hall.log.keeps(EventDoor.ATTENDANCE)


def test_what_was_noted_is_stored_at_the_end_and_told(hall: Hall) -> None:
    for number in range(20):
        hall.log.note(identified(number))
    hall.log.close()
    assert hall.store.count_events(EventQuery()) == 20
    assert len(hall.live.heard) == 20
    assert hall.log.counts().stored == 20


def test_an_update_keeps_a_decision_and_is_told(hall: Hall) -> None:
    begun = maybe(1, "ann")
    hall.log.record([begun])
    reviewed = hall.log.change(
        begun.event_id, lambda event: decided(event, ReviewState.CORRECTED, "bob", None, NOON)
    )
    assert reviewed is not None
    hall.log.update(replace(begun, ended_at=NOON))
    stored = hall.store.find_event(begun.event_id)
    assert stored is not None
    assert (stored.subject_id, stored.review, stored.ended_at) == ("bob", ReviewState.CORRECTED, NOON)
    assert hall.live.heard == [begun, reviewed, stored]


def test_an_update_of_what_is_gone_is_nothing(hall: Hall) -> None:
    hall.log.update(seen(1))
    assert hall.log.change(seen(1).event_id, lambda event: event) is None
    assert (hall.store.events, hall.live.heard) == ({}, [])


def test_a_change_that_changes_nothing_is_not_told(hall: Hall) -> None:
    hall.log.record([seen(1)])
    assert hall.log.change(seen(1).event_id, lambda event: event) == seen(1)
    assert hall.live.heard == [seen(1)]


@pytest.mark.parametrize("is_noted", [False, True])
def test_somebody_who_was_removed_before_the_write_is_taken_out_after_it(hall: Hall, is_noted: bool) -> None:
    hall.enrolled.discard("ann")
    events = [seen(1, "ann"), maybe(2, "bob", "ann"), seen(3, "bob")]
    if is_noted:
        for event in events:
            hall.log.note(event)
        hall.log.close()
    else:
        hall.log.record(events)
    left = [hall.store.events[event.event_id] for event in events]
    assert [event.subject_id for event in left] == [None, None, "bob"]
    assert [one.subject_id for one in left[1].candidates] == ["bob"]


def test_an_update_does_not_bring_back_somebody_who_was_removed(hall: Hall) -> None:
    hall.shots.save(seen(1).event_id, b"jpeg")
    hall.log.record([seen(1, has_shot=True)])
    hall.enrolled.discard("ann")
    hall.forget(["ann"])
    assert hall.shots.open_shot(seen(1).event_id) is None
    hall.log.update(seen(1, ended_at=NOON, has_shot=True))
    stored = hall.store.find_event(seen(1).event_id)
    assert stored is not None
    assert (stored.subject_id, stored.has_shot) == (None, False)


def test_a_gallery_that_cannot_be_asked_loses_no_event(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Collection[str]) -> None:
        raise StoreFailed("the gallery is away")

    log = EventLog(
        hall.store, hall.live, FakeClock(), frozenset(EventDoor), forget_gone=broken, options=QUICK
    )
    log.record([seen(1)])
    log.close()
    assert hall.live.heard == [seen(1)]
    assert "the sweep will" in caplog.text
