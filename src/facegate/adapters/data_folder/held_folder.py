"""The data folder and the lock that keeps it to one process. What lies in it is others' business."""

from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from facegate.domain.errors import GalleryInUse, StoreFailed

LOCK_FILE_NAME = "facegate.lock"


class HeldDataFolder:
    """A data folder that this process alone works in, until `release`, its end or its death.

    The lock is the operating system's and goes with the process, so a killed server leaves nothing to
    clean up. A folder that is made here is for its owner alone; one that exists keeps its mode, since it
    may be somebody's mount.
    """

    def __init__(self, path: Path) -> None:
        """Makes the folder if need be and takes the lock.

        Raises:
            GalleryInUse: another process holds the folder.
            StoreFailed: the folder cannot be made or written.
        """
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = FileLock(
                path / LOCK_FILE_NAME,
                timeout=0,
                mode=0o600,
                thread_local=False,  # whichever thread shuts down releases it
                is_singleton=False,
                fallback_to_soft=False,  # a soft lock would outlive a killed process
            )
            self._lock.acquire()
        except Timeout as error:
            raise GalleryInUse(
                "another facegate works in this data folder: stop it first, let the command line talk to it, "
                "or choose another folder with FACEGATE_STORAGE__DATA_FOLDER"
            ) from error
        except (OSError, NotImplementedError) as error:
            raise StoreFailed(
                "the data folder cannot be made or written: check its place, its owner and its mode"
            ) from error

    def release(self) -> None:
        """Lets others have the folder; calling it again does nothing."""
        self._lock.release(force=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
