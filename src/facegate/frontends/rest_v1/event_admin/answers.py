"""What /v1 answers about events."""

from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import Field

from facegate.domain.events.event import Event, EventDoor, EventKind, ReviewState
from facegate.domain.matching import Band
from facegate.frontends.rest_v1.answers import AnswerModel

FindName = Callable[[str], str | None]
"""The display name of a person, None for somebody who is not (any more) in the gallery."""


class EventCandidateAnswer(AnswerModel):
    """Whom it may have been."""

    subject_id: str
    display_name: str | None
    confidence: float
    similarity: float


class EventAnswer(AnswerModel):
    """Who was seen where and when, and how sure that is."""

    event_id: str
    kind: EventKind
    door: EventDoor
    occurred_at: datetime
    ended_at: datetime | None = Field(description="When a visit was over; null while it lasts.")
    place_id: str = Field(description="Camera, terminal or workstation user; empty where there is none.")
    place_name: str
    subject_id: str | None = Field(description="null for a stranger.")
    display_name: str | None
    band: Band | None
    confidence: float | None
    similarity: float | None
    candidates: list[EventCandidateAnswer]
    has_shot: bool = Field(description="Whether `/v1/events/{event_id}/shot.jpg` is there.")
    review: ReviewState
    reviewed_at: datetime | None
    facts: dict[str, object]


class EventPage(AnswerModel):
    """Events newest first. `next_after` is the `after` of the next page, null on the last."""

    events: list[EventAnswer]
    next_after: str | None


class SummaryBucket(AnswerModel):
    """How many events began in one hour or day (of the zone in which `since` is written)."""

    begins: datetime
    known: int
    strangers: int
    review: int
    by_door: dict[EventDoor, int]


class EventSummary(AnswerModel):
    """Counts over time; spans without events are left out."""

    buckets: list[SummaryBucket]


def event_answer(event: Event, find_name: FindName) -> EventAnswer:
    """The event with names as they are now."""
    return EventAnswer(
        event_id=event.event_id,
        kind=event.kind,
        door=event.door,
        occurred_at=event.occurred_at,
        ended_at=event.ended_at,
        place_id=event.place_id,
        place_name=event.place_name,
        subject_id=event.subject_id,
        display_name=None if event.subject_id is None else find_name(event.subject_id),
        band=event.band,
        confidence=event.confidence,
        similarity=event.similarity,
        candidates=[
            EventCandidateAnswer(
                subject_id=one.subject_id,
                display_name=find_name(one.subject_id),
                confidence=one.confidence,
                similarity=one.similarity,
            )
            for one in event.candidates
        ],
        has_shot=event.has_shot,
        review=event.review,
        reviewed_at=event.reviewed_at,
        facts=_plain(event.facts),
    )


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    return dict(facts)
