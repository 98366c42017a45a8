"""Visits whose end no server has seen: after a crash, or where its report was lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from facegate.domain.events.event import Event, EventDoor, EventKind, EventQuery, new_event_id
from facegate.ports.events.event_store import EventStore
from facegate.use_cases.events.event_log import EventLog

END_FACT = "end"
"""In facts: `unknown` where nobody saw the visit end; `ended_at` is then when it was last known to go on."""

_LOOKED_BACK = timedelta(days=7)
"""Before the newest visit. Each start looks, so that older ones have been looked at before."""

_MOST_EVENTS = 20_000
_PAGE = 500


class EndOpenVisits:
    """Ends the visits of earlier processes. Made before the cameras of this one begin, called until it works.

    What this process sees later is left alone: its ids are higher.
    """

    def __init__(self, store: EventStore, log: EventLog) -> None:
        self._store = store
        self._log = log
        self._before_id = new_event_id()

    def __call__(self) -> int:
        """How many were open.

        Raises:
            StoreFailed: some may still be; calling again goes on.
        """
        return sum(self._log.change(event.event_id, _ended) is not None for event in self._open())

    def _open(self) -> Iterator[Event]:
        query = EventQuery(
            doors=frozenset({EventDoor.CAMERAS}),
            kinds=frozenset({EventKind.SEEN}),
            before_id=self._before_id,
        )
        for _ in range(_MOST_EVENTS // _PAGE):
            page = self._store.list_events(query, limit=_PAGE)
            yield from (event for event in page if event.ended_at is None)
            if len(page) < _PAGE:
                return
            from_at = query.from_at or page[0].occurred_at - _LOOKED_BACK
            query = replace(query, from_at=from_at, before_id=page[-1].event_id)


def _ended(event: Event) -> Event:
    if event.ended_at is not None:
        return event
    return replace(event, ended_at=event.occurred_at, facts={**event.facts, END_FACT: "unknown"})
