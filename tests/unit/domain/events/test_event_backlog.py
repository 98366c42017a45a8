"""What a slow listener gets: everything in order, or how many are missing and where."""

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.use_cases.events.happened import seen

from facegate.domain.events.event import Event
from facegate.domain.events.event_backlog import EventBacklog, Missed


def test_the_oldest_stay_and_the_gap_is_told_in_its_place() -> None:
    backlog = EventBacklog(2)
    events = [seen(number) for number in range(5)]
    for event in events[:4]:
        backlog.add(event)
    assert len(backlog) == 3
    assert backlog.take() == events[0]
    backlog.add(events[4])
    assert [backlog.take() for _ in range(4)] == [events[1], Missed(2), events[4], None]


@given(st.lists(st.booleans(), max_size=200), st.integers(0, 5))
def test_every_event_is_taken_or_counted(steps: list[bool], max_events: int) -> None:
    backlog = EventBacklog(max_events)
    taken: list[Event | Missed] = []
    added = 0
    for is_added in steps:
        if is_added:
            backlog.add(seen(added))
            added += 1
        elif (found := backlog.take()) is not None:
            taken.append(found)
    while (found := backlog.take()) is not None:
        taken.append(found)
    position = 0
    for one in taken:
        if isinstance(one, Missed):
            assert one.count > 0
            position += one.count
        else:
            assert one == seen(position)
            position += 1
    assert position == added
