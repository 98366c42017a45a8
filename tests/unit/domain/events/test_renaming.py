"""Events of a person who was merged into another one."""

from dataclasses import replace

from tests.unit.use_cases.events.happened import NOON, maybe, seen

from facegate.domain.events.concerned import CLAIMED_FACT, concerned_subject_ids
from facegate.domain.events.event import ReviewState
from facegate.domain.events.renaming import with_person_replaced
from facegate.domain.events.review import Learned, decided, learned_from


def test_the_other_person_stands_wherever_the_first_one_did() -> None:
    event = decided(seen(1, "ann"), ReviewState.CONFIRMED, "ann", Learned("t1", "ann"), NOON)
    event = replace(event, facts={**event.facts, CLAIMED_FACT: "ann"})
    renamed = with_person_replaced(event, "ann", "anna", lambda template_id: template_id + "-moved")
    assert concerned_subject_ids(renamed) == {"anna"}
    assert learned_from(renamed) == Learned("t1-moved", "anna")
    assert "ann" not in renamed.facts.values()


def test_somebody_who_was_two_candidates_is_one() -> None:
    renamed = with_person_replaced(maybe(1, "ann", "bob", "anna"), "ann", "anna", str)
    assert [one.subject_id for one in renamed.candidates] == ["anna", "bob"]


def test_events_of_others_stay_as_they_are() -> None:
    event = decided(seen(1, "bob"), ReviewState.CONFIRMED, "bob", Learned("t1", "bob"), NOON)
    assert with_person_replaced(event, "ann", "anna", lambda _: "moved") == event
