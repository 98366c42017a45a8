"""What waits for a slow listener."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.event_backlog import MISSED_EVENT, EventBacklog

START = datetime(2026, 3, 4, tzinfo=UTC)


def event(number: int) -> TerminalEvent:
    return TerminalEvent("activity", "A1", START + timedelta(seconds=number), {"number": number})


@given(max_events=st.integers(1, 6), steps=st.lists(st.booleans(), max_size=60))
def test_every_event_is_seen_in_order_or_counted_in_its_place(max_events: int, steps: list[bool]) -> None:
    backlog, added, accounted = EventBacklog(max_events), 0, 0

    def look() -> bool:
        nonlocal accounted
        seen = backlog.take()
        if seen is None:
            return False
        if seen.name == MISSED_EVENT:
            count = seen.facts["count"]
            assert isinstance(count, int)
            assert count > 0
            accounted += count
            assert seen.at == event(accounted - 1).at
        else:
            assert seen == event(accounted)
            accounted += 1
        return True

    for is_added in steps:
        if is_added:
            backlog.add(event(added))
            added += 1
        else:
            look()
        assert len(backlog) <= max_events + 2
    while look():
        pass
    assert accounted == added
    assert len(backlog) == 0


def test_without_trouble_nothing_is_missed() -> None:
    backlog = EventBacklog(3)
    for number in range(3):
        backlog.add(event(number))
    assert [backlog.take() for _ in range(4)] == [event(0), event(1), event(2), None]
