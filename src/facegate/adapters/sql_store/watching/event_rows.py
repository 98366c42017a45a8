"""How events look as rows. No SQL is run here."""

import json
from typing import Any

from sqlalchemy import Row

from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import from_us, optional_time, optional_us, storable, to_us
from facegate.domain.events.event import Event, EventCandidate, EventDoor, EventKind, ReviewState
from facegate.domain.matching import Band


def event_row(event: Event) -> dict[str, Any]:
    """A whole row. An unreadable character in a place is stored as U+FFFD.

    Raises:
        InvalidInput: an id cannot be stored.
    """
    check_storable([event.event_id, event.subject_id or "", event.origin or ""])
    candidates = [[one.subject_id, one.confidence, one.similarity] for one in event.candidates]
    return {
        "event_id": event.event_id,
        "kind": event.kind.value,
        "door": event.door.value,
        "occurred_at_us": to_us(event.occurred_at),
        "place_id": storable(event.place_id),
        "place_name": storable(event.place_name),
        "subject_id": event.subject_id,
        "band": None if event.band is None else event.band.value,
        "confidence": event.confidence,
        "similarity": event.similarity,
        "candidates_json": json.dumps(candidates),
        "ended_at_us": optional_us(event.ended_at),
        "has_shot": event.has_shot,
        "review": event.review.value,
        "reviewed_at_us": optional_us(event.reviewed_at),
        "origin": event.origin,
        "facts_json": json.dumps(dict(event.facts)),
        "is_stranger": event.is_stranger,
    }


def event_of(row: Row[Any]) -> Event:
    """A whole row as an event."""
    return Event(
        event_id=row.event_id,
        kind=EventKind(row.kind),
        door=EventDoor(row.door),
        occurred_at=from_us(row.occurred_at_us),
        place_id=row.place_id,
        place_name=row.place_name,
        subject_id=row.subject_id,
        band=None if row.band is None else Band(row.band),
        confidence=row.confidence,
        similarity=row.similarity,
        candidates=tuple(EventCandidate(*one) for one in json.loads(row.candidates_json)),
        ended_at=optional_time(row.ended_at_us),
        has_shot=row.has_shot,
        review=ReviewState(row.review),
        reviewed_at=optional_time(row.reviewed_at_us),
        origin=row.origin,
        facts=json.loads(row.facts_json),
    )
