"""What a decision makes of an event."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.use_cases.events.happened import NOON, maybe, seen

from facegate.domain.errors import InvalidInput
from facegate.domain.events.event import Event, EventKind, ReviewState
from facegate.domain.events.review import (
    Learned,
    check_reviewable,
    decided,
    learned_from,
    named_by_engine,
    suggested,
)


@pytest.mark.parametrize("kind", [EventKind.CAMERA_DOWN, EventKind.CAMERA_UP, EventKind.VIOLATION])
def test_what_is_of_nobodys_face_is_not_reviewed(kind: EventKind) -> None:
    with pytest.raises(InvalidInput, match="nothing to review"):
        check_reviewable(seen(1, None, kind=kind))


def test_the_person_named_is_suggested_and_else_the_first_candidate() -> None:
    assert suggested(seen(1, "ann")) == "ann"
    assert suggested(maybe(1, "bob", "ann")) == "bob"
    assert suggested(seen(1, None)) is None


def test_whom_the_engine_named_is_known_after_any_number_of_decisions() -> None:
    event = decided(seen(1, "ann"), ReviewState.DISMISSED, None, None, NOON)
    assert (event.subject_id, suggested(event)) == (None, "ann")
    event = decided(event, ReviewState.CORRECTED, "bob", None, NOON)
    assert (named_by_engine(event), suggested(event)) == ("ann", "bob")


def test_the_same_decision_again_changes_nothing_not_even_its_time() -> None:
    learned = Learned("t1", "bob")
    once = decided(maybe(1, "ann"), ReviewState.CORRECTED, "bob", learned, NOON)
    assert decided(once, ReviewState.CORRECTED, "bob", learned, NOON + timedelta(hours=1)) is once
    assert learned_from(once) == learned


DECISIONS = st.sampled_from(
    [
        (ReviewState.CONFIRMED, "ann", None),
        (ReviewState.CONFIRMED, "ann", Learned("t1", "ann")),
        (ReviewState.CORRECTED, "bob", Learned("t2", "bob")),
        (ReviewState.DISMISSED, None, None),
    ]
)


@given(st.lists(DECISIONS, min_size=1, max_size=6))
def test_the_last_decision_stands_and_nothing_of_earlier_ones(
    decisions: list[tuple[ReviewState, str | None, Learned | None]],
) -> None:
    def through(event: Event, steps: list[tuple[ReviewState, str | None, Learned | None]]) -> Event:
        for state, subject_id, learned in steps:
            event = decided(event, state, subject_id, learned, NOON)
        return event

    assert through(seen(1), decisions) == through(seen(1), decisions[-1:])
