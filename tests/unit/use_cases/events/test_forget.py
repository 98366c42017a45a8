"""Events stay, persons go."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.fakes.engine import FAKE_IDENTITY
from tests.fakes.events import FakeEventStore
from tests.fakes.shots import InMemoryShotStore
from tests.unit.use_cases.conftest import CURVE, Core
from tests.unit.use_cases.events.happened import seen
from typing_extensions import override

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import EventDoor
from facegate.domain.gallery import Enrolment
from facegate.domain.matching import MatchPolicy
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.forget import ForgetEvents, ForgetGone
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.gallery import Gallery


class StubbornShots(InMemoryShotStore):
    """Cannot delete while it is told so."""

    is_stubborn = False

    @override
    def delete(self, event_ids: Collection[str]) -> int:
        if self.is_stubborn:
            raise StoreFailed("the disk is read-only")
        return super().delete(event_ids)


def test_a_persons_pictures_go_with_their_name() -> None:
    store, shots = FakeEventStore(), StubbornShots()
    store.add_events([seen(1, has_shot=True), seen(2, "bob", has_shot=True)])
    for number in (1, 2):
        shots.save(seen(number).event_id, b"jpeg")
    ForgetEvents(store, shots)(["ann"])
    assert [event.subject_id for event in store.events.values()] == [None, "bob"]
    assert shots.list_ids() == [seen(2).event_id]


def test_pictures_that_could_not_be_deleted_go_when_it_is_tried_again() -> None:
    store, shots = FakeEventStore(), StubbornShots()
    store.add_events([seen(1, has_shot=True)])
    shots.save(seen(1).event_id, b"jpeg")
    forget = ForgetEvents(store, shots)
    shots.is_stubborn = True
    with pytest.raises(StoreFailed):
        forget(["ann"])
    shots.is_stubborn = False
    forget(["ann"])
    assert shots.list_ids() == []


def test_only_those_who_are_gone_are_forgotten() -> None:
    forgotten: list[str] = []
    forget_gone = ForgetGone(lambda subject_id: subject_id == "ann", forgotten.extend)
    forget_gone(["ann"])
    assert forgotten == []
    forget_gone(["ann", "bob"])
    assert forgotten == ["bob"]


def test_nobody_is_asked_for_twice_while_nobody_is_removed() -> None:
    enrolled, asked, forgotten = {"ann", "bob"}, list[str](), list[str]()
    removals = 0

    def is_enrolled(subject_id: str) -> bool:
        asked.append(subject_id)
        return subject_id in enrolled

    forget_gone = ForgetGone(is_enrolled, forgotten.extend, lambda: removals)
    for _ in range(3):
        forget_gone(["ann"])
        forget_gone(["ann", "bob"])
    assert asked == ["ann", "bob"]
    enrolled.discard("ann")
    removals += 1
    forget_gone(["bob"])
    forget_gone(["bob", "ann"])
    forget_gone(["bob", "ann"])
    assert asked[2:] == ["bob", "ann", "ann"]
    assert forgotten == ["ann", "ann"]


def test_events_that_are_written_while_somebody_is_removed_never_name_them(core: Core) -> None:
    store, shots = FakeEventStore(), StubbornShots()
    forget = ForgetEvents(store, shots)
    gallery = Gallery(core.store, ExactTemplateIndex(FAKE_IDENTITY), MatchPolicy(CURVE), [forget])
    forget_gone = ForgetGone(
        lambda subject_id: gallery.find_subject(subject_id) is not None,
        forget,
        lambda: gallery.removal_count,
    )
    names = [f"person {number}" for number in range(20)]
    for name in names:
        gallery.enrol(Enrolment(name, (), core.clock.now_utc()))
    log = EventLog(store, LiveEvents(), core.clock, frozenset(EventDoor), forget_gone=forget_gone)

    def write(first: int) -> None:
        for number in range(first, 400, 4):
            log.record([seen(number, names[number % 20])])

    with ThreadPoolExecutor(5) as pool:
        writing = [pool.submit(write, first) for first in range(4)]
        for name in names[:10]:
            gallery.remove_subject(name)
    assert [one.result() for one in writing] == [None] * 4
    log.close()
    assert {event.subject_id for event in store.events.values()} == {None, *names[10:]}
