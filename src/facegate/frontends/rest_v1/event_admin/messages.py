"""What clients ask /v1 about events. No framework here."""

import unicodedata
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from facegate.domain.errors import InvalidInput
from facegate.domain.events.event import EventDoor, EventKind, EventQuery, ReviewState
from facegate.domain.matching import Band
from facegate.domain.subjects import MAX_SUBJECT_ID_CHARS, parse_subject_id
from facegate.frontends.rest_v1.messages import Moment, SubjectIdInput

EVENT_ID_PATTERN = "^[0-9a-f]{32}$"

MAX_SUMMARY = timedelta(days=366)


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class EventFilter(_Message):
    """Which events are wanted; what is not named does not restrict."""

    subject_id: Annotated[str, Field(min_length=1, max_length=MAX_SUBJECT_ID_CHARS)] | None = Field(
        None, description="Only of this person."
    )
    stranger: bool | None = Field(None, description="Only of strangers, or of everybody else.")
    door: list[EventDoor] = Field([], max_length=20)
    kind: list[EventKind] = Field([], max_length=20)
    band: list[Band] = Field([], max_length=3)
    review: list[ReviewState] = Field([], max_length=5)
    place_id: str | None = Field(
        None, max_length=128, description="Camera, terminal or workstation user of this id."
    )
    since: Moment | None = Field(None, description="Not before this moment.")
    until: Moment | None = Field(None, description="Before this moment.")


class EventPageQuery(EventFilter):
    """A page of events, newest first."""

    after: str | None = Field(
        None, pattern=EVENT_ID_PATTERN, description="The `next_after` of the page before."
    )
    limit: int = Field(50, ge=1, le=500)


class LiveEventQuery(EventFilter):
    """What to listen to."""


class SummaryQuery(_Message):
    """Which days are counted."""

    since: Moment
    until: Moment
    by: Literal["hour", "day"] = "day"


class ConfirmMessage(_Message):
    """`learn` also enrols the event's picture for the person."""

    learn: bool = False


class CorrectMessage(_Message):
    """Who it really was."""

    subject_id: SubjectIdInput
    learn: bool = False


def event_query(wanted: EventFilter, *, before_id: str | None = None) -> EventQuery:
    """The same in the domain's words.

    Raises:
        InvalidInput: an id that nobody and nothing can have.
    """
    if wanted.place_id is not None and any(unicodedata.category(char) == "Cc" for char in wanted.place_id):
        raise InvalidInput("place_id holds a control character", field="place_id")
    return EventQuery(
        subject_id=None if wanted.subject_id is None else parse_subject_id(wanted.subject_id),
        is_stranger=wanted.stranger,
        doors=frozenset(wanted.door),
        kinds=frozenset(wanted.kind),
        bands=frozenset(wanted.band),
        reviews=frozenset(wanted.review),
        place_id=wanted.place_id,
        from_at=wanted.since,
        until_at=wanted.until,
        before_id=before_id,
    )
