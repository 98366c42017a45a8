"""The history of events over all doors."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from facegate.domain.alerts.messages import AlertMark, OutboxMessage
from facegate.domain.events.event import Event, EventQuery
from facegate.domain.events.tally import EventTally


class EventStore(Protocol):
    """Every write is one transaction, durable when the method returns; safe from several threads.

    Every method may raise StoreFailed.
    """

    def add_events(
        self,
        events: Sequence[Event],
        messages: Sequence[OutboxMessage] = (),
        marks: Sequence[AlertMark] = (),
    ) -> None:
        """Events, what is to be told about them, and the marks, together or not at all.

        An event whose `origin` is stored already is passed over, and so is a message with a known
        `dedup_key`. A mark replaces an older one.
        """
        ...

    def save_event(self, event: Event) -> bool:
        """Replaces it; False when there is none of this id."""
        ...

    def find_event(self, event_id: str) -> Event | None:
        """The event, or None."""
        ...

    def list_events(self, query: EventQuery, *, limit: int) -> list[Event]:
        """At most `limit`, newest id first."""
        ...

    def iterate_events(self, query: EventQuery) -> Iterator[Event]:
        """All that fit, oldest first, in batches: for exports of any length."""
        ...

    def count_events(self, query: EventQuery) -> int:
        """How many fit."""
        ...

    def tally_events(
        self, query: EventQuery, *, span: timedelta, offset: timedelta = timedelta()
    ) -> list[EventTally]:
        """How many fit, per door and span of time, oldest first; spans without events are left out.

        Spans begin at whole multiples of `span` since 1970 in a zone that is `offset` ahead of UTC. Counted
        where they are kept: no event is read.
        """
        ...

    def delete_before(self, occurred_before: datetime, *, limit: int = 10_000) -> list[str]:
        """Deletes at most `limit` older events, oldest first, and tells their ids."""
        ...

    def people_since(self, occurred_from: datetime) -> Iterator[frozenset[str]]:
        """Who is named in events since then: as person, as user of a workstation, as candidate, as claim.

        In batches of events, of which none is built: who asks may stop between them.
        """
        ...

    def forget_subjects(self, subject_ids: Collection[str]) -> list[str]:
        """Takes these persons out of all events, candidates and facts too; tells whose shots have to go.

        Their marks go, and messages about them, whether they wait or were sent.
        """
        ...
