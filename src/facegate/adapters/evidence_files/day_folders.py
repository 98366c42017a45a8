"""Files of evidence on disk: `<folder>/<UTC day>/<id>.jpg` and `.json`. What is in them is others' business.

No path holds more than a day and a generated id, so that neither a client's name nor what it sends can
choose where something is written.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from facegate.adapters.durable_files import make_durable, write_new

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FILE = re.compile(r"([0-9a-f]{32})\.(jpg|json|json\.part)", re.ASCII)


class DayFolders:
    """Paths and durable changes. Every method may raise OSError."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before the first write."""
        self._folder = folder

    def picture_path(self, at: datetime, evidence_id: str) -> Path:
        """Where the picture of a piece lies."""
        return self._day_folder(at) / f"{evidence_id}.jpg"

    def record_path(self, at: datetime, evidence_id: str) -> Path:
        """Where its record lies."""
        return self._day_folder(at) / f"{evidence_id}.json"

    def write(self, at: datetime, evidence_id: str, picture: bytes, record: bytes) -> None:
        """The picture first, then the record under another name, which is renamed when it is durable.

        So a record never stands without its whole picture. When this fails, both are gone.
        """
        picture_path, record_path = self.picture_path(at, evidence_id), self.record_path(at, evidence_id)
        partial_path = record_path.with_name(f"{record_path.name}.part")
        self._make_folder(picture_path.parent)
        try:
            write_new(picture_path, picture)
            write_new(partial_path, record)
            partial_path.rename(record_path)
            make_durable(record_path.parent)
        except FileExistsError:
            raise  # another piece has this id: not ours to remove
        except OSError:
            for path in (record_path, partial_path, picture_path):
                # What stays is a leftover; the first error says why.
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
            raise

    def delete(self, at: datetime, evidence_id: str) -> None:
        """The record first: what a crash leaves then is a leftover. Durable after `tidy`."""
        self.record_path(at, evidence_id).unlink(missing_ok=True)
        self.picture_path(at, evidence_id).unlink(missing_ok=True)

    def make_deletions_durable(self, day: date) -> None:
        """Waits until what was deleted of a day stays deleted after a power cut."""
        with contextlib.suppress(FileNotFoundError):
            make_durable(self._folder / day.isoformat())

    def remove_if_empty(self, day: date) -> None:
        """Removes a day's folder when nothing is left in it."""
        with contextlib.suppress(OSError):  # most often: it is not empty
            (self._folder / day.isoformat()).rmdir()

    def days(self) -> list[date]:
        """The days that have a folder, oldest first."""
        found = []
        for name in _names_of(self._folder, want_folders=True):
            # A name such as 2026-02-31 is no day.
            with contextlib.suppress(ValueError):
                if _DAY.fullmatch(name):
                    found.append(date.fromisoformat(name))
        return sorted(found)

    def files_of(self, day: date) -> Iterator[tuple[str, Path]]:
        """The id and path of every file of ours in a day's folder."""
        folder = self._folder / day.isoformat()
        for name in _names_of(folder, want_folders=False):
            if known := _FILE.fullmatch(name):
                yield known[1], folder / name

    def _day_folder(self, at: datetime) -> Path:
        return self._folder / at.astimezone(UTC).date().isoformat()

    def _make_folder(self, day_folder: Path) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_durable(self._folder.parent)
        if not day_folder.is_dir():
            day_folder.mkdir(mode=0o700, exist_ok=True)
            make_durable(self._folder)


def _names_of(folder: Path, *, want_folders: bool) -> list[str]:
    """Names of real files or folders; links are nobody's evidence. Empty when the folder is not there."""
    try:
        with os.scandir(folder) as entries:
            return [
                entry.name
                for entry in entries
                if (entry.is_dir if want_folders else entry.is_file)(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []
