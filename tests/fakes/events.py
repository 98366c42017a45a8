"""The history of events in memory, with the outbox. It passes the same contract suites as the real stores.

Set `is_broken` and every call raises StoreFailed until it is False again.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.fakes.alert_store import FakeAlertStore
from tests.fakes.terminal_people import refuse_unstorable, storable

from facegate.domain.alerts.messages import AlertMark, OutboxMessage
from facegate.domain.events.concerned import concerned_subject_ids
from facegate.domain.events.event import Event, EventDoor, EventQuery, ReviewState
from facegate.domain.events.forgotten import may_be_about, names_anybody, without_people
from facegate.domain.events.tally import EventTally

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FakeEventStore(FakeAlertStore):
    """An EventStore and an AlertStore on the same messages and marks."""

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[str, Event] = {}

    def add_events(
        self,
        events: Sequence[Event],
        messages: Sequence[OutboxMessage] = (),
        marks: Sequence[AlertMark] = (),
    ) -> None:
        self._check()
        for event in events:
            refuse_unstorable([event.event_id, event.subject_id or "", event.origin or ""])
        with self._lock:
            self._refuse_unstorable(messages, marks)
            origins = {event.origin for event in self.events.values()} - {None}
            for event in events:
                if event.event_id not in self.events and event.origin not in origins:
                    self.events[event.event_id] = _kept(event)
                    origins |= {event.origin} - {None}
            self._add_messages(messages, marks)

    def save_event(self, event: Event) -> bool:
        self._check()
        with self._lock:
            is_known = event.event_id in self.events
            if is_known:
                self.events[event.event_id] = _kept(event)
            return is_known

    def find_event(self, event_id: str) -> Event | None:
        self._check()
        return self.events.get(event_id)

    def list_events(self, query: EventQuery, *, limit: int) -> list[Event]:
        self._check()
        return self._oldest_fitting(query)[::-1][: max(0, limit)]

    def iterate_events(self, query: EventQuery) -> Iterator[Event]:
        self._check()
        yield from self._oldest_fitting(query)

    def count_events(self, query: EventQuery) -> int:
        self._check()
        return len(self._oldest_fitting(query))

    def tally_events(
        self, query: EventQuery, *, span: timedelta, offset: timedelta = timedelta()
    ) -> list[EventTally]:
        self._check()
        tallies: dict[tuple[int, EventDoor], EventTally] = {}
        for event in self._oldest_fitting(query):
            number = (event.occurred_at - _EPOCH + offset) // span
            key = (number, event.door)
            known = tallies.get(key, EventTally(_EPOCH + number * span - offset, event.door, 0, 0, 0, 0))
            tallies[key] = replace(
                known,
                count=known.count + 1,
                known=known.known + (event.subject_id is not None),
                strangers=known.strangers + event.is_stranger,
                pending=known.pending + (event.review is ReviewState.PENDING),
            )
        return [tally for _, tally in sorted(tallies.items())]

    def delete_before(self, occurred_before: datetime, *, limit: int = 10_000) -> list[str]:
        self._check()
        with self._lock:
            old = [event for event in self.events.values() if event.occurred_at < occurred_before]
            old.sort(key=lambda event: (event.occurred_at, event.event_id))
            gone = [event.event_id for event in old[: max(0, limit)]]
            for event_id in gone:
                del self.events[event_id]
            return gone

    def people_since(self, occurred_from: datetime) -> Iterator[frozenset[str]]:
        self._check()
        for event in self._oldest_fitting(EventQuery(from_at=occurred_from)):
            yield concerned_subject_ids(event)

    def forget_subjects(self, subject_ids: Collection[str]) -> list[str]:
        self._check()
        gone = set(subject_ids)
        with self._lock:
            before = {event.event_id: event for event in self.events.values() if names_anybody(event, gone)}
            for event in before.values():
                self.events[event.event_id] = without_people(event, gone)
            theirs = [event for event in before.values() if may_be_about(event, gone)]
            self._forget_people(gone, {event.event_id for event in theirs})
            return sorted(event.event_id for event in theirs if event.has_shot)

    def _oldest_fitting(self, query: EventQuery) -> list[Event]:
        with self._lock:
            return [event for _, event in sorted(self.events.items()) if query.accepts(event)]


def _kept(event: Event) -> Event:
    return replace(
        event,
        place_id=storable(event.place_id),
        place_name=storable(event.place_name),
        facts=json.loads(json.dumps(dict(event.facts))),
    )
