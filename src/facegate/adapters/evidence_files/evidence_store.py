"""Pieces of evidence as pairs of files, with a small index in memory that is read from them on first use."""

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from typing_extensions import override

from facegate.adapters.evidence_files.day_folders import DayFolders
from facegate.adapters.evidence_files.record_json import DamagedRecord, record_from_json, record_to_json
from facegate.domain.errors import StoreFailed
from facegate.domain.presence.evidence import (
    EVIDENCE_ID_PATTERN,
    EvidenceQuery,
    EvidenceRecord,
    EvidenceSummary,
    age_order,
)
from facegate.ports.evidence_store import EvidenceStore

logger = logging.getLogger(__name__)


class FileEvidenceStore(EvidenceStore):
    """Evidence in one folder that no other process writes to.

    The index holds a summary of each piece, about 330 bytes; records and pictures are read when they
    are asked for. Nothing is read or made before the first call, and a write does not wait for the index.
    """

    def __init__(self, folder: Path) -> None:
        self._files = DayFolders(folder)
        self._loading = threading.Lock()
        self._lock = threading.Lock()  # of everything below; never held while a file is read or written
        self._is_loaded = False
        self._kept: dict[str, EvidenceSummary] = {}
        self._being_written: dict[str, date] = {}
        self._total_bytes = 0

    @override
    def save(self, record: EvidenceRecord, picture: bytes) -> None:
        evidence_id, content = record.evidence_id, record_to_json(record)
        if not EVIDENCE_ID_PATTERN.fullmatch(evidence_id):
            raise ValueError("the id of evidence is 32 hex digits")
        with self._lock:
            self._being_written[evidence_id] = _day_of(record.at)
        try:
            with _translated("evidence could not be written: check the disk's free space"):
                self._files.write(record.at, evidence_id, picture, content)
            self._add([_summary_of(record, len(picture) + len(content))])
        finally:
            with self._lock:
                del self._being_written[evidence_id]

    @override
    def list_records(self, query: EvidenceQuery) -> list[EvidenceRecord]:
        asked_for = [summary for summary in self.summaries() if query.accepts(summary)]
        records: list[EvidenceRecord] = []
        for summary in reversed(asked_for):
            if len(records) >= query.limit:
                break
            record = self._read_record(summary)
            if record is not None:
                records.append(record)
        return records

    @override
    def find(self, evidence_id: str) -> EvidenceRecord | None:
        summary = self._summary(evidence_id)
        return None if summary is None or summary.is_damaged else self._read_record(summary)

    @override
    def open_picture(self, evidence_id: str) -> bytes | None:
        summary = self._summary(evidence_id)
        if summary is None or summary.is_damaged:
            return None
        with _translated("evidence could not be read"):
            return _content_of(self._files.picture_path(summary.at, evidence_id))

    @override
    def summaries(self) -> list[EvidenceSummary]:
        self._load()
        with self._lock:
            kept = list(self._kept.values())
        return sorted(kept, key=age_order)

    @override
    def total_bytes(self) -> int:
        self._load()
        with self._lock:
            return self._total_bytes

    @override
    def delete(self, evidence_ids: Iterable[str]) -> int:
        self._load()
        deleted_count, days, failure = 0, set(), None
        for evidence_id in evidence_ids:
            summary = self._summary(evidence_id)
            if summary is None:
                continue
            try:
                self._files.delete(summary.at, evidence_id)
            except OSError as error:
                failure = error
                continue
            days.add(_day_of(summary.at))
            deleted_count += self._drop(evidence_id)
        with _translated("deleting evidence could not be made durable"):
            for day in days:
                self._files.make_deletions_durable(day)
                self._remove_if_empty(day)
        if failure is not None:
            raise StoreFailed("some evidence could not be deleted: check the folder's owner") from failure
        return deleted_count

    @override
    def remove_leftovers(self) -> int:
        self._load()
        removed_ids = set()
        with _translated("what a crash left of evidence could not be removed"):
            for day in self._files.days():
                files = list(self._files.files_of(day))
                with_record = {evidence_id for evidence_id, path in files if path.suffix == ".json"}
                for evidence_id, path in files:
                    with self._lock:
                        is_known = evidence_id in self._kept or evidence_id in self._being_written
                    if not is_known and evidence_id not in with_record:
                        path.unlink(missing_ok=True)
                        removed_ids.add(evidence_id)
                self._remove_if_empty(day)
        return len(removed_ids)

    def _load(self) -> None:
        with self._loading:
            if self._is_loaded:
                return
            with _translated("evidence could not be read"):
                found = [summary for day in self._files.days() for summary in self._summaries_of(day)]
            damaged_count = sum(summary.is_damaged for summary in found)
            if damaged_count:
                logger.warning("%d records of evidence are damaged and passed over", damaged_count)
            self._add(found)
            self._is_loaded = True

    def _summaries_of(self, day: date) -> Iterator[EvidenceSummary]:
        for evidence_id, path in self._files.files_of(day):
            if path.suffix != ".json":
                continue
            content = _content_of(path)
            if content is None:
                continue
            byte_count = len(content) + _size_of(path.with_suffix(".jpg"))
            try:
                record = record_from_json(content)
                if (record.evidence_id, _day_of(record.at)) != (evidence_id, day):
                    raise DamagedRecord("another piece's record")
                yield _summary_of(record, byte_count)
            except DamagedRecord:
                yield EvidenceSummary(evidence_id, _end_of(day), byte_count, client_id=None, reason=None)

    def _read_record(self, summary: EvidenceSummary) -> EvidenceRecord | None:
        """None when the file was taken away or damaged since the index was read."""
        with _translated("evidence could not be read"):
            content = _content_of(self._files.record_path(summary.at, summary.evidence_id))
        if content is None:
            return None
        try:
            return record_from_json(content)
        except DamagedRecord as damage:
            logger.warning("the record of evidence %s is damaged: %s", summary.evidence_id, damage)
            return None

    def _summary(self, evidence_id: str) -> EvidenceSummary | None:
        self._load()
        with self._lock:
            return self._kept.get(evidence_id)

    def _add(self, summaries: Iterable[EvidenceSummary]) -> None:
        with self._lock:
            for summary in summaries:
                # A piece that is written while the index is read may come both ways.
                known = self._kept.get(summary.evidence_id)
                self._total_bytes += summary.byte_count - (known.byte_count if known else 0)
                self._kept[summary.evidence_id] = summary

    def _drop(self, evidence_id: str) -> int:
        """1 when it was there: two deletions of one piece count it once."""
        with self._lock:
            dropped = self._kept.pop(evidence_id, None)
            self._total_bytes -= dropped.byte_count if dropped else 0
        return 0 if dropped is None else 1

    def _remove_if_empty(self, day: date) -> None:
        # Under the lock, so that no write begins between the look and the removal.
        with self._lock:
            if day not in self._being_written.values():
                self._files.remove_if_empty(day)


@contextlib.contextmanager
def _translated(sentence: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFailed(sentence) from error


def _summary_of(record: EvidenceRecord, byte_count: int) -> EvidenceSummary:
    return EvidenceSummary(
        record.evidence_id,
        record.at,
        byte_count,
        record.client_id,
        record.reason,
        record.subject_ids,
    )


def _day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)


def _content_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
