"""Hashes, atomic writes and the error for a source that does not give the published file."""

import hashlib
import os
import tempfile
from pathlib import Path


class SourceUnavailable(Exception):
    """One source cannot give the file; the message is a short reason for people. Never leaves this room."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_published(content: bytes, sha256: str) -> bool:
    """Whether these are the published bytes."""
    return hashlib.sha256(content).hexdigest() == sha256


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that nobody ever sees a part of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Models are public: a cache that several accounts share must be readable by all of them.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
