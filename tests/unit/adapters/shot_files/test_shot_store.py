"""What lies on disk: names, modes, and what crashes leave."""

import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from facegate.adapters.shot_files import FileShotStore
from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import new_event_id

EVENT_ID = "019cb8b82263" + "0" * 20
SIBLING_ID = "019cb8ffffff" + "0" * 20
PICTURE = b"\xff\xd8 a shot \xff\xd9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "shots"


@pytest.fixture
def store(folder: Path) -> FileShotStore:
    return FileShotStore(folder)


@contextmanager
def full_disk(max_file_bytes: int) -> Iterator[None]:
    """Files of this process cannot grow beyond the size: a write fails in the middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def test_nothing_is_made_before_the_first_write(store: FileShotStore, folder: Path) -> None:
    assert store.total_bytes() == 0
    assert store.open_shot(EVENT_ID) is None
    assert store.delete([EVENT_ID]) == 0
    assert not folder.exists()


def test_a_shot_lies_in_the_folder_of_its_time_for_its_owner_alone(
    store: FileShotStore, folder: Path
) -> None:
    store.save(EVENT_ID, PICTURE)
    store.save(SIBLING_ID, PICTURE)
    assert files_in(folder) == [f"019cb8/{EVENT_ID}.jpg", f"019cb8/{SIBLING_ID}.jpg"]
    path = folder / "019cb8" / f"{EVENT_ID}.jpg"
    assert path.read_bytes() == PICTURE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_empty_folder_goes_and_comes_again(store: FileShotStore, folder: Path) -> None:
    store.save(EVENT_ID, PICTURE)
    assert store.delete([EVENT_ID]) == 1
    assert list(folder.iterdir()) == []
    store.save(EVENT_ID, PICTURE)
    assert store.open_shot(EVENT_ID) == PICTURE


def test_a_later_start_knows_what_is_there(store: FileShotStore, folder: Path) -> None:
    store.save(EVENT_ID, PICTURE)
    again = FileShotStore(folder)
    assert again.open_shot(EVENT_ID) == PICTURE
    assert again.total_bytes() == len(PICTURE)
    again.save(EVENT_ID, b"shorter")
    assert again.total_bytes() == 7
    assert FileShotStore(folder).sweep(older_than_s=0, max_bytes=0) == [EVENT_ID]


def test_what_a_crash_left_is_removed_and_what_is_not_ours_stays(folder: Path, tmp_path: Path) -> None:
    shard = folder / "019cb8"
    shard.mkdir(parents=True)
    (shard / f"{EVENT_ID}.jpg").write_bytes(PICTURE)
    (shard / f"{SIBLING_ID}.jpg.part").write_bytes(b"half")
    (shard / "notes.txt").write_text("the operator's own")
    wrong_place = new_event_id().replace("01", "ff", 1)
    (shard / f"{wrong_place}.jpg").write_bytes(b"moved by somebody")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f"aaaaaa{'0' * 26}.jpg").write_bytes(b"a link's")
    (folder / "aaaaaa").symlink_to(elsewhere)
    (shard / f"019cb8{'1' * 26}.jpg").symlink_to(shard / "notes.txt")
    store = FileShotStore(folder)
    assert store.total_bytes() == len(PICTURE)
    assert f"019cb8/{SIBLING_ID}.jpg.part" not in files_in(folder)
    assert store.sweep(older_than_s=0, max_bytes=0) == [EVENT_ID]
    assert (shard / "notes.txt").exists()
    assert len(list(elsewhere.iterdir())) == 1


def test_a_full_disk_leaves_the_earlier_shot(store: FileShotStore, folder: Path) -> None:
    store.save(EVENT_ID, PICTURE)
    with full_disk(20), pytest.raises(StoreFailed, match="free space"):
        store.save(EVENT_ID, b"x" * 1000)
    with full_disk(20), pytest.raises(StoreFailed, match="free space"):
        store.save(SIBLING_ID, b"x" * 1000)
    assert files_in(folder) == [f"019cb8/{EVENT_ID}.jpg"]
    assert store.open_shot(EVENT_ID) == PICTURE
    assert store.total_bytes() == len(PICTURE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_a_folder_that_may_not_be_written_is_told(store: FileShotStore, folder: Path) -> None:
    store.save(EVENT_ID, PICTURE)
    shard = folder / "019cb8"
    shard.chmod(0o500)
    try:
        with pytest.raises(StoreFailed, match="owner"):
            store.delete([EVENT_ID])
        with pytest.raises(StoreFailed):
            store.save(SIBLING_ID, PICTURE)
    finally:
        shard.chmod(0o700)
    assert store.total_bytes() == len(PICTURE)


def test_a_file_where_the_folder_should_be_is_told(store: FileShotStore, folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    for ask in (
        store.total_bytes,
        lambda: store.save(EVENT_ID, PICTURE),
        lambda: store.open_shot(EVENT_ID),
    ):
        with pytest.raises(StoreFailed):
            ask()


_WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from facegate.adapters.shot_files import FileShotStore
    from facegate.domain.events.event import new_event_id

    store = FileShotStore(Path(sys.argv[1]))
    while True:
        event_id = new_event_id()
        store.save(event_id, bytes.fromhex(event_id) * 20_000)
        print(event_id, flush=True)
    """
)


def test_a_kill_loses_no_shot_that_was_acknowledged_and_leaves_none_half(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        acknowledged = [next(lines).strip() for _ in range(20)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in lines if line.endswith("\n")]
    assert process.wait(timeout=30) == -signal.SIGKILL
    store = FileShotStore(folder)
    assert store.total_bytes() >= len(acknowledged) * 320_000
    names = files_in(folder)
    assert {Path(name).stem for name in names} >= set(acknowledged)
    assert all(name.endswith(".jpg") for name in names)
    for name in names:
        event_id = Path(name).stem
        assert store.open_shot(event_id) == bytes.fromhex(event_id) * 20_000
