"""Copying from the spool: in order, once, from where it stopped."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.activities import new_activity
from tests.fakes.activity_sink import FakeActivitySink
from tests.fakes.terminals import FakeActivityStore

from facegate.domain.errors import StoreFailed
from facegate.domain.terminals.activity import Activity, ActivityQuery
from facegate.use_cases.terminals.copying import CopyActivity


class DyingStore(FakeActivityStore):
    """A store whose process dies before the place is kept, as often as `deaths` says."""

    deaths = 0

    def save_reader_position(self, reader: str, activity_id: int) -> None:
        if self.deaths:
            self.deaths -= 1
            raise KeyboardInterrupt
        super().save_reader_position(reader, activity_id)


def stored(count: int, store: FakeActivityStore | None = None) -> FakeActivityStore:
    store = store or FakeActivityStore()
    held = store.count_activity()
    store.add_activity([new_activity(number) for number in range(held, held + count)])
    return store


def everything(store: FakeActivityStore) -> list[Activity]:
    return list(store.iterate_activity(ActivityQuery()))


def test_batches_follow_each_other_in_the_order_of_storing() -> None:
    store, sink = stored(7), FakeActivitySink()
    copy = CopyActivity(store, sink, batch_size=3)
    assert [(copy.lag(), copy()) for _ in range(4)] == [(7, 3), (4, 3), (1, 1), (0, 0)]
    assert sink.activities == everything(store)
    stored(2, store)
    assert copy.lag() == 2
    assert copy() == 2
    assert sink.activities == everything(store)


def test_nothing_to_copy_is_not_written() -> None:
    sink = FakeActivitySink()
    sink.is_broken = True
    copy = CopyActivity(FakeActivityStore(), sink)
    assert copy() == 0
    assert copy.lag() == 0


def test_an_outage_moves_nothing_and_is_caught_up() -> None:
    store, sink = stored(3), FakeActivitySink()
    copy = CopyActivity(store, sink, batch_size=2)
    sink.is_broken = True
    for _ in range(3):
        with pytest.raises(StoreFailed):
            copy()
    stored(4, store)
    assert copy.lag() == 7
    sink.is_broken = False
    while copy():
        pass
    assert sink.activities == everything(store)
    assert copy.lag() == 0


def test_a_new_start_goes_on_where_the_last_one_stopped() -> None:
    class Remembering(FakeActivitySink):
        def __init__(self) -> None:
            super().__init__()
            self.batches: list[list[int]] = []

        def write(self, activities: Sequence[Activity]) -> None:
            self.batches.append([one.activity_id for one in activities])
            super().write(activities)

    store, sink = stored(5), Remembering()
    CopyActivity(store, sink, batch_size=2)()
    CopyActivity(store, sink, batch_size=2)()
    assert sink.batches == [[1, 2], [3, 4]]


def test_closing_releases_the_sink() -> None:
    sink = FakeActivitySink()
    CopyActivity(FakeActivityStore(), sink).close()
    assert sink.is_closed


def test_each_reader_has_its_own_place() -> None:
    store = stored(3)
    first, second = FakeActivitySink(), FakeActivitySink()
    assert CopyActivity(store, first)() == 3
    other = CopyActivity(store, second, reader="another")
    assert other.lag() == 3
    assert other() == 3
    assert second.activities == first.activities


def test_a_death_between_the_write_and_the_place_doubles_nothing() -> None:
    store, sink = DyingStore(), FakeActivitySink()
    stored(5, store)
    store.deaths = 2
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            CopyActivity(store, sink, batch_size=3)()
    copy = CopyActivity(store, sink, batch_size=3)
    while copy():
        pass
    assert sink.activities == everything(store)


@given(
    steps=st.lists(st.sampled_from(["scan", "copy", "break", "mend", "death", "start"]), max_size=40),
    batch_size=st.integers(1, 4),
)
def test_whatever_happens_the_copy_is_a_beginning_of_the_history(steps: list[str], batch_size: int) -> None:
    store, sink = DyingStore(), FakeActivitySink()
    copy = CopyActivity(store, sink, batch_size=batch_size)
    for step in steps:
        match step:
            case "scan":
                stored(2, store)
            case "copy":
                try:
                    copy()
                except (StoreFailed, KeyboardInterrupt):
                    copy = CopyActivity(store, sink, batch_size=batch_size)
            case "death":
                store.deaths = 1
            case "start":
                copy = CopyActivity(store, sink, batch_size=batch_size)
            case _:
                sink.is_broken = step == "break"
        history = everything(store)
        assert sink.activities == history[: len(sink.activities)]
        assert copy.lag() >= len(history) - len(sink.activities)
    sink.is_broken, store.deaths = False, 0
    while copy():
        pass
    assert sink.activities == everything(store)
