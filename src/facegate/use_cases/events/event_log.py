"""Writing the history: durable first, then told to those who watch."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence

from facegate.domain.alerts.messages import AlertMark, OutboxMessage
from facegate.domain.errors import StoreFailed
from facegate.domain.events.concerned import concerned_subject_ids, with_decision_of
from facegate.domain.events.event import Event, EventDoor
from facegate.ports.clock import Clock
from facegate.ports.events.event_store import EventStore
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.noted_events import NotedCounts, NotedEvents, NotedOptions

logger = logging.getLogger(__name__)

ForgetGone = Callable[[Collection[str]], None]
"""Takes those of these persons who are no longer enrolled out of what was written; may raise StoreFailed."""


class EventLog:
    """Events of the doors that are kept; those of others are passed over. Safe from several threads.

    What is written about somebody who is removed at that moment is looked at again after the write.
    """

    def __init__(
        self,
        store: EventStore,
        live: LiveEvents,
        clock: Clock,
        doors: frozenset[EventDoor],
        *,
        forget_gone: ForgetGone | None = None,
        options: NotedOptions | None = None,
    ) -> None:
        self._store = store
        self._live = live
        self._doors = doors
        self._forget_gone = forget_gone
        self._changing = threading.Lock()
        self._noted = NotedEvents(self._write, clock, options)

    def keeps(self, door: EventDoor) -> bool:
        """Whether events of this door are kept: others need not even be made."""
        return door in self._doors

    def counts(self) -> NotedCounts:
        """What became of what was noted."""
        return self._noted.counts()

    def record(
        self,
        events: Sequence[Event],
        messages: Sequence[OutboxMessage] = (),
        marks: Sequence[AlertMark] = (),
        *,
        is_told: bool = True,
    ) -> None:
        """Events, and what is to be told of them, in one transaction; durable when it returns.

        Messages and marks are kept also where the door's events are not. Without `is_told` those who watch
        do not hear of the events: what is long over is history, and not what happens.

        Raises:
            StoreFailed: nothing was stored.
        """
        kept = [event for event in events if event.door in self._doors]
        if kept or messages or marks:
            self._write(kept, messages, marks, is_told=is_told)

    def note(self, event: Event) -> None:
        """Stores the event soon, or drops it where too many wait; neither waits nor fails."""
        if event.door in self._doors:
            self._noted.add(event)

    def update(self, event: Event) -> None:
        """Replaces what is stored, but for what a human has decided meanwhile. Nothing where it is gone.

        Raises:
            StoreFailed: it is as it was.
        """
        self.change(event.event_id, lambda stored: with_decision_of(stored, event))

    def change(
        self, event_id: str, change: Callable[[Event], Event], *, is_told: bool = True
    ) -> Event | None:
        """What `change` made of the stored event; None where there is none. No other change comes between.

        Without `is_told` those who watch do not hear of it.

        Raises:
            StoreFailed: it is as it was.
        """
        with self._changing:
            stored = self._store.find_event(event_id)
            if stored is None:
                return None
            changed = change(stored)
            if changed == stored:
                return stored
            if not self._store.save_event(changed):
                return None
            # Told under the lock: who watches sees the states of an event in their order.
            self._written([changed], is_told=is_told)
        return changed

    def close(self) -> None:
        """Writes what was noted and waits."""
        self._noted.close()

    def _write(
        self,
        events: Sequence[Event],
        messages: Sequence[OutboxMessage] = (),
        marks: Sequence[AlertMark] = (),
        *,
        is_told: bool = True,
    ) -> None:
        self._store.add_events(events, messages, marks)
        self._written(events, is_told=is_told)

    def _written(self, events: Sequence[Event], *, is_told: bool = True) -> None:
        if self._forget_gone is not None:
            concerned = frozenset[str]().union(*map(concerned_subject_ids, events))
            try:
                if concerned:
                    self._forget_gone(concerned)
            except StoreFailed as error:
                # Not the writer's matter: it is written, and the sweep looks at it once more.
                logger.error("events were not held against the gallery, the sweep will: %s", error.message)
        for event in events if is_told else ():
            self._live.publish(event)
