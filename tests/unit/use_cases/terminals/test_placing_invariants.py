"""Placing, removing and deliveries in any order, to a terminal in any mood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.use_cases.terminals.people_core import people_in_memory
from tests.unit.use_cases.terminals.placing_hall import Device, Hall

from facegate.domain.terminals.enrolments import PlacementState
from facegate.use_cases.terminals import deliver_placements

NAMES = st.sampled_from(["ann", "bob", "eve"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), NAMES),
        st.tuples(st.just("remove"), NAMES),
        st.tuples(st.just("leave"), NAMES),
        st.tuples(st.sampled_from(["run", "refuse", "swallow", "deaf", "break"]), NAMES),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_happened_store_and_terminal_agree_in_the_end(steps: list[tuple[str, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliver_placements, "PAUSE_S", 0.0)
        hall, device = Hall(people_in_memory()), Device()
        for step, name in steps:
            match step:
                case "place":
                    hall.place(name)
                case "remove":
                    hall.placing.remove(name)
                case "leave" if hall.core.gallery.find_subject(name) is not None:
                    hall.core.gallery.remove_subject(name)
                case "run" | "refuse" | "swallow" | "deaf" | "break":
                    _run_in_a_mood(hall, device, step, name)
        hall.run(device)
        rows = {one.enroll_id: one for one in hall.placing.list()}
        assert {one.state for one in rows.values()} <= {PlacementState.PLACED, PlacementState.REFUSED}
        assert all(hall.core.gallery.find_subject(one.subject_id) for one in rows.values())
        placed = {number for number, one in rows.items() if one.state is PlacementState.PLACED}
        assert placed <= {number for number, held in device.people.items() if 50 in held} <= rows.keys()


def _run_in_a_mood(hall: Hall, device: Device, mood: str, name: str) -> None:
    subject = hall.core.gallery.find_subject(name)
    number = {subject.enrolment_number} if subject is not None and subject.enrolment_number else set()
    device.refuses = number if mood == "refuse" else set()
    device.swallows = number if mood == "swallow" else set()
    device.is_deaf_for = number if mood == "deaf" else set()
    device.breaks_after = len(device.words) + len(name) if mood == "break" else None
    hall.run(device)
    device.refuses = device.swallows = device.is_deaf_for = set()
    device.breaks_after = None
