"""Shots as files, with their sizes in memory, which are read from the folder on first use."""

import contextlib
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from typing_extensions import override

from facegate.adapters.shot_files.shot_folders import ShotFolders, is_event_id
from facegate.domain.errors import StoreFailed
from facegate.ports.events.shot_store import ShotStore


class FileShotStore(ShotStore):
    """Shots in one folder that no other process writes to.

    How old a shot is, its event's id says: a folder that was copied keeps nothing for longer. The first call
    but `open_shot` reads the names and sizes of all and removes what a crash left half written.
    """

    def __init__(self, folder: Path) -> None:
        self._files = ShotFolders(folder)
        # Held while a file is written or removed: so a folder is not removed under a shot, and a size not
        # noted after its shot went. A shot takes milliseconds; there are a few in a second.
        self._lock = threading.Lock()
        self._sizes: dict[str, int] | None = None
        self._total_bytes = 0

    @override
    def save(self, event_id: str, picture: bytes) -> None:
        if not is_event_id(event_id):
            raise ValueError("the id of an event is 32 hex digits")
        with self._holding(
            "a picture of an event could not be written: check the disk's free space"
        ) as sizes:
            self._files.write(event_id, picture)
            self._total_bytes += len(picture) - sizes.get(event_id, 0)
            sizes[event_id] = len(picture)

    @override
    def open_shot(self, event_id: str) -> bytes | None:
        if not is_event_id(event_id):
            return None
        with _translated("a picture of an event could not be read"):
            try:
                return self._files.path(event_id).read_bytes()
            except FileNotFoundError:
                return None

    @override
    def list_ids(self) -> list[str]:
        with self._holding("the pictures of events could not be read") as sizes:
            return sorted(sizes)

    @override
    def delete(self, event_ids: Collection[str]) -> int:
        return len(self._delete([event_id for event_id in event_ids if is_event_id(event_id)]))

    @override
    def sweep(self, *, older_than_s: float, max_bytes: int) -> list[str]:
        oldest_kept_ms = (time.time() - older_than_s) * 1000
        with self._holding("the pictures of events could not be read") as sizes:
            oldest_first = sorted(sizes.items())
            left_bytes = self._total_bytes
        doomed = []
        for event_id, byte_count in oldest_first:
            if int(event_id[:12], 16) >= oldest_kept_ms and left_bytes <= max_bytes:
                break
            doomed.append(event_id)
            left_bytes -= byte_count
        return self._delete(doomed)

    @override
    def total_bytes(self) -> int:
        with self._holding("the pictures of events could not be read"):
            return self._total_bytes

    def _delete(self, event_ids: Collection[str]) -> list[str]:
        """The lock is taken for each anew, so that a long sweep does not hold up who saves."""
        sentence = "a picture of an event could not be deleted: check the folder's owner"
        deleted: list[str] = []
        folders: set[Path] = set()
        for event_id in event_ids:
            with self._holding(sentence) as sizes:
                if self._files.delete(event_id):
                    deleted.append(event_id)
                    folders.add(self._files.path(event_id).parent)
                self._total_bytes -= sizes.pop(event_id, 0)
        for folder in sorted(folders):
            with self._holding(sentence):
                self._files.tidy(folder)
        return deleted

    @contextlib.contextmanager
    def _holding(self, sentence: str) -> Iterator[dict[str, int]]:
        """The lock, with the sizes read."""
        with self._lock, _translated(sentence):
            if self._sizes is None:
                self._sizes = self._files.sizes()
                self._total_bytes = sum(self._sizes.values())
            yield self._sizes


@contextlib.contextmanager
def _translated(sentence: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFailed(sentence) from error
