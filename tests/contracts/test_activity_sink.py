"""What every ActivitySink promises, run over SQLite, PostgreSQL, MariaDB and the fake."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.contracts.sink_databases import DATABASE_KINDS, SinkDatabase, sink_database
from tests.fakes.activities import activity
from tests.fakes.activity_sink import FakeActivitySink

from facegate.domain.terminals.activity import Activity, RecordKey
from facegate.ports.activity_sink import ActivitySink

Held = list[tuple[str, RecordKey]]


@dataclass(frozen=True)
class Opened:
    """A sink, what it holds (in no order), and a second sink on the same table as of another server."""

    sink: ActivitySink
    held: Callable[[], Held]
    open_another: Callable[[], ActivitySink]


@pytest.fixture(params=["fake", *DATABASE_KINDS])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    if request.param == "fake":
        fake = FakeActivitySink()
        yield Opened(fake, lambda: keys_of(fake.activities), lambda: fake)
        return
    with sink_database(request.param, tmp_path) as database:
        sink = database.open()
        yield Opened(sink, lambda: keys_in(database), database.open)
        sink.close()


def keys_of(activities: list[Activity]) -> Held:
    return sorted((one.serial_number, one.record.key) for one in activities)


def keys_in(database: SinkDatabase) -> Held:
    rows = database.run('SELECT sn, enrollid, time, "mode", event FROM activity')
    return sorted((str(sn), (enroll_id, time, mode, event)) for sn, enroll_id, time, mode, event in rows)  # type: ignore[misc]


def test_each_record_is_kept_once_however_often_it_is_written(opened: Opened) -> None:
    first, second, third = (activity(number) for number in range(3))
    opened.sink.write([first, second, first])
    opened.sink.write([second, third])
    opened.sink.write([second, third])
    assert opened.held() == keys_of([first, second, third])


def test_a_record_with_another_id_is_the_same_record(opened: Opened) -> None:
    record = activity(1).record
    twice = [Activity(number, "SN1", record, activity(1).received_at, None, False) for number in (5, 9)]
    opened.sink.write(twice)
    assert len(opened.held()) == 1


def test_what_differs_in_one_part_of_the_key_is_another_record(opened: Opened) -> None:
    several = [
        activity(1),
        activity(1, "SN2"),
        activity(1, "sn1"),
        activity(1, enroll_id=99),
        activity(1, time_text="2026-11-21 09:00:00"),
        activity(1, mode=3),
        activity(1, event=5),
    ]
    opened.sink.write(several)
    assert opened.held() == keys_of(several)


def test_large_numbers_and_every_script_are_kept(opened: Opened) -> None:
    several = [
        activity(1, enroll_id=2**63 - 1, name="\u0141ukasz \u738b\u5c0f\u660e \U0001f600", alias_id="A-17"),
        activity(2, enroll_id=-(2**63), name="x" * 1000, time_text=""),
        activity(3, enroll_id=99_999_999, name="nul\0 half\ud800", alias_id="\ud83d"),
    ]
    opened.sink.write(several)
    assert opened.held() == keys_of(several)


def test_nothing_is_no_error(opened: Opened) -> None:
    opened.sink.write([])
    opened.sink.write([activity(1)])
    opened.sink.write([])
    assert opened.held() == keys_of([activity(1)])


def test_two_servers_that_copy_the_same_at_once_double_nothing(opened: Opened) -> None:
    several = [activity(number) for number in range(60)]
    failures: list[Exception] = []

    def copy(sink: ActivitySink) -> None:
        try:
            for start in range(0, 60, 20):
                sink.write(several[start : start + 20])
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            failures.append(error)

    other = opened.open_another()
    threads = [threading.Thread(target=copy, args=(sink,)) for sink in (opened.sink, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert failures == []
    assert opened.held() == keys_of(several)
