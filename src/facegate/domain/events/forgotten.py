"""What is left of an event when persons in it are forgotten."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from facegate.domain.events.event import Event, EventDoor, ReviewState


def may_be_about(event: Event, subject_ids: Collection[str]) -> bool:
    """Whether one of them is the person, or may be: then its picture and what was told of it go."""
    is_open = event.subject_id is None and event.review is not ReviewState.DISMISSED
    is_candidate = any(candidate.subject_id in subject_ids for candidate in event.candidates)
    return event.subject_id in subject_ids or (is_open and is_candidate)


def names_anybody(event: Event, subject_ids: Collection[str]) -> bool:
    """Whether one of them stands anywhere in the event."""
    return (
        event.subject_id in subject_ids
        or _is_place_of(event, subject_ids)
        or any(candidate.subject_id in subject_ids for candidate in event.candidates)
        or mentions(event.facts, subject_ids)
    )


def without_people(event: Event, subject_ids: Collection[str]) -> Event:
    """The event as it may stay: when and where something happened, and how sure the engine was.

    Facts of an event that is theirs go altogether: a terminal's hold a name, a door's may hold a number.
    An event that waits for a review waits no more when nobody remains to choose from.
    """
    is_theirs = event.subject_id in subject_ids
    is_their_place = _is_place_of(event, subject_ids)
    candidates = tuple(one for one in event.candidates if one.subject_id not in subject_ids)
    had_anybody = is_theirs or bool(event.candidates)
    is_review_idle = event.review is ReviewState.PENDING and had_anybody and not candidates
    return replace(
        event,
        subject_id=None if is_theirs else event.subject_id,
        candidates=candidates,
        facts={} if is_theirs else facts_without(event.facts, subject_ids),
        place_id="" if is_their_place else event.place_id,
        place_name="" if is_their_place else event.place_name,
        has_shot=event.has_shot and not may_be_about(event, subject_ids),
        review=ReviewState.NOT_NEEDED if is_review_idle else event.review,
    )


def mentions(part: object, subject_ids: Collection[str]) -> bool:
    """Whether one of them stands in facts, as a value or as a name, however deep."""
    if isinstance(part, Mapping):
        return any(mentions(piece, subject_ids) for pair in part.items() for piece in pair)
    if isinstance(part, list | tuple):
        return any(mentions(piece, subject_ids) for piece in part)
    return isinstance(part, str) and part in subject_ids


def facts_without(facts: Mapping[str, object], subject_ids: Collection[str]) -> dict[str, object]:
    """The facts but for what says something about them: inner facts that name one of them go as a whole."""
    return {
        name: _cleaned(value, subject_ids)
        for name, value in facts.items()
        if name not in subject_ids and not _is_about(value, subject_ids)
    }


def _cleaned(part: object, subject_ids: Collection[str]) -> object:
    if isinstance(part, Mapping):
        return facts_without(part, subject_ids)
    if isinstance(part, list | tuple):
        return [_cleaned(piece, subject_ids) for piece in part if not _is_about(piece, subject_ids)]
    return part


def _is_about(part: object, subject_ids: Collection[str]) -> bool:
    if isinstance(part, Mapping):
        return any(isinstance(value, str) and value in subject_ids for value in part.values())
    return isinstance(part, str) and part in subject_ids


def _is_place_of(event: Event, subject_ids: Collection[str]) -> bool:
    """A workstation's place is its user; ids of cameras and terminals may look like a person's by chance."""
    return event.door is EventDoor.PRESENCE and event.place_id in subject_ids
