"""Whom an event names, and that a human's decision is not undone by a camera."""

from dataclasses import replace

from tests.unit.use_cases.events.happened import NOON, maybe, seen

from facegate.domain.events.concerned import (
    CLAIMED_FACT,
    LEARNED_FACT,
    concerned_subject_ids,
    with_decision_of,
)
from facegate.domain.events.event import EventDoor, ReviewState
from facegate.domain.events.review import Learned, decided


def test_everybody_who_is_named_is_concerned() -> None:
    event = replace(maybe(1, "ann", "bob"), subject_id="cat", facts={CLAIMED_FACT: "dan", "quality": 0.5})
    assert concerned_subject_ids(event) == {"ann", "bob", "cat", "dan"}
    assert concerned_subject_ids(seen(1, None)) == set()


def test_a_workstation_is_its_user_and_a_camera_is_nobody() -> None:
    assert concerned_subject_ids(seen(1, None, door=EventDoor.PRESENCE, place_id="eve")) == {"eve"}
    assert concerned_subject_ids(seen(1, None, place_id="cam1")) == set()


def test_the_end_of_a_visit_keeps_what_was_decided_meanwhile() -> None:
    begun = maybe(1, "ann")
    reviewed = decided(begun, ReviewState.CORRECTED, "bob", Learned("t1", "bob"), NOON)
    ended = with_decision_of(reviewed, replace(begun, ended_at=NOON, facts={"duration_s": 3}))
    assert (ended.subject_id, ended.review, ended.reviewed_at) == ("bob", ReviewState.CORRECTED, NOON)
    assert ended.ended_at == NOON
    assert ended.facts["duration_s"] == 3
    assert ended.facts[LEARNED_FACT] == {"template_id": "t1", "subject_id": "bob"}


def test_without_a_decision_the_newer_state_counts() -> None:
    begun = maybe(1, "ann")
    named = seen(1, "ann")
    assert with_decision_of(begun, named) == named
