"""Fetching a terminal's log into the history."""

import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from tests.fakes.paged_terminal import PagedTerminal
from tests.fakes.terminals import FakeActivityStore
from tests.unit.use_cases.terminals.one_terminal import Wired, with_terminal
from typing_extensions import override

from facegate.adapters.local_bus import LocalFeed
from facegate.domain.errors import CommandTimedOut, InvalidInput, StoreFailed, TerminalOffline
from facegate.domain.terminals.activity import ActivityQuery, AddedActivity, NewActivity, TerminalEvent
from facegate.use_cases.terminals.collect_log import CollectedLog, CollectLog
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.recorder import ActivityRecorder


class FailingActivityStore(FakeActivityStore):
    """Fails so often before it works again."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__()
        self.failures = failures
        self._count_lock = threading.Lock()

    @override
    def add_activity(self, records: Sequence[NewActivity]) -> list[AddedActivity]:
        with self._count_lock:
            if self.failures > 0:
                self.failures -= 1
                raise StoreFailed("the disk is full")
        return super().add_activity(records)


@pytest.fixture
def store() -> FailingActivityStore:
    return FailingActivityStore()


@pytest.fixture
def recorder(store: FailingActivityStore) -> Iterator[ActivityRecorder]:
    with closing(ActivityRecorder(store)) as recorder:
        yield recorder


def run(
    terminal: PagedTerminal,
    recorder: ActivityRecorder,
    scenario: Callable[[CollectLog], Awaitable[None]],
) -> None:
    async def wired_up(wired: Wired) -> None:
        collect = CollectLog(
            wired.pages, recorder, wired.register, wired.clock, store_retry_waits_s=(0.0, 0.0)
        )
        await scenario(collect)

    with_terminal(terminal, wired_up)


def logs(count: int) -> list[dict[str, object]]:
    return [
        {"enrollid": number, "name": "Ana", "time": "2026-01-02 08:30:00", "mode": 8}
        for number in range(1, count + 1)
    ]


def stored_ids(store: FakeActivityStore) -> list[int]:
    return [one.record.enroll_id for one in store.iterate_activity(ActivityQuery())]


def test_new_records_are_stored_in_order_and_counted(
    store: FailingActivityStore, recorder: ActivityRecorder
) -> None:
    terminal = PagedTerminal(logs=logs(9))

    async def scenario(collect: CollectLog) -> None:
        assert await collect("A1") == CollectedLog(9, 0, 0, 3, is_complete=True)
        assert terminal.words() == ["getnewlog"] * 4
        assert await collect("A1", everything=True) == CollectedLog(0, 9, 0, 3, is_complete=True)
        assert set(terminal.words()[4:]) == {"getalllog"}

    run(terminal, recorder, scenario)
    assert stored_ids(store) == list(range(1, 10))
    (first, *_) = store.list_activity(ActivityQuery(), limit=1, newest_first=False)
    assert (first.serial_number, first.record.name, first.record.mode) == ("A1", "Ana", 8)
    assert first.occurred_at == datetime(2026, 1, 2, 3, 0, tzinfo=UTC)


def test_who_watches_hears_of_new_records_but_not_of_history(
    store: FailingActivityStore, recorder: ActivityRecorder
) -> None:
    terminal = PagedTerminal(logs=logs(2))

    async def scenario(wired: Wired) -> None:
        live = LiveTerminals(wired.bus, LocalFeed(), wired.clock)
        collect = CollectLog(wired.pages, recorder, wired.register, wired.clock, live)
        async with live.listening() as events:
            await collect("A1")
            terminal.logs = logs(3)
            await collect("A1", everything=True)
            terminal.logs = logs(4)
            await collect("A1")
            heard = [await anext(events) for _ in range(3)]
        assert [event.facts["enroll_id"] for event in heard] == [1, 2, 4]
        ids = [one.activity_id for one in store.iterate_activity(ActivityQuery())]
        assert heard[0] == TerminalEvent(
            "activity",
            "A1",
            wired.clock.now_utc(),
            {
                "activity_id": ids[0],
                "enroll_id": 1,
                "name": "Ana",
                "time": "2026-01-02 08:30:00",
                "kind": "attendance",
                "mode": 8,
                "mode_label": "face",
                "in_out": 0,
                "event": 0,
            },
        )

    with_terminal(terminal, scenario)


def test_records_that_cannot_be_read_are_counted_and_cost_nothing_else(
    store: FailingActivityStore, recorder: ActivityRecorder
) -> None:
    rows = logs(2)
    rows.insert(1, {"enrollid": "nobody"})

    async def scenario(collect: CollectLog) -> None:
        assert await collect("A1") == CollectedLog(2, 0, 1, 1, is_complete=True)

    run(PagedTerminal(logs=rows), recorder, scenario)
    assert stored_ids(store) == [1, 2]


def test_days_go_to_the_terminal_as_dates(recorder: ActivityRecorder) -> None:
    terminal = PagedTerminal()

    async def scenario(collect: CollectLog) -> None:
        may = date(2026, 5, 1)
        result = await collect("A1", everything=True, from_date=may, to_date=date(2026, 5, 31))
        assert result == CollectedLog(0, 0, 0, 0, is_complete=True)
        await collect("A1", everything=True, from_date=may, to_date=may)
        assert terminal.commands[0].body() == {
            "cmd": "getalllog",
            "from": "2026-05-01",
            "to": "2026-05-31",
            "stn": True,
        }
        with pytest.raises(InvalidInput):
            await collect("A1", everything=True, from_date=may, to_date=date(2026, 4, 30))
        with pytest.raises(InvalidInput):
            await collect("A1", from_date=may)
        assert len(terminal.commands) == 2

    run(terminal, recorder, scenario)


def test_every_page_is_durable_before_the_next_is_asked_for(
    store: FailingActivityStore, recorder: ActivityRecorder
) -> None:
    terminal = PagedTerminal(logs=logs(9), troubles={2: CommandTimedOut("silent")})

    async def scenario(collect: CollectLog) -> None:
        assert await collect("A1") == CollectedLog(8, 0, 0, 2, is_complete=False)

    run(terminal, recorder, scenario)
    assert stored_ids(store) == list(range(1, 9))


def test_after_a_lost_connection_nothing_is_counted_twice(
    store: FailingActivityStore, recorder: ActivityRecorder
) -> None:
    terminal = PagedTerminal(logs=logs(9), troubles={2: TerminalOffline("gone")})

    async def scenario(collect: CollectLog) -> None:
        collected = await collect("A1")
        assert (collected.new_count, collected.repeated_count, collected.is_complete) == (9, 0, True)

    run(terminal, recorder, scenario)
    assert stored_ids(store) == list(range(1, 10))


def test_a_store_that_recovers_in_time_loses_nothing(
    store: FailingActivityStore, recorder: ActivityRecorder
) -> None:
    store.failures = 2

    async def scenario(collect: CollectLog) -> None:
        assert (await collect("A1")).new_count == 6

    run(PagedTerminal(logs=logs(6)), recorder, scenario)
    assert stored_ids(store) == list(range(1, 7))


def test_a_store_that_stays_broken_stops_it(store: FailingActivityStore, recorder: ActivityRecorder) -> None:
    store.failures = 99
    terminal = PagedTerminal(logs=logs(6))

    async def scenario(collect: CollectLog) -> None:
        with pytest.raises(StoreFailed):
            await collect("A1")
        assert len(terminal.commands) == 1

    run(terminal, recorder, scenario)
    assert stored_ids(store) == []
