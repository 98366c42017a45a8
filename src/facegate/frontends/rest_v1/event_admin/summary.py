"""Counting events over time, for charts."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal

from facegate.domain.events.event import EventDoor, EventKind, EventQuery
from facegate.domain.events.tally import EventTally
from facegate.frontends.rest_v1.event_admin.answers import EventSummary, SummaryBucket

_COUNTED = frozenset(EventKind) - {EventKind.LEFT, EventKind.CAMERA_DOWN, EventKind.CAMERA_UP}
"""Who was seen: leaving and a camera's health are nobody's sight."""

_SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}

Tally = Callable[[EventQuery, timedelta, timedelta], Sequence[EventTally]]


@dataclass(slots=True)
class _Counts:
    known: int = 0
    strangers: int = 0
    review: int = 0
    by_door: Counter[EventDoor] = field(default_factory=Counter)


def summary_of(tally: Tally, since: datetime, until: datetime, by: Literal["hour", "day"]) -> EventSummary:
    """How many people were seen per hour or day, in the zone in which `since` is written.

    A day is then the reader's day.
    """
    offset = since.utcoffset() or timedelta()
    counts: dict[datetime, _Counts] = {}
    for one in tally(EventQuery(kinds=_COUNTED, from_at=since, until_at=until), _SPANS[by], offset):
        bucket = counts.setdefault(one.begins_at, _Counts())
        bucket.known += one.known
        bucket.strangers += one.strangers
        bucket.review += one.pending
        bucket.by_door[one.door] += one.count
    return EventSummary(
        buckets=[
            SummaryBucket(
                begins=begins_at.astimezone(timezone(offset)),
                known=one.known,
                strangers=one.strangers,
                review=one.review,
                by_door=dict(one.by_door),
            )
            for begins_at, one in sorted(counts.items())
        ]
    )
