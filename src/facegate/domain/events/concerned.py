"""Whom an event tells something about, and what is kept of a human's decision when others change it."""

from dataclasses import replace

from facegate.domain.events.event import Event, EventDoor, ReviewState

CLAIMED_FACT = "claimed_id"
"""In facts: whom somebody said to be."""

LEARNED_FACT = "learned"
"""In facts: the template that a review made of the event's shot, `{template_id, subject_id}`."""

NAMED_BEFORE_FACT = "named_before_review"
"""In facts: whom the engine had named, None for nobody; there once a human has decided."""

DECIDED = frozenset({ReviewState.CONFIRMED, ReviewState.CORRECTED, ReviewState.DISMISSED})


def concerned_subject_ids(event: Event) -> frozenset[str]:
    """Everybody of the gallery who is named in the event; a workstation is its user."""
    ids = {candidate.subject_id for candidate in event.candidates}
    if event.subject_id is not None:
        ids.add(event.subject_id)
    claimed = event.facts.get(CLAIMED_FACT)
    if isinstance(claimed, str):
        ids.add(claimed)
    if event.door is EventDoor.PRESENCE and event.place_id:
        ids.add(event.place_id)
    return frozenset(ids)


def with_decision_of(stored: Event, newer: Event) -> Event:
    """The newer state of an event, but for what a human has decided about the stored one.

    Who watches a visit holds the event as it was when it began; the visit may be reviewed before it ends.
    """
    if stored.review not in DECIDED or newer.review in DECIDED:
        return newer
    kept = {name: stored.facts[name] for name in (LEARNED_FACT, NAMED_BEFORE_FACT) if name in stored.facts}
    return replace(
        newer,
        subject_id=stored.subject_id,
        review=stored.review,
        reviewed_at=stored.reviewed_at,
        facts={**newer.facts, **kept},
    )
