"""Storing activity in groups: nothing acknowledged before it is durable, nobody kept out by another."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from tests.fakes.terminals import FakeActivityStore
from typing_extensions import override

from facegate.domain.errors import EngineOverloaded, InvalidInput, StoreFailed
from facegate.domain.terminals.activity import ActivityQuery, ActivityRecord, AddedActivity, NewActivity
from facegate.use_cases.terminals import recorder as recorder_module
from facegate.use_cases.terminals.recorder import ActivityRecorder

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def records(*enroll_ids: int, serial_number: str = "ZX1") -> list[NewActivity]:
    return [
        NewActivity(serial_number, ActivityRecord(enroll_id, "2026-01-02 00:00:00"), NOW)
        for enroll_id in enroll_ids
    ]


class GatedStore(FakeActivityStore):
    """Counts transactions; holds them while the gate is shut; fails for poisoned records."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.has_begun = threading.Event()
        self.sizes: list[int] = []
        self.failure: Exception | None = None
        self.poison = -1

    @override
    def add_activity(self, records: Sequence[NewActivity]) -> list[AddedActivity]:
        self.has_begun.set()
        assert self.gate.wait(10)
        self.sizes.append(len(records))
        if self.failure is not None:
            raise self.failure
        if any(new.record.enroll_id == self.poison for new in records):
            raise InvalidInput("this cannot be stored")
        return super().add_activity(records)

    def hold(self, recorder: ActivityRecorder) -> None:
        """The writer is in a transaction now, and stays there until the gate is opened."""
        self.gate.clear()
        self.has_begun.clear()
        recorder.record(records(999_999))
        assert self.has_begun.wait(10)


def test_the_answers_come_in_order_and_tell_repetitions() -> None:
    store = FakeActivityStore()
    recorder = ActivityRecorder(store)
    assert [one.is_new for one in recorder.record(records(1, 2, 1)).result(10)] == [True, True, False]
    assert [one.activity_id for one in recorder.record(records(2, 3)).result(10)] == [2, 3]
    recorder.close()


def test_nothing_at_all_is_done_at_once() -> None:
    recorder = ActivityRecorder(FakeActivityStore())
    assert recorder.record([]).result(0) == []
    recorder.close()


def test_what_arrives_during_a_transaction_shares_the_next_one() -> None:
    store = GatedStore()
    recorder = ActivityRecorder(store)
    store.hold(recorder)
    futures = [recorder.record(records(number)) for number in range(1, 101)]
    assert not any(future.done() for future in futures)
    store.gate.set()
    ids = [future.result(10)[0].activity_id for future in futures]
    recorder.close()
    assert store.sizes == [1, 100]
    assert ids == sorted(ids)


def test_a_transaction_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "MAX_RECORDS_PER_TRANSACTION", 10)
    store = GatedStore()
    recorder = ActivityRecorder(store)
    store.hold(recorder)
    futures = [recorder.record(records(*range(start, start + 4))) for start in range(1, 13, 4)]
    futures.append(recorder.record(records(*range(100, 120))))
    store.gate.set()
    for future in futures:
        future.result(10)
    recorder.close()
    assert store.sizes == [1, 8, 4, 20]


def test_too_much_waiting_is_refused_at_once_and_taken_later() -> None:
    store = GatedStore()
    recorder = ActivityRecorder(store, max_waiting_records=5)
    store.hold(recorder)
    accepted = recorder.record(records(1, 2, 3, 4))
    with pytest.raises(EngineOverloaded):
        recorder.record(records(5))
    store.gate.set()
    accepted.result(10)
    recorder.close()
    assert recorder.waiting_count == 0
    assert store.count_activity() == 5


def test_a_single_message_beyond_the_bound_is_taken_when_nothing_waits() -> None:
    recorder = ActivityRecorder(FakeActivityStore(), max_waiting_records=2)
    assert len(recorder.record(records(1, 2, 3)).result(10)) == 3
    recorder.close()


def test_a_failure_reaches_those_who_wait_and_the_next_ones_are_stored() -> None:
    store = GatedStore()
    store.is_broken = True
    recorder = ActivityRecorder(store)
    with pytest.raises(StoreFailed):
        recorder.record(records(1)).result(10)
    store.is_broken = False
    assert recorder.record(records(1)).result(10)[0].is_new
    recorder.close()


def test_records_that_cannot_be_stored_do_not_keep_the_others_out() -> None:
    store = GatedStore()
    store.poison = 13
    recorder = ActivityRecorder(store)
    store.hold(recorder)
    futures = {number: recorder.record(records(number)) for number in (11, 12, 13, 14, 15)}
    store.gate.set()
    with pytest.raises(InvalidInput):
        futures.pop(13).result(10)
    assert all(future.result(10)[0].is_new for future in futures.values())
    recorder.close()


def test_an_outage_is_not_tried_for_everybody() -> None:
    store = GatedStore()
    recorder = ActivityRecorder(store)
    store.hold(recorder)
    futures = [recorder.record(records(number)) for number in range(1, 101)]
    store.failure = StoreFailed("the disk is full")
    store.gate.set()
    for future in futures:
        with pytest.raises(StoreFailed):
            future.result(10)
    recorder.close()
    assert len(store.sizes) < 10


def test_a_bug_in_the_store_does_not_end_the_writer() -> None:
    store = GatedStore()
    store.failure = ZeroDivisionError()
    recorder = ActivityRecorder(store)
    with pytest.raises(ZeroDivisionError):
        recorder.record(records(1)).result(10)
    store.failure = None
    assert recorder.record(records(1)).result(10)[0].is_new
    recorder.close()


def test_closing_writes_what_waits_and_refuses_what_comes_later() -> None:
    store = GatedStore()
    recorder = ActivityRecorder(store)
    store.hold(recorder)
    waiting = recorder.record(records(1, 2))
    closing = threading.Thread(target=recorder.close)
    closing.start()
    store.gate.set()
    closing.join(10)
    assert len(waiting.result(0)) == 2
    with pytest.raises(StoreFailed):
        recorder.record(records(3)).result(0)
    recorder.close()


def test_a_caller_who_gives_up_before_its_turn_is_dropped_and_harms_nobody() -> None:
    store = GatedStore()
    recorder = ActivityRecorder(store)
    store.hold(recorder)
    dropped, kept = recorder.record(records(1)), recorder.record(records(2))
    assert dropped.cancel()
    store.gate.set()
    kept.result(10)
    recorder.close()
    stored = {one.record.enroll_id for one in store.list_activity(ActivityQuery(), limit=10)}
    assert stored == {2, 999_999}


def test_many_threads_at_once_lose_nothing() -> None:
    store = FakeActivityStore()
    recorder = ActivityRecorder(store)

    def send(number: int) -> list[AddedActivity]:
        return recorder.record(records(number, number + 1000, serial_number=f"ZX{number % 7}")).result(10)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(1, 301)))
    recorder.close()
    assert all(one.is_new for answer in answers for one in answer)
    assert store.count_activity() == 600
