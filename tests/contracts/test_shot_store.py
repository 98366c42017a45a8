"""What every ShotStore promises, run over files and the fake."""

import threading
import time
from pathlib import Path

import pytest
from tests.fakes.shots import InMemoryShotStore

from facegate.adapters.shot_files import FileShotStore
from facegate.domain.events.event import new_event_id
from facegate.ports.events.shot_store import ShotStore

PICTURE = b"\xff\xd8 a shot \xff\xd9"

DAY_S = 86_400.0
MUCH = 2**40


@pytest.fixture(params=["fake", "files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ShotStore:
    return InMemoryShotStore() if request.param == "fake" else FileShotStore(tmp_path / "shots")


def id_of_age(age_s: float) -> str:
    """An event's that was made so long ago."""
    return f"{int((time.time() - age_s) * 1000):012x}{new_event_id()[12:]}"


def test_an_empty_store(store: ShotStore) -> None:
    assert store.open_shot("0" * 32) is None
    assert store.delete(["0" * 32]) == 0
    assert store.sweep(older_than_s=0, max_bytes=0) == []
    assert store.list_ids() == []
    assert store.total_bytes() == 0


def test_a_shot_comes_back_and_a_later_one_takes_its_place(store: ShotStore) -> None:
    event_id, other_id = new_event_id(), new_event_id()
    store.save(event_id, PICTURE)
    store.save(other_id, b"other")
    assert store.open_shot(event_id) == PICTURE
    store.save(event_id, PICTURE * 3)
    assert store.open_shot(event_id) == PICTURE * 3
    assert store.open_shot(other_id) == b"other"
    assert store.total_bytes() == 3 * len(PICTURE) + 5
    assert store.list_ids() == sorted([event_id, other_id])


@pytest.mark.parametrize(
    "unknown",
    ["", "../../etc/passwd", "nul\0", "a" * 5000, "A" * 32, "0" * 31 + "/", "0" * 31 + "\n", "\u0660" * 32],
)
def test_what_is_no_id_is_nobodys(store: ShotStore, unknown: str) -> None:
    assert store.open_shot(unknown) is None
    assert store.delete([unknown]) == 0
    with pytest.raises(ValueError, match="32 hex digits"):
        store.save(unknown, PICTURE)
    assert store.total_bytes() == 0


def test_whose_shots_are_kept_is_known(store: ShotStore) -> None:
    assert store.list_ids() == []
    ids = sorted(new_event_id() for _ in range(3))
    for event_id in reversed(ids):
        store.save(event_id, PICTURE)
    assert store.list_ids() == ids
    store.delete(ids[:1])
    assert store.list_ids() == ids[1:]


def test_deleting_counts_what_was_there(store: ShotStore) -> None:
    ids = [new_event_id() for _ in range(4)]
    for event_id in ids:
        store.save(event_id, PICTURE)
    assert store.delete([ids[0], ids[2], ids[2], "0" * 32]) == 2
    assert [store.open_shot(event_id) for event_id in ids] == [None, PICTURE, None, PICTURE]
    assert store.delete(ids) == 2
    assert store.total_bytes() == 0
    store.save(ids[0], PICTURE)
    assert store.total_bytes() == len(PICTURE)


def test_what_is_too_old_is_swept(store: ShotStore) -> None:
    ids = [id_of_age(days * DAY_S) for days in (20, 1, 15, 0)]
    for event_id in ids:
        store.save(event_id, PICTURE)
    assert store.sweep(older_than_s=30 * DAY_S, max_bytes=MUCH) == []
    assert store.sweep(older_than_s=14 * DAY_S, max_bytes=MUCH) == [ids[0], ids[2]]
    assert store.open_shot(ids[0]) is None
    assert store.open_shot(ids[1]) == PICTURE
    assert store.total_bytes() == 2 * len(PICTURE)


def test_the_oldest_go_until_the_rest_fits(store: ShotStore) -> None:
    ids = [id_of_age(days * DAY_S) for days in (1, 3, 2, 4)]
    for event_id in ids:
        store.save(event_id, b"x" * 100)
    assert store.sweep(older_than_s=30 * DAY_S, max_bytes=400) == []
    assert store.sweep(older_than_s=30 * DAY_S, max_bytes=250) == [ids[3], ids[1]]
    assert store.total_bytes() == 200
    assert store.sweep(older_than_s=30 * DAY_S, max_bytes=0) == [ids[2], ids[0]]


def test_threads_that_write_sweep_and_delete_leave_whole_shots(store: ShotStore) -> None:
    failures: list[BaseException] = []
    kept: list[str] = []

    def come_and_go(part: int) -> None:
        try:
            for number in range(12):
                event_id = id_of_age(part * 0.5 * DAY_S)
                store.save(event_id, PICTURE)
                store.sweep(older_than_s=30 * DAY_S, max_bytes=MUCH)
                if number % 3:
                    assert store.delete([event_id]) == 1
                else:
                    kept.append(event_id)
        except BaseException as error:  # noqa: BLE001 - the test's own thread must not swallow it
            failures.append(error)

    threads = [threading.Thread(target=come_and_go, args=(part % 2,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(kept) == 16
    assert all(store.open_shot(event_id) == PICTURE for event_id in kept)
    assert store.total_bytes() == 16 * len(PICTURE)
