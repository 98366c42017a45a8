"""Looking at the history."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from facegate.domain.errors import EventNotFound
from facegate.domain.events.event import Event, EventQuery
from facegate.domain.events.tally import EventTally
from facegate.ports.events.event_store import EventStore
from facegate.ports.events.shot_store import ShotStore


class BrowseEvents:
    """What may be read of events. Every method may raise StoreFailed."""

    def __init__(self, store: EventStore, shots: ShotStore) -> None:
        self._store = store
        self._shots = shots

    def list(self, query: EventQuery, limit: int) -> list[Event]:
        """At most `limit`, newest first; the last one's id is `before_id` of the next page."""
        return self._store.list_events(query, limit=limit)

    def get(self, event_id: str) -> Event:
        """The event.

        Raises:
            EventNotFound: there is none, or no longer.
        """
        event = self._store.find_event(event_id)
        if event is None:
            raise EventNotFound("no event has this id, or it is no longer kept")
        return event

    def shot(self, event_id: str) -> bytes:
        """The best picture of it, a JPEG.

        Raises:
            EventNotFound: there is no such event, or no picture of it (any more).
        """
        # What the event says first: a file may be left of somebody who was removed, until the next sweep.
        picture = self._shots.open_shot(event_id) if self.get(event_id).has_shot else None
        if picture is None:
            raise EventNotFound("no picture of this event is kept")
        return picture

    def iterate(self, query: EventQuery) -> Iterator[Event]:
        """All that fit, oldest first, read in batches."""
        return self._store.iterate_events(query)

    def count(self, query: EventQuery) -> int:
        """How many fit."""
        return self._store.count_events(query)

    def tally(self, query: EventQuery, span: timedelta, offset: timedelta) -> Sequence[EventTally]:
        """How many fit per door and span of time, in a zone that is `offset` ahead of UTC."""
        return self._store.tally_events(query, span=span, offset=offset)

    def shots_bytes(self) -> int:
        """What all pictures take together."""
        return self._shots.total_bytes()
