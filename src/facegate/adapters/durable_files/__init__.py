"""Files that are there after a power cut: what rooms that keep files share. Knows none of them."""

import os
from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """A new file, its owner's alone, durable itself; its name is once `make_durable` was called.

    Raises:
        FileExistsError: there is one.
        OSError: it could not be written; a part of it may be there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def make_durable(folder: Path) -> None:
    """The folder's entries, where the system can do that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
