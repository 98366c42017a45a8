"""Events of a person who turned out to be another one."""

from collections.abc import Callable
from dataclasses import replace

from facegate.domain.events.concerned import CLAIMED_FACT, LEARNED_FACT, NAMED_BEFORE_FACT
from facegate.domain.events.event import Event, EventCandidate
from facegate.domain.events.review import learned_from


def with_person_replaced(
    event: Event, from_id: str, into_id: str, new_template_id: Callable[[str], str]
) -> Event:
    """The event with one person in the place of another; the same one where they are not in it.

    `new_template_id` tells under which id a template of theirs is known now.
    """
    facts = dict(event.facts)
    for name in (CLAIMED_FACT, NAMED_BEFORE_FACT):
        if facts.get(name) == from_id:
            facts[name] = into_id
    learned = learned_from(event)
    if learned is not None and learned.subject_id == from_id:
        facts[LEARNED_FACT] = {"template_id": new_template_id(learned.template_id), "subject_id": into_id}
    return replace(
        event,
        subject_id=into_id if event.subject_id == from_id else event.subject_id,
        candidates=_candidates(event, from_id, into_id),
        facts=facts,
    )


def _candidates(event: Event, from_id: str, into_id: str) -> tuple[EventCandidate, ...]:
    """Each person once, at the better of their places."""
    found: dict[str, EventCandidate] = {}
    for one in event.candidates:
        renamed = replace(one, subject_id=into_id) if one.subject_id == from_id else one
        found.setdefault(renamed.subject_id, renamed)
    return tuple(found.values())
