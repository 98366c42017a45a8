"""The record beside each ready file: what it was made from, and how to tell that it has not changed."""

import contextlib
import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from facegate.adapters.model_files.file_hashes import sha256_of, write_atomically
from facegate.adapters.model_files.manifest import ModelEntry


class ReadyRecord(BaseModel):
    """Facts of one ready file; `sha256`, size and time are the converted file's own."""

    model_config = ConfigDict(frozen=True)

    model_id: str
    source_sha256: str
    conversion_version: int
    sha256: str
    size_bytes: int
    modified_ns: int
    source_note: str

    def is_for(self, entry: ModelEntry) -> bool:
        """Whether the file was made from today's source by today's steps."""
        return (self.model_id, self.source_sha256, self.conversion_version) == (
            entry.model_id,
            entry.sha256,
            entry.conversion_version,
        )


def record_of(entry: ModelEntry, path: Path, content: bytes, source_note: str) -> ReadyRecord:
    """The record of a file that was just written with this content."""
    return ReadyRecord(
        model_id=entry.model_id,
        source_sha256=entry.sha256,
        conversion_version=entry.conversion_version,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        modified_ns=path.stat().st_mtime_ns,
        source_note=source_note,
    )


def read_record(path: Path) -> ReadyRecord | None:
    """The record, or None if there is none that can be read."""
    try:
        return ReadyRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def is_unchanged(path: Path, record: ReadyRecord) -> bool:
    """Whether the ready file is still the one that was recorded.

    Size and time decide, so that a start does not read 40 MB; only a file whose time changed (a copied
    cache) is read in full, once.
    """
    try:
        status = path.stat()
        if status.st_size != record.size_bytes:
            return False
        if status.st_mtime_ns == record.modified_ns:
            return True
        if sha256_of(path) != record.sha256:
            return False
    except OSError:
        return False
    refreshed = record.model_copy(update={"modified_ns": status.st_mtime_ns})
    # A cache that may only be read is fine: then the file is read in full at every start.
    with contextlib.suppress(OSError):
        write_atomically(path.with_suffix(".json"), refreshed.model_dump_json(indent=1).encode())
    return True
