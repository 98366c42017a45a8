"""Files of shots on disk: `<folder>/<first six digits of the id>/<id>.jpg`.

No path holds more than the id of an event, so that nobody outside can choose where something is written.
Ids begin with the time: a folder holds the shots of four hours and forty minutes.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from facegate.adapters.durable_files import make_durable, write_new

_EVENT_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_FOLDER = re.compile(r"[0-9a-f]{6}", re.ASCII)
_FILE = re.compile(r"([0-9a-f]{32})\.jpg(\.part)?", re.ASCII)

_FOLDER_DIGITS = 6


def is_event_id(text: str) -> bool:
    """Whether a file can be named after it."""
    return _EVENT_ID.fullmatch(text) is not None


class ShotFolders:
    """Paths and durable changes. Every method may raise OSError; changes come one at a time."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before the first write."""
        self._folder = folder

    def path(self, event_id: str) -> Path:
        """Where the shot of an event lies."""
        return self._folder / event_id[:_FOLDER_DIGITS] / f"{event_id}.jpg"

    def write(self, event_id: str, picture: bytes) -> None:
        """Under another name first, which is renamed when it is durable: a shot is whole or not there."""
        path = self.path(event_id)
        partial_path = path.with_name(f"{path.name}.part")
        self._make_folder(path.parent)
        try:
            # A leftover of a write that could not even be undone.
            partial_path.unlink(missing_ok=True)
            write_new(partial_path, picture)
            partial_path.replace(path)
            make_durable(path.parent)
        except OSError:
            # What stays is a leftover; the first error says why.
            with contextlib.suppress(OSError):
                partial_path.unlink(missing_ok=True)
            raise

    def delete(self, event_id: str) -> bool:
        """Whether it was there. Durable after `tidy`."""
        try:
            self.path(event_id).unlink()
        except FileNotFoundError:
            return False
        return True

    def tidy(self, folder: Path) -> None:
        """Waits until what was deleted in it stays deleted after a power cut; an empty folder goes."""
        with contextlib.suppress(FileNotFoundError):
            make_durable(folder)
        with contextlib.suppress(OSError):  # most often: it is not empty
            folder.rmdir()

    def sizes(self) -> dict[str, int]:
        """Bytes by event; what a crash left half written is removed."""
        found: dict[str, int] = {}
        for folder in _entries(self._folder):
            if not (_FOLDER.fullmatch(folder.name) and folder.is_dir(follow_symlinks=False)):
                continue
            for file in _entries(Path(folder.path)):
                name = _FILE.fullmatch(file.name)
                # Links are nobody's shots, nor is a file that lies in the wrong folder.
                if (
                    name is None
                    or not file.is_file(follow_symlinks=False)
                    or not name[1].startswith(folder.name)
                ):
                    continue
                if name[2]:
                    Path(file.path).unlink(missing_ok=True)
                else:
                    found[name[1]] = file.stat(follow_symlinks=False).st_size
        return found

    def _make_folder(self, folder: Path) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_durable(self._folder.parent)
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            make_durable(self._folder)


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """None when the folder is not there."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        yield from entries
