"""Counting events over time, for charts."""

from dataclasses import dataclass
from datetime import datetime

from facegate.domain.events.event import EventDoor


@dataclass(frozen=True, slots=True)
class EventTally:
    """Events of one door in one span of time that begins at `begins_at` (UTC).

    `known` name somebody, `strangers` are as Event.is_stranger says, `pending` wait for a review; the same
    event may count as a stranger and as pending.
    """

    begins_at: datetime
    door: EventDoor
    count: int
    known: int
    strangers: int
    pending: int
