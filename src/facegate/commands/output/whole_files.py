"""Files that are there whole or not at all, readable by their owner alone."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from facegate.commands.output.outcomes import CommandRefused


def check_output_path(path: Path, *, inputs: Sequence[Path] = (), is_forced: bool) -> None:
    """Refuses, before any work, to write over what the work reads, or unasked over any other file.

    Raises:
        CommandRefused: the file is there already, or is one of `inputs`, or its folder is not there.
    """
    if any(_is_same_file(path, one) for one in inputs):
        raise CommandRefused(f"That would overwrite the input {path}: give the result another name.")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise CommandRefused(f"{path} is no file in a folder that exists.")
    if not is_forced and (path.exists() or path.is_symlink()):
        raise CommandRefused(f"{path} is there already: add --force to replace it.")


def _is_same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Written aside and renamed at the end; nothing stays behind when that end is not reached.

    Raises:
        CommandRefused: the file cannot be written.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise CommandRefused(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
