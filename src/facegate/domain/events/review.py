"""What a human's decision makes of an event."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from facegate.domain.errors import InvalidInput
from facegate.domain.events.concerned import DECIDED, LEARNED_FACT, NAMED_BEFORE_FACT
from facegate.domain.events.event import Event, EventKind, ReviewState

_OF_A_FACE = frozenset(
    {EventKind.SEEN, EventKind.LEFT, EventKind.IDENTIFIED, EventKind.VERIFIED, EventKind.SCAN}
)


@dataclass(frozen=True, slots=True)
class Learned:
    """The template that a review made of an event's shot, and whose it is."""

    template_id: str
    subject_id: str


def check_reviewable(event: Event) -> None:
    """Raises InvalidInput for an event that names nobody, such as a camera that is down."""
    if event.kind not in _OF_A_FACE:
        raise InvalidInput("in this event nobody's face was recognised: there is nothing to review")


def named_by_engine(event: Event) -> str | None:
    """Whom the engine had named before anybody looked; None for nobody."""
    if event.review in DECIDED:
        named = event.facts.get(NAMED_BEFORE_FACT)
        return named if isinstance(named, str) else None
    return event.subject_id


def suggested(event: Event) -> str | None:
    """Whom to confirm: the person named, else the closest one; None where there is nobody."""
    named = event.subject_id or named_by_engine(event)
    if named is None and event.candidates:
        return event.candidates[0].subject_id
    return named


def learned_from(event: Event) -> Learned | None:
    """What was learned from the event, if anything."""
    found = event.facts.get(LEARNED_FACT)
    if not isinstance(found, Mapping):
        return None
    template_id, subject_id = found.get("template_id"), found.get("subject_id")
    if not isinstance(template_id, str):
        return None
    return Learned(template_id, subject_id if isinstance(subject_id, str) else "")


def decided(
    event: Event, review: ReviewState, subject_id: str | None, learned: Learned | None, at: datetime
) -> Event:
    """The event after the decision; the same one where it was decided so before."""
    facts = {name: value for name, value in event.facts.items() if name != LEARNED_FACT}
    facts[NAMED_BEFORE_FACT] = named_by_engine(event)
    if learned is not None:
        facts[LEARNED_FACT] = {"template_id": learned.template_id, "subject_id": learned.subject_id}
    changed = replace(event, review=review, subject_id=subject_id, facts=facts)
    return event if changed == event else replace(changed, reviewed_at=at)
