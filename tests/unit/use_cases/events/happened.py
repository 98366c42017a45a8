"""Events as tests need them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from facegate.domain.events.event import Event, EventCandidate, EventDoor, EventKind, ReviewState
from facegate.domain.matching import Band

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def event_id_at(at: datetime, number: int = 0) -> str:
    """As `new_event_id` would have made it then."""
    return f"{int(at.timestamp() * 1000):012x}{number:020x}"


def seen(number: int, subject_id: str | None = "ann", **changes: Any) -> Event:
    """A visit at the gate, `number` minutes after noon."""
    at = NOON + timedelta(minutes=number)
    event = Event(
        event_id=event_id_at(at, number),
        kind=EventKind.SEEN,
        door=EventDoor.CAMERAS,
        occurred_at=at,
        place_id="cam1",
        place_name="Gate",
        subject_id=subject_id,
        band=Band.UNKNOWN if subject_id is None else Band.MATCH,
        confidence=0.9,
        similarity=0.5,
    )
    return replace(event, **changes)


def maybe(number: int, *subject_ids: str, **changes: Any) -> Event:
    """A visit of somebody who may be one of these, and waits for a review."""
    candidates = tuple(EventCandidate(one, 0.3, 0.35) for one in subject_ids)
    return seen(
        number,
        None,
        **{"band": Band.REVIEW, "candidates": candidates, "review": ReviewState.PENDING, **changes},
    )


def identified(number: int, subject_id: str | None = "ann", **changes: Any) -> Event:
    """Somebody at the attendance door."""
    return seen(
        number,
        subject_id,
        **{
            "kind": EventKind.IDENTIFIED,
            "door": EventDoor.ATTENDANCE,
            "place_id": "",
            "place_name": "",
            **changes,
        },
    )
