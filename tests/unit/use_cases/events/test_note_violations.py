"""One event per violation, also where it flickers."""

from collections.abc import Iterator

import pytest
from tests.fakes.events import FakeEventStore
from tests.fakes.gallery import FakeClock

from facegate.domain.events.event import EventDoor, EventQuery
from facegate.domain.presence.verdicts import Action, Reason, Verdict
from facegate.use_cases.events import note_violations
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.note_violations import NoteViolations

GONE = Verdict(Action.LOCK_SCREEN, Reason.NO_FACE, "ann")
PHONE = Verdict(Action.SIGN_OUT, Reason.PHONE_DETECTION, "ann")


class Desk:
    """A workstation door's history."""

    def __init__(self, doors: frozenset[EventDoor] = frozenset(EventDoor)) -> None:
        self.store, self.clock = FakeEventStore(), FakeClock()
        self.log = EventLog(self.store, LiveEvents(), self.clock, doors)
        self.note = NoteViolations(self.log, self.clock)

    def noted(self) -> list[tuple[str, object]]:
        """Client and reason of each."""
        self.log.close()
        events = self.store.list_events(EventQuery(), limit=100)
        return sorted((event.place_id, str(event.facts["reason"])) for event in events)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.log.close()


def test_a_violation_that_flickers_is_one_however_long(desk: Desk) -> None:
    for _ in range(20):
        desk.note("ann", GONE)
        desk.clock.advance(20)
    desk.clock.advance(20)
    desk.note("ann", GONE)
    assert desk.noted() == [("ann", "REASON_NO_FACE")] * 2


def test_another_reason_and_another_client_are_others(desk: Desk) -> None:
    desk.note("ann", GONE)
    desk.note("ann", PHONE)
    desk.note("bob", PHONE)
    assert len(desk.noted()) == 3


def test_a_door_that_is_not_kept_notes_nothing() -> None:
    desk = Desk(frozenset({EventDoor.CAMERAS}))
    desk.note("ann", GONE)
    assert desk.noted() == []


def test_what_is_long_over_is_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_violations, "_MAX_REMEMBERED", 2)
    for client_id in ("ann", "bob", "cat"):
        desk.note(client_id, GONE)
        desk.clock.advance(20)
    assert {client_id for client_id, _ in desk.note._last_s} == {"bob", "cat"}
