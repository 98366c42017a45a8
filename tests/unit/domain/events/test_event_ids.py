"""Ids of events: in the order in which they were made."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from facegate.domain.events.event import new_event_id


def test_each_id_is_greater_than_the_one_before() -> None:
    ids = [new_event_id() for _ in range(100_000)]
    assert ids == sorted(set(ids))
    assert {len(one) for one in ids} == {32}


def test_a_clock_that_is_set_back_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_event_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert before < new_event_id() < new_event_id()


def test_threads_get_ids_of_their_own() -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: new_event_id(), range(2000)))
    assert len(set(ids)) == len(ids)
