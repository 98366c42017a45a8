"""What every ActivityStore promises, run over SQLite, PostgreSQL and the fake."""

import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.emptied_databases import emptied
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import later
from tests.fakes.terminals import FakeActivityStore

from facegate.adapters.sql_store import SqlActivityStore
from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.activity import (
    Activity,
    ActivityKind,
    ActivityQuery,
    ActivityRecord,
    AddedActivity,
    NewActivity,
    SnapshotCheck,
    SnapshotVerdict,
)
from facegate.ports.activity_store import ActivityStore

ALL = ActivityQuery()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ActivityStore]:
    if request.param == "fake":
        yield FakeActivityStore()
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield SqlActivityStore(database)
    else:
        yield SqlActivityStore(emptied(request.getfixturevalue("postgres")))


def scan(
    enroll_id: int = 1, second: int = 0, *, sn: str = "T1", occurred_at: datetime | None = None
) -> NewActivity:
    record = ActivityRecord(enroll_id, f"2024-05-02 09:{second // 60:02}:{second % 60:02}", mode=8)
    return NewActivity(sn, record, later(1000 + second), occurred_at or later(second))


def added_ids(store: ActivityStore, *records: NewActivity) -> list[int]:
    added = store.add_activity(records)
    assert all(one.is_new for one in added)
    return [one.activity_id for one in added]


def ids(found: list[Activity]) -> list[int]:
    return [one.activity_id for one in found]


WHOLE = NewActivity(
    "ZXRB22001001",
    ActivityRecord(
        enroll_id=999_999_999_999,
        time_text="2024-05-02 09:01:10",
        mode=8,
        in_out=-1,
        event=3,
        alias_id="A/7",
        name="Añá \U0001f600",
        verify_mode=13,
        temperature_c=36.625,
        note='{"msg":"4G"}',
    ),
    received_at=later(1.000001),
    occurred_at=later(0.5),
    has_snapshot=True,
)


def test_a_record_comes_back_equal(store: ActivityStore) -> None:
    bare = NewActivity("T", ActivityRecord(0, ""), later(2))
    first, second = added_ids(store, WHOLE, bare)
    assert store.find_activity(first) == Activity(
        first, WHOLE.serial_number, WHOLE.record, WHOLE.received_at, WHOLE.occurred_at, True
    )
    assert store.find_activity(second) == Activity(second, "T", bare.record, later(2), None, False)


@pytest.mark.parametrize("unknown", [0, -1, 10**6, 2**63, -(10**30)])
def test_an_unknown_record_is_none(store: ActivityStore, unknown: int) -> None:
    added_ids(store, WHOLE)
    assert store.find_activity(unknown) is None
    store.save_check(unknown, SnapshotCheck(SnapshotVerdict.STRANGER))


def test_nothing_to_add(store: ActivityStore) -> None:
    assert store.add_activity([]) == []
    assert store.count_activity() == 0
    assert list(store.iterate_activity(ALL)) == store.list_activity(ALL, limit=10) == []


def test_a_record_is_stored_once_however_often_it_comes(store: ActivityStore) -> None:
    first, second = added_ids(store, scan(1), scan(2))
    # All that does not belong to the key may differ, and the first stays.
    again = replace(
        scan(1),
        record=replace(scan(1).record, name="other", in_out=1, note='{"a":1}'),
        received_at=later(9999),
        has_snapshot=True,
    )
    answers = store.add_activity([scan(3), again, scan(3), scan(2), again])
    third = answers[0].activity_id
    assert answers == [
        AddedActivity(third, True),
        AddedActivity(first, False),
        AddedActivity(third, False),
        AddedActivity(second, False),
        AddedActivity(first, False),
    ]
    assert store.count_activity() == 3
    kept = store.find_activity(first)
    assert kept is not None
    assert (kept.record, kept.received_at, kept.has_snapshot) == (scan(1).record, later(1000), False)


def test_each_part_of_the_key_makes_another_record(store: ActivityStore) -> None:
    one = scan(1).record
    others = [replace(one, time_text="x"), replace(one, mode=9), replace(one, event=1), scan(2).record]
    records = [replace(scan(1), record=record) for record in [one, *others]]
    assert len(set(added_ids(store, *records, replace(scan(1), serial_number="t1")))) == 6


@pytest.mark.parametrize("time_text", ["", "\u00e9 \U0001f600", "'\"\\ {} [1]", " ", "\n\t\x01"])
def test_any_key_is_known_again(store: ActivityStore, time_text: str) -> None:
    for number in (0, -(2**63) + 1, 2**63 - 1):
        record = ActivityRecord(number, time_text, mode=number, event=number)
        (activity_id,) = added_ids(store, NewActivity("T1", record, later(1)))
        again = store.add_activity([NewActivity("T1", record, later(2))])
        assert again == [AddedActivity(activity_id, False)]


def test_ids_grow_in_the_order_of_storing(store: ActivityStore) -> None:
    seen = [
        one
        for start in range(0, 60, 20)
        for one in added_ids(store, *[scan(second=second) for second in range(start, start + 20)])
    ]
    assert seen == sorted(seen)
    assert [one.record for one in store.list_activity(ALL, limit=100, newest_first=False)] == [
        scan(second=second).record for second in range(60)
    ]


def test_more_than_one_statement_holds(store: ActivityStore) -> None:
    records = [scan(number % 7, number) for number in range(1200)]
    known = added_ids(store, *records[::2])
    answers = store.add_activity(records)
    assert [one.activity_id for one in answers][::2] == known
    assert [one.is_new for one in answers] == [False, True] * 600
    assert store.count_activity() == 1200


def test_nothing_appears_later_below_a_seen_id(store: ActivityStore) -> None:
    """Writers on several threads, and a reader that moves on as a copying reader does."""
    wanted = 4 * 40

    def write(sn: str) -> None:
        for second in range(20):
            store.add_activity([scan(1, second, sn=sn), scan(2, second, sn=sn)])

    writers = [threading.Thread(target=write, args=(f"T{number}",)) for number in range(4)]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    while any(writer.is_alive() for writer in writers):
        after = seen[-1] if seen else 0
        seen += ids(store.list_activity(ActivityQuery(after_id=after), limit=50, newest_first=False))
    for writer in writers:
        writer.join()
    seen += ids(
        store.list_activity(ActivityQuery(after_id=seen[-1] if seen else 0), limit=wanted, newest_first=False)
    )
    assert len(seen) == len(set(seen)) == wanted


def test_resends_on_several_threads_are_stored_once(store: ActivityStore) -> None:
    records = [scan(1, second) for second in range(30)]
    answers: list[list[AddedActivity]] = []
    threads = [threading.Thread(target=lambda: answers.append(store.add_activity(records))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count_activity() == 30
    assert sum(one.is_new for answer in answers for one in answer) == 30
    assert len({tuple(one.activity_id for one in answer) for answer in answers}) == 1


def test_queries_find_what_they_describe(store: ActivityStore) -> None:
    no_time = NewActivity("T1", ActivityRecord(1, "garbage"), later(2000))
    one, event, stranger, other, timeless = added_ids(
        store, scan(1, 0), scan(0, 10), scan(99_999_999, 20), scan(1, 30, sn="T2"), no_time
    )

    def found(query: ActivityQuery, limit: int = 100, *, newest_first: bool = False) -> list[int]:
        return ids(store.list_activity(query, limit=limit, newest_first=newest_first))

    assert found(ALL, newest_first=True) == [timeless, other, stranger, event, one]
    assert found(ALL, 2, newest_first=True) == [timeless, other]
    assert found(ALL, 2) == [one, event]
    assert found(ALL, 0) == found(ALL, -1) == []
    assert found(ActivityQuery(serial_number="T2")) == [other]
    assert found(ActivityQuery(enroll_id=1)) == [one, other, timeless]
    assert found(ActivityQuery(kinds=frozenset({ActivityKind.ATTENDANCE}))) == [one, other, timeless]
    assert found(ActivityQuery(kinds=frozenset({ActivityKind.DEVICE_EVENT}))) == [event]
    both = frozenset({ActivityKind.DEVICE_EVENT, ActivityKind.UNKNOWN_FACE})
    assert found(ActivityQuery(kinds=both)) == [event, stranger]
    assert found(ActivityQuery(from_at=later(10))) == [event, stranger, other]
    assert found(ActivityQuery(until_at=later(20))) == [one, event]
    assert found(ActivityQuery(from_at=later(10), until_at=later(30)), 1, newest_first=True) == [stranger]
    assert found(ActivityQuery(from_at=later(10), kinds=both, after_id=event)) == [stranger]
    assert found(ActivityQuery(after_id=event, before_id=timeless)) == [stranger, other]
    assert found(ActivityQuery(from_at=later(500))) == []


@pytest.mark.parametrize(
    "nothing",
    [
        ActivityQuery(serial_number="nul\0"),
        ActivityQuery(serial_number="half\ud800"),
        ActivityQuery(enroll_id=2**63),
        ActivityQuery(after_id=10**30),
        ActivityQuery(before_id=-(10**30)),
        ActivityQuery(from_at=later(1), until_at=later(0)),
    ],
)
def test_what_nothing_can_fit_finds_nothing(store: ActivityStore, nothing: ActivityQuery) -> None:
    added_ids(store, scan())
    assert store.list_activity(nothing, limit=10) == []
    assert list(store.iterate_activity(nothing)) == []


def test_a_limit_may_be_as_large_as_it_likes(store: ActivityStore) -> None:
    added_ids(store, scan())
    assert len(store.list_activity(ActivityQuery(before_id=10**30), limit=10**30)) == 1


def test_an_export_of_any_length_is_whole_and_in_order(store: ActivityStore) -> None:
    expected = added_ids(store, *[scan(second % 3, second) for second in range(2500)])
    assert ids(list(store.iterate_activity(ALL))) == expected
    of_one = ActivityQuery(enroll_id=1, from_at=later(100), until_at=later(2200))
    assert ids(list(store.iterate_activity(of_one))) == [
        activity_id for second, activity_id in enumerate(expected) if second % 3 == 1 and 100 <= second < 2200
    ]


def test_an_export_ends_while_records_come_in(store: ActivityStore) -> None:
    added_ids(store, scan(1, 0), scan(1, 1))
    second, length = 2, 0
    for _ in store.iterate_activity(ALL):
        added_ids(store, scan(1, second))
        second, length = second + 1, length + 1
    assert length == 2


def test_an_export_that_is_left_early_blocks_nobody(store: ActivityStore) -> None:
    first, _ = added_ids(store, scan(1, 0), scan(1, 1))
    export = store.iterate_activity(ALL)
    assert next(export).activity_id == first
    added_ids(store, scan(1, 2))
    store.save_check(first, SnapshotCheck(SnapshotVerdict.NO_FACE))


def test_a_check_is_kept_and_replaced(store: ActivityStore) -> None:
    first, second = added_ids(store, scan(1), scan(2))
    whole = SnapshotCheck(SnapshotVerdict.CONFIRMED, "anna \U0001f600", 0.625, 0.875)
    store.save_check(first, whole)
    kept = store.find_activity(first)
    assert kept is not None
    assert kept.check == whole
    bare = SnapshotCheck(SnapshotVerdict.FAILED)
    store.save_check(first, bare)
    assert [one.check for one in store.list_activity(ALL, limit=2)] == [None, bare]
    store.add_activity([scan(1)])
    assert [one.check for one in store.iterate_activity(ALL)] == [bare, None]
    assert second != first


def test_counting(store: ActivityStore) -> None:
    added_ids(store, scan(1), scan(2), scan(1, sn="T2"))
    assert (store.count_activity(), store.count_activity("T1"), store.count_activity("none")) == (3, 2, 0)
    assert store.count_activity("nul\0") == 0


def test_readers_move_on_and_never_back(store: ActivityStore) -> None:
    assert store.reader_position("sink") == 0
    store.save_reader_position("sink", 7)
    store.save_reader_position("other", 3)
    store.save_reader_position("sink", 5)
    assert (store.reader_position("sink"), store.reader_position("other")) == (7, 3)
    store.save_reader_position("sink", 8)
    assert store.reader_position("sink") == 8


def test_a_text_that_no_row_can_hold_is_kept_as_far_as_possible(store: ActivityStore) -> None:
    record = ActivityRecord(1, "09:00\0", alias_id="\ud800", name="A\0na", note='{"a":"\udfff"}')
    odd = NewActivity("T1", record, later(1))
    (activity_id,) = added_ids(store, odd)
    assert store.add_activity([odd]) == [AddedActivity(activity_id, False)]
    kept = store.find_activity(activity_id)
    assert kept is not None
    assert kept.record == replace(
        record, time_text="09:00\ufffd", alias_id="\ufffd", name="A\ufffdna", note='{"a":"\ufffd"}'
    )


def with_code(record: ActivityRecord, field: str, code: int) -> ActivityRecord:
    return ActivityRecord(**{**asdict(record), field: code})


@pytest.mark.parametrize("field", ["enroll_id", "mode", "in_out", "event", "verify_mode"])
def test_a_code_beyond_64_bits_is_refused_and_nothing_is_written(store: ActivityStore, field: str) -> None:
    largest = replace(scan(1), record=with_code(scan(1).record, field, 2**63 - 1))
    too_large = replace(scan(2), record=with_code(scan(2).record, field, 2**63))
    with pytest.raises(InvalidInput):
        store.add_activity([largest, too_large])
    assert store.count_activity() == 0
    assert len(added_ids(store, largest)) == 1


small_scans = st.builds(
    lambda enroll_id, second, sn: scan(enroll_id, second, sn=sn),
    st.sampled_from([0, 1, 2, 99_999_999]),
    st.integers(0, 3),
    st.sampled_from(["T1", "T2"]),
)
optional_times = st.none() | st.integers(0, 4).map(later)
optional_ids = st.none() | st.integers(0, 20)
queries = st.builds(
    ActivityQuery,
    serial_number=st.none() | st.sampled_from(["T1", "T2"]),
    enroll_id=st.none() | st.sampled_from([0, 1]),
    kinds=st.frozensets(st.sampled_from(ActivityKind)),
    from_at=optional_times,
    until_at=optional_times,
    after_id=optional_ids,
    before_id=optional_ids,
)


@pytest.fixture(scope="module")
def sqlite_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[SqlActivityStore]]:
    """One that is emptied for each example: opening one takes longer than the example."""
    with sqlite_database(tmp_path_factory.mktemp("activity")) as database:
        yield [SqlActivityStore(database)]


@given(
    batches=st.lists(st.lists(small_scans, max_size=5), max_size=4),
    asked=st.lists(queries, min_size=1, max_size=4),
    limit=st.integers(0, 5),
    newest_first=st.booleans(),
)
def test_sql_and_fake_agree(
    sqlite_stores: list[SqlActivityStore],
    batches: list[list[NewActivity]],
    asked: list[ActivityQuery],
    limit: int,
    newest_first: bool,
) -> None:
    sql, fake = sqlite_stores[0], FakeActivityStore()
    with sql._database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM terminal_activity")
        connection.exec_driver_sql("DELETE FROM sqlite_sequence")
    ids_of_both: dict[int, int] = {}  # SQL passes over an id where a record was there
    for batch in batches:
        answers, expected = sql.add_activity(batch), fake.add_activity(batch)
        assert [one.is_new for one in answers] == [one.is_new for one in expected]
        for one, other in zip(answers, expected, strict=True):
            assert ids_of_both.setdefault(other.activity_id, one.activity_id) == one.activity_id
    for query in asked:
        same = replace(
            query,
            after_id=ids_of_both.get(query.after_id or -1, query.after_id and 1000),
            before_id=ids_of_both.get(query.before_id or -1, query.before_id and 1000),
        )
        for found, wanted in (
            (
                sql.list_activity(same, limit=limit, newest_first=newest_first),
                fake.list_activity(query, limit=limit, newest_first=newest_first),
            ),
            (sql.iterate_activity(same), fake.iterate_activity(query)),
        ):
            assert list(found) == [replace(one, activity_id=ids_of_both[one.activity_id]) for one in wanted]
