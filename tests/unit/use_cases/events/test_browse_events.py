"""Reading the history."""

import pytest
from tests.fakes.events import FakeEventStore
from tests.fakes.shots import InMemoryShotStore
from tests.unit.use_cases.events.happened import seen

from facegate.domain.errors import EventNotFound
from facegate.domain.events.event import EventQuery
from facegate.use_cases.events.browse_events import BrowseEvents


@pytest.fixture
def browse() -> BrowseEvents:
    store, shots = FakeEventStore(), InMemoryShotStore()
    store.add_events([seen(1, has_shot=True), seen(2, "bob", has_shot=True), seen(3, None)])
    for number in (1, 3):
        shots.save(seen(number).event_id, b"jpeg %d" % number)
    return BrowseEvents(store, shots)


def test_pages_are_newest_first(browse: BrowseEvents) -> None:
    first = browse.list(EventQuery(), 2)
    assert [event.event_id for event in first] == [seen(3).event_id, seen(2).event_id]
    assert browse.list(EventQuery(before_id=first[-1].event_id), 2) == [seen(1, has_shot=True)]
    assert [event.subject_id for event in browse.iterate(EventQuery())] == ["ann", "bob", None]
    assert browse.count(EventQuery(is_stranger=True)) == 1


def test_an_event_is_found_or_it_is_said(browse: BrowseEvents) -> None:
    assert browse.get(seen(2).event_id).subject_id == "bob"
    with pytest.raises(EventNotFound):
        browse.get(seen(4).event_id)


def test_a_picture_is_shown_only_where_the_event_knows_of_it(browse: BrowseEvents) -> None:
    assert browse.shot(seen(1).event_id) == b"jpeg 1"
    for number in (2, 3, 4):  # lost, left over, of nothing
        with pytest.raises(EventNotFound):
            browse.shot(seen(number).event_id)
    assert browse.shots_bytes() == 12
