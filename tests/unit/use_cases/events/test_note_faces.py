"""A kiosk that sends frame after frame makes a history that people can read."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.events import FakeEventStore
from tests.fakes.gallery import FakeClock
from tests.unit.use_cases.events.happened import NOON

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
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.note_faces import NoteFaces


def identified(subject_id: str | None = None, *, is_live: bool | None = None) -> Event:
    return Event(
        event_id=new_event_id(),
        kind=EventKind.IDENTIFIED,
        door=EventDoor.ATTENDANCE,
        occurred_at=NOON,
        subject_id=subject_id,
        band=Band.UNKNOWN if subject_id is None else Band.MATCH,
        facts={} if is_live is None else {"is_live": is_live},
    )


def doubted(*subject_ids: str) -> Event:
    candidates = tuple(EventCandidate(one, 0.4, 0.4) for one in subject_ids)
    return replace(identified(), band=Band.REVIEW, candidates=candidates, review=ReviewState.PENDING)


def verified(claimed_id: str | None, *, is_match: bool) -> Event:
    facts: dict[str, object] = {"is_match": is_match}
    if claimed_id is not None:
        facts[CLAIMED_FACT] = claimed_id
    person = claimed_id if is_match else None
    return replace(identified(person), kind=EventKind.VERIFIED, door=EventDoor.VERIFICATION, facts=facts)


class Kiosk:
    """A door's history."""

    def __init__(self, repeat_after_s: float = 30.0, max_remembered: int = 100) -> None:
        self.store, self.clock = FakeEventStore(), FakeClock()
        self.log = EventLog(self.store, LiveEvents(), self.clock, frozenset(EventDoor))
        self.note = NoteFaces(self.log, self.clock, repeat_after_s, max_remembered)

    def noted(self) -> list[Event]:
        self.log.close()
        return self.store.list_events(EventQuery(), limit=1000)


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    kiosk = Kiosk()
    yield kiosk
    kiosk.log.close()


def test_frames_of_the_same_people_are_one_event_each_in_half_a_minute(kiosk: Kiosk) -> None:
    for _ in range(61):
        kiosk.note([identified("ann"), identified("bob"), identified(), identified()])
        kiosk.clock.advance(1)
    people = [event.subject_id or "" for event in kiosk.noted()]
    assert sorted(people) == [""] * 3 + ["ann"] * 3 + ["bob"] * 3


def test_a_doubt_is_one_per_person_who_it_may_be(kiosk: Kiosk) -> None:
    kiosk.note([doubted("ann", "bob"), doubted("ann", "cat"), doubted("bob", "ann"), identified()])
    assert len(kiosk.noted()) == 3


def test_a_picture_held_up_is_not_passed_over_for_a_stranger_before(kiosk: Kiosk) -> None:
    kiosk.note([identified(is_live=True), identified(is_live=False), identified(), identified(is_live=False)])
    assert len(kiosk.noted()) == 2


def test_checks_are_kept_by_claim_and_outcome(kiosk: Kiosk) -> None:
    for _ in range(3):
        kiosk.note([verified("ann", is_match=True)])
        kiosk.note([verified("ann", is_match=False)])
        kiosk.note([verified("bob", is_match=False)])
        kiosk.note([verified(None, is_match=False)])
    assert len(kiosk.noted()) == 4


def test_other_doors_have_other_events(kiosk: Kiosk) -> None:
    kiosk.note([identified("ann"), replace(identified("ann"), door=EventDoor.PERSONS)])
    assert len(kiosk.noted()) == 2


def test_without_a_time_each_is_kept() -> None:
    kiosk = Kiosk(repeat_after_s=0)
    for _ in range(3):
        kiosk.note([identified("ann")])
    assert len(kiosk.noted()) == 3


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 20)), max_size=60))
def test_what_is_remembered_is_bounded_and_nobody_is_lost(seen: list[tuple[int, float]]) -> None:
    kiosk = Kiosk(max_remembered=8)
    for person, pause_s in seen:
        kiosk.note([identified(f"p{person}")])
        assert len(kiosk.note._noted_s) <= 8
        kiosk.clock.advance(pause_s)
    assert {event.subject_id for event in kiosk.noted()} == {f"p{person}" for person, _ in seen}
