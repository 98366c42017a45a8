"""A person who is forgotten is nowhere in what is left, and what says nothing of the person stays."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.enrolments import later

from facegate.domain.events.event import (
    Event,
    EventCandidate,
    EventDoor,
    EventKind,
    EventQuery,
    ReviewState,
    new_event_id,
)
from facegate.domain.events.forgotten import (
    facts_without,
    may_be_about,
    mentions,
    names_anybody,
    without_people,
)
from facegate.domain.matching import Band

people = st.sampled_from(["anna", "bob", "cleo"])
facts = st.dictionaries(
    st.sampled_from(["a", "b", "anna"]),
    st.recursive(
        st.none() | st.integers() | people,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "bob"]), inner),
        max_leaves=6,
    ),
    max_size=3,
)
events = st.builds(
    Event,
    event_id=st.builds(new_event_id),
    kind=st.sampled_from(EventKind),
    door=st.sampled_from(EventDoor),
    occurred_at=st.just(later(0)),
    place_id=people | st.just("cam1"),
    subject_id=st.none() | people,
    band=st.none() | st.sampled_from(Band),
    candidates=st.lists(st.builds(EventCandidate, people, st.just(0.5), st.just(0.5))).map(tuple),
    has_shot=st.booleans(),
    review=st.sampled_from(ReviewState),
    facts=facts,
)


@given(event=events, gone=st.sets(people))
def test_nobody_who_is_forgotten_is_left(event: Event, gone: set[str]) -> None:
    left = without_people(event, gone)
    assert not names_anybody(left, gone)
    assert not may_be_about(left, gone)
    assert without_people(left, gone) == left
    assert (left.event_id, left.kind, left.door, left.band) == (
        event.event_id,
        event.kind,
        event.door,
        event.band,
    )


@given(event=events, gone=st.sets(people))
def test_an_event_that_names_none_of_them_stays_as_it_is(event: Event, gone: set[str]) -> None:
    if not names_anybody(event, gone):
        assert without_people(event, gone) == event


@given(event=events, gone=st.sets(people))
def test_a_picture_goes_where_it_may_show_one_of_them(event: Event, gone: set[str]) -> None:
    left = without_people(event, gone)
    assert left.has_shot == (event.has_shot and not may_be_about(event, gone))
    if event.subject_id not in (None, *gone):
        assert left.has_shot == event.has_shot


@given(event=events)
def test_a_forgotten_person_does_not_become_a_stranger(event: Event) -> None:
    left = without_people(event, {"anna", "bob", "cleo"})
    if event.band is Band.MATCH:
        assert not left.is_stranger


def test_facts_lose_what_is_about_the_person_and_keep_the_rest() -> None:
    told: dict[str, Any] = {
        "claimed_id": "anna",
        "learned": {"template_id": "t1", "subject_id": "anna"},
        "faces": [{"who": "anna", "size": 3}, {"who": "bob", "size": 4}, "anna", ["anna"]],
        "deep": {"deeper": {"name": "anna", "n": 1}, "n": 2},
        "anna": 5,
        "text": "anna was here",
        "none": None,
    }
    assert facts_without(told, {"anna"}) == {
        "faces": [{"who": "bob", "size": 4}, []],
        "deep": {"n": 2},
        "text": "anna was here",
        "none": None,
    }
    assert mentions(told, {"anna"})
    assert mentions(told, {"claimed_id"})
    assert not mentions(told, {"cleo"})


@given(event=events, subject_id=st.none() | people, is_stranger=st.none() | st.booleans())
def test_a_query_accepts_what_it_asks_for(
    event: Event, subject_id: str | None, is_stranger: bool | None
) -> None:
    query = EventQuery(subject_id=subject_id, is_stranger=is_stranger, doors=frozenset({event.door}))
    expected = subject_id in (None, event.subject_id) and is_stranger in (None, event.is_stranger)
    assert query.accepts(event) == expected
    assert not EventQuery(before_id=event.event_id).accepts(event)
    assert EventQuery(from_at=event.occurred_at).accepts(event)
    assert not EventQuery(until_at=event.occurred_at).accepts(event)
