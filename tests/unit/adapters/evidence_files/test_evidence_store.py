"""What lies on disk: names, modes, and what crashes and damage leave."""

import json
import logging
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests.fakes.enrolments import NOON, later
from tests.fakes.evidence import PICTURE, a_record

from facegate.adapters.evidence_files import FileEvidenceStore
from facegate.domain.errors import StoreFailed
from facegate.domain.presence.evidence import EvidenceQuery

DAY = "2026-03-04"

ON_DISK = """{
  "evidence_id": "0123456789abcdef0123456789abcdef",
  "client_id": "ann",
  "at": "2026-03-04T12:00:00.123456Z",
  "action": "ACTION_LOCK_SCREEN",
  "reason": "REASON_WRONG_USER",
  "actual_username": "bob",
  "cues": [
    {"finding": "other_person", "value": 0.71, "threshold": 0.45, "frame_count": 2, "of_frames": 3}
  ],
  "checks": {"face": "ran", "liveness": "reused"},
  "subject_ids": ["ann", "bob"],
  "picture_bytes": 17,
  "of_a_later_version": true
}"""

WITHOUT_ZONE = ON_DISK.replace("Z", "").replace("0123456789abcdef0123456789abcdef", "<id>")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
def store(folder: Path) -> FileEvidenceStore:
    return FileEvidenceStore(folder)


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
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_pair_of_private_files_in_a_folder_of_its_utc_day(folder: Path, store: FileEvidenceStore) -> None:
    elsewhere = timezone(timedelta(hours=13))
    record = a_record(datetime(2026, 3, 5, 1, 0, tzinfo=elsewhere).astimezone(UTC), "../../../etc/x")
    store.save(record, PICTURE)
    assert files_in(folder) == [
        f"{DAY}/{record.evidence_id}.jpg",
        f"{DAY}/{record.evidence_id}.json",
    ]
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert modes == {True: 0o700, False: 0o600}


def test_nothing_is_made_by_looking(folder: Path, store: FileEvidenceStore) -> None:
    store.summaries()
    store.remove_leftovers()
    store.delete(["0" * 32])
    assert not folder.exists()


def test_a_new_start_finds_what_was_kept(folder: Path, store: FileEvidenceStore) -> None:
    records = [a_record(later(day * 86_400)) for day in (2, 0, 1)]
    for record in records:
        store.save(record, PICTURE)
    again = FileEvidenceStore(folder)
    assert again.summaries() == store.summaries()
    assert (
        again.total_bytes()
        == store.total_bytes()
        == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    )
    assert again.list_records(EvidenceQuery()) == [records[0], records[2], records[1]]


def test_the_form_on_disk_stays_readable(folder: Path, store: FileEvidenceStore) -> None:
    evidence_id = "0123456789abcdef0123456789abcdef"
    (folder / DAY).mkdir(parents=True)
    (folder / DAY / f"{evidence_id}.json").write_text(ON_DISK)
    (folder / DAY / f"{evidence_id}.jpg").write_bytes(PICTURE)
    found = store.find(evidence_id)
    assert found is not None
    assert found.at == NOON
    assert found.cues == a_record(NOON).cues[:1]
    assert found.checks == a_record(NOON).checks
    written = a_record(NOON)
    store.save(written, PICTURE)
    on_disk = json.loads((folder / DAY / f"{written.evidence_id}.json").read_text())
    assert on_disk.keys() == json.loads(ON_DISK).keys() - {"of_a_later_version"}


@pytest.mark.parametrize("left", [[".jpg"], [".jpg", ".json.part"], [".json.part"]])
def test_what_a_crash_leaves_is_never_listed_and_goes(
    folder: Path, store: FileEvidenceStore, left: list[str]
) -> None:
    whole, broken = a_record(NOON), a_record(later(1))
    store.save(whole, PICTURE)
    for suffix in left:
        (folder / DAY / f"{broken.evidence_id}{suffix}").write_bytes(PICTURE)
    again = FileEvidenceStore(folder)
    assert again.list_records(EvidenceQuery()) == [whole]
    assert again.open_picture(broken.evidence_id) is None
    assert again.remove_leftovers() == 1
    assert again.remove_leftovers() == 0
    assert files_in(folder) == [f"{DAY}/{whole.evidence_id}.jpg", f"{DAY}/{whole.evidence_id}.json"]


def test_a_deletion_that_broke_off_heals(folder: Path, store: FileEvidenceStore) -> None:
    record = a_record(NOON)
    store.save(record, PICTURE)
    (folder / DAY / f"{record.evidence_id}.json").unlink()  # deleted first
    again = FileEvidenceStore(folder)
    assert again.summaries() == []
    assert again.remove_leftovers() == 1
    assert list(folder.iterdir()) == []


def test_other_peoples_files_stay(folder: Path, store: FileEvidenceStore, tmp_path: Path) -> None:
    record = a_record(NOON)
    store.save(record, PICTURE)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / f"{'a' * 32}.jpg").write_bytes(PICTURE)
    (folder / "2026-03-05").symlink_to(tmp_path / "outside")
    (folder / "2026-02-31").mkdir()
    (folder / DAY / "notes.txt").write_text("by an administrator")
    again = FileEvidenceStore(folder)
    assert again.remove_leftovers() == 0
    assert again.delete([record.evidence_id]) == 1
    assert (tmp_path / "outside" / f"{'a' * 32}.jpg").exists()
    assert files_in(folder) == [f"{DAY}/notes.txt"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", WITHOUT_ZONE.encode(), ON_DISK.encode(), b'{"client_id": 3}'],
    ids=["empty", "cut", "array", "not utf-8", "no zone", "of another piece", "fields missing"],
)
def test_a_damaged_record_is_said_and_passed_over(
    folder: Path, store: FileEvidenceStore, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, whole = a_record(NOON), a_record(later(1))
    store.save(damaged, PICTURE)
    store.save(whole, PICTURE)
    content = content.replace(b"<id>", damaged.evidence_id.encode())
    (folder / DAY / f"{damaged.evidence_id}.json").write_bytes(content)
    again = FileEvidenceStore(folder)
    with caplog.at_level(logging.WARNING):
        assert again.list_records(EvidenceQuery()) == [whole]
    assert "1 records of evidence are damaged" in caplog.text
    assert "ann" not in caplog.text
    assert again.find(damaged.evidence_id) is None
    assert again.open_picture(damaged.evidence_id) is None
    newest = again.summaries()[-1]
    assert (newest.evidence_id, newest.is_damaged) == (damaged.evidence_id, True)
    assert newest.at == datetime(2026, 3, 4, 23, 59, 59, 999999, tzinfo=UTC)
    assert newest.byte_count == len(content) + len(PICTURE)
    assert again.delete([damaged.evidence_id]) == 1
    assert files_in(folder) == [f"{DAY}/{whole.evidence_id}.jpg", f"{DAY}/{whole.evidence_id}.json"]


def test_a_record_damaged_while_it_is_kept(folder: Path, store: FileEvidenceStore) -> None:
    damaged, gone, whole = a_record(NOON), a_record(later(1)), a_record(later(2))
    for record in (damaged, gone, whole):
        store.save(record, PICTURE)
    (folder / DAY / f"{damaged.evidence_id}.json").write_bytes(b"{}")
    (folder / DAY / f"{gone.evidence_id}.json").unlink()
    (folder / DAY / f"{gone.evidence_id}.jpg").unlink()
    assert store.list_records(EvidenceQuery()) == [whole]
    assert store.find(damaged.evidence_id) is None
    assert store.find(gone.evidence_id) is None
    assert store.open_picture(gone.evidence_id) is None


@pytest.mark.parametrize("max_file_bytes", [10, 300], ids=["in the picture", "in the record"])
def test_a_full_disk_leaves_nothing_half(folder: Path, store: FileEvidenceStore, max_file_bytes: int) -> None:
    first, second = a_record(NOON), a_record(later(1))
    store.save(first, PICTURE)
    with full_disk(max_file_bytes), pytest.raises(StoreFailed, match="free space"):
        store.save(second, PICTURE)
    assert store.list_records(EvidenceQuery()) == [first]
    assert files_in(folder) == [f"{DAY}/{first.evidence_id}.jpg", f"{DAY}/{first.evidence_id}.json"]
    store.save(second, PICTURE)
    assert store.find(second.evidence_id) == second


def test_a_second_piece_under_the_same_id_does_not_harm_the_first(
    folder: Path, store: FileEvidenceStore
) -> None:
    record = a_record(NOON)
    store.save(record, PICTURE)
    with pytest.raises(StoreFailed):
        store.save(record, b"another")
    assert FileEvidenceStore(folder).open_picture(record.evidence_id) == PICTURE


def test_what_cannot_be_deleted_does_not_keep_the_others(folder: Path, store: FileEvidenceStore) -> None:
    stuck, free = a_record(NOON), a_record(later(1))
    store.save(stuck, PICTURE)
    store.save(free, PICTURE)
    blocked = folder / DAY / f"{stuck.evidence_id}.jpg"
    blocked.unlink()
    blocked.mkdir()  # not even root unlinks a folder
    with pytest.raises(StoreFailed):
        store.delete([stuck.evidence_id, free.evidence_id])
    assert [summary.evidence_id for summary in store.summaries()] == [stuck.evidence_id]
    blocked.rmdir()
    assert store.delete([stuck.evidence_id]) == 1
    assert list(folder.iterdir()) == []


def test_an_unusable_folder_is_a_failed_store(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file in the way")
    store = FileEvidenceStore(tmp_path / "evidence")
    with pytest.raises(StoreFailed):
        store.save(a_record(NOON), PICTURE)
    with pytest.raises(StoreFailed):
        store.summaries()


def test_ids_that_are_no_ids_are_never_written(store: FileEvidenceStore, folder: Path) -> None:
    record = a_record(NOON)
    object.__setattr__(record, "evidence_id", "../escape")
    with pytest.raises(ValueError, match="32 hex digits"):
        store.save(record, PICTURE)
    assert not folder.exists()
