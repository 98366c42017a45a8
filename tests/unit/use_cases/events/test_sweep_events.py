"""Events and pictures go in time, and nothing is left over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.fakes.events import FakeEventStore
from tests.fakes.gallery import FakeClock
from tests.fakes.shots import InMemoryShotStore
from tests.unit.use_cases.events.happened import event_id_at, seen

from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import Event, EventDoor
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.forget import ForgetEvents, ForgetGone
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.sweep_events import EventRetention, EventSweep, SweepEvents

DAY = timedelta(days=1)


class Attic:
    """A history whose clock tells the real time, by which pictures are aged."""

    def __init__(self, waited_s: float = 60) -> None:
        self.now = datetime.now(UTC)
        self.clock = FakeClock(self.now)
        self.store = FakeEventStore()
        self.shots = InMemoryShotStore()
        self.enrolled = {"ann"}
        self.log = EventLog(self.store, LiveEvents(), self.clock, frozenset(EventDoor))
        forget = ForgetEvents(self.store, self.shots)
        self.sweep = SweepEvents(
            self.store,
            self.shots,
            self.log,
            EventRetention(days=30, shot_days=7, shot_max_bytes=1000, max_events=10),
            self.clock,
            ForgetGone(lambda subject_id: subject_id in self.enrolled, forget),
        )
        self.clock.advance(waited_s)

    def keep(self, days_ago: float, number: int, size: int = 10, subject_id: str = "ann") -> Event:
        """An event with a picture."""
        at = self.now - days_ago * DAY
        event = seen(number, subject_id, event_id=event_id_at(at, number), occurred_at=at, has_shot=size > 0)
        self.store.add_events([event])
        if size:
            self.shots.save(event.event_id, b"x" * size)
        return event


@pytest.fixture
def attic() -> Iterator[Attic]:
    attic = Attic()
    yield attic
    attic.log.close()


def test_events_go_in_time_with_their_pictures_and_pictures_before_them(attic: Attic) -> None:
    attic.keep(31, 1)
    old = attic.keep(8, 2)
    new = attic.keep(6, 3)
    assert attic.sweep() == EventSweep(event_count=1, shot_count=2, orphan_count=0)
    assert {event.event_id: event.has_shot for event in attic.store.events.values()} == {
        old.event_id: False,
        new.event_id: True,
    }
    assert attic.shots.list_ids() == [new.event_id]


def test_more_than_goes_at_once_goes_all_the_same(attic: Attic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegate.use_cases.events.sweep_events._DELETED_AT_ONCE", 2)
    for number in range(5):
        attic.keep(40, number)
    assert attic.sweep().event_count == 5
    assert attic.store.events == {}


def test_beyond_the_size_the_oldest_pictures_go(attic: Attic) -> None:
    older, newer = attic.keep(2, 1, size=600), attic.keep(1, 2, size=600)
    assert attic.sweep().shot_count == 1
    assert [attic.store.events[one.event_id].has_shot for one in (older, newer)] == [False, True]


def test_pictures_that_no_event_knows_go_at_the_second_look(attic: Attic) -> None:
    kept = attic.keep(1, 1)
    attic.shots.save(event_id_at(attic.now, 2), b"of no event")
    unknown = attic.keep(1, 3, size=0)
    attic.shots.save(unknown.event_id, b"of an event that does not know")
    begun = event_id_at(attic.now, 4)
    attic.shots.save(begun, b"its event is just being stored")
    assert attic.sweep().orphan_count == 0
    attic.store.add_events([seen(4, event_id=begun, occurred_at=attic.now, has_shot=True)])
    assert attic.sweep().orphan_count == 2
    assert attic.shots.list_ids() == [kept.event_id, begun]


def test_whoever_is_gone_and_was_written_all_the_same_is_taken_out(attic: Attic) -> None:
    event = attic.keep(1, 1, subject_id="bob")
    attic.sweep()
    assert attic.store.events[event.event_id].subject_id is None
    assert attic.shots.list_ids() == []


def test_the_deep_look_comes_once_a_day_and_again_where_it_failed(attic: Attic) -> None:
    attic.sweep()
    event = attic.keep(0.5, 1, subject_id="bob")
    attic.sweep()
    assert attic.store.events[event.event_id].subject_id == "bob"
    attic.clock.advance(90_000)
    attic.store.is_broken = True
    with pytest.raises(StoreFailed):
        attic.sweep()
    attic.store.is_broken = False
    attic.sweep()
    assert attic.store.events[event.event_id].subject_id is None


def test_nonsense_is_no_retention() -> None:
    with pytest.raises(ValueError, match="more than 0 days"):
        EventRetention(days=0)


def test_beyond_the_number_the_oldest_events_go_with_their_pictures(
    attic: Attic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facegate.use_cases.events.sweep_events._DELETED_AT_ONCE", 2)
    events = [attic.keep(5 - number / 10, number) for number in range(15)]
    assert attic.sweep() == EventSweep(event_count=5, shot_count=5, orphan_count=0)
    kept = [one.event_id for one in events[5:]]
    assert sorted(attic.store.events) == kept
    assert attic.shots.list_ids() == kept
    assert attic.sweep().event_count == 0


def test_no_deep_look_in_the_first_minute() -> None:
    attic = Attic(waited_s=59)
    event = attic.keep(1, 1, subject_id="bob")
    attic.sweep()
    assert attic.store.events[event.event_id].subject_id == "bob"
    attic.clock.advance(1)
    attic.sweep()
    assert attic.store.events[event.event_id].subject_id is None
    attic.log.close()


@pytest.mark.parametrize("looks", [0, 1, 3])
def test_a_deep_look_that_is_stopped_comes_again(attic: Attic, looks: int) -> None:
    events = [attic.keep(1, number, size=0, subject_id="bob") for number in range(3)]
    answers = iter([False] * (looks + 2))
    attic.sweep(lambda: next(answers, True))
    named = {attic.store.events[one.event_id].subject_id for one in events}
    assert named == ({None} if looks == 3 else {"bob"})
    attic.sweep()
    assert attic.store.events[events[0].event_id].subject_id is None
