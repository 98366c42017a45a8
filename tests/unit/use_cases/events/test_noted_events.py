"""A queue that keeps nobody waiting, and loses in an outage only what finds no room."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

import pytest
from tests.fakes.gallery import FakeClock
from tests.unit.use_cases.events.happened import identified

from facegate.domain.errors import InvalidInput, StoreFailed
from facegate.domain.events.event import Event
from facegate.use_cases.events.noted_events import NotedEvents, NotedOptions

QUICK = NotedOptions(linger_s=0.0, retry_min_s=0.005, retry_max_s=0.01)


class Paper:
    """What is written on. It can be away, slow, or refuse certain events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.sizes: list[int] = []
        self.is_away = False
        self.gate = threading.Event()
        self.gate.set()
        self.attempts = 0
        self.refused: dict[str, Exception] = {}

    def __call__(self, events: Sequence[Event]) -> None:
        self.attempts += 1
        assert self.gate.wait(10)
        if self.is_away:
            raise StoreFailed("the database is away")
        for event in events:
            if event.event_id in self.refused:
                raise self.refused[event.event_id]
        self.events += events
        self.sizes.append(len(events))


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_what_comes_during_a_transaction_shares_the_next_one() -> None:
    paper = Paper()
    paper.gate.clear()
    noted = NotedEvents(paper, FakeClock(), QUICK)
    noted.add(identified(0))
    until(lambda: paper.attempts == 1)
    for number in range(1, 100):
        noted.add(identified(number))
    assert noted.counts().waiting == 100
    paper.gate.set()
    noted.close()
    assert paper.sizes == [1, 99]
    assert paper.events == [identified(number) for number in range(100)]


def test_nobody_waits_for_a_store_that_hangs() -> None:
    paper = Paper()
    paper.gate.clear()
    noted = NotedEvents(paper, FakeClock(), QUICK)
    began = time.monotonic()
    for number in range(1000):
        noted.add(identified(number))
    assert time.monotonic() - began < 5
    assert paper.events == []
    paper.gate.set()
    noted.close()
    assert len(paper.events) == 1000


def test_an_outage_loses_nothing_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    paper, clock = Paper(), FakeClock()
    paper.is_away = True
    noted = NotedEvents(paper, clock, QUICK)
    for number in range(50):
        noted.add(identified(number))
    until(lambda: paper.attempts > 20)
    clock.advance(90)
    paper.is_away = False
    until(lambda: noted.counts().waiting == 0)
    noted.close()
    assert paper.events == [identified(number) for number in range(50)]
    assert [record.getMessage() for record in caplog.records] == [
        "events of doors wait until they can be stored: the database is away",
        "events of doors are stored again after 90 s; 0 were dropped",
    ]


def test_what_finds_no_room_is_counted_and_told_once_per_outage(caplog: pytest.LogCaptureFixture) -> None:
    paper = Paper()
    options = NotedOptions(max_waiting=10, linger_s=0.0, retry_min_s=0.005, retry_max_s=0.01)
    noted = NotedEvents(paper, FakeClock(), options)
    for outage in (1, 2):
        caplog.clear()
        paper.is_away = True
        for number in range(25):
            noted.add(identified(100 * outage + number))
        assert noted.counts().dropped == 15 * outage
        until(lambda: "wait until" in caplog.text)
        paper.is_away = False
        until(lambda: noted.counts().waiting == 0)
        until(lambda: "stored again" in caplog.text)
        assert caplog.text.count("events are dropped") == 1
        assert "15 were dropped" in caplog.text
    noted.close()
    kept = [*range(100, 110), *range(200, 210)]
    assert paper.events == [identified(number) for number in kept]


@pytest.mark.parametrize("error", [InvalidInput("no"), KeyError("a bug"), StoreFailed("not this one")])
def test_an_event_that_cannot_be_stored_keeps_no_other_one_out(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    paper = Paper()
    paper.refused[identified(3).event_id] = error
    noted = NotedEvents(paper, FakeClock(), QUICK)
    paper.gate.clear()
    for number in range(10):
        noted.add(identified(number))
    paper.gate.set()
    until(lambda: len(paper.events) == 9)
    # A failure of the store is believed to be its own only while it takes others.
    number = 10
    while noted.counts().waiting:
        noted.add(identified(number))
        number += 1
        time.sleep(0.002)
    noted.close()
    assert noted.counts().refused == 1
    assert "was not stored" in caplog.text
    assert paper.events[:9] == [identified(number) for number in range(10) if number != 3]


def test_the_end_does_not_wait_for_a_store_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    paper = Paper()
    paper.is_away = True
    noted = NotedEvents(paper, FakeClock(), NotedOptions(linger_s=0.0, retry_min_s=30.0))
    noted.add(identified(1))
    until(lambda: paper.attempts > 0)
    noted.add(identified(2))
    noted.close()
    assert "2 events were lost" in caplog.text
    noted.add(identified(3))
    assert noted.counts().dropped == 1


def test_a_store_that_hangs_does_not_hold_up_the_end(caplog: pytest.LogCaptureFixture) -> None:
    paper = Paper()
    paper.gate.clear()
    noted = NotedEvents(paper, FakeClock(), NotedOptions(linger_s=0.0, close_timeout_s=0.05))
    noted.add(identified(1))
    until(lambda: paper.attempts == 1)
    noted.close()
    assert "1 events were lost" in caplog.text
    paper.gate.set()
    until(lambda: noted.counts().waiting == 0)
