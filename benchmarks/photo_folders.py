"""Photo sets on disk, laid out as `name/*.jpg`; persons of the same name in several sets are one person."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from facegate.ports.photo_source import NamedPhoto, PhotoSource

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


class PhotoFolders(PhotoSource):
    """All photos of these folders, in order of person and file name."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.paths = tuple(path for folder in folders for path in photo_paths(folder))

    def photo_count(self) -> int:
        """How many photos there are."""
        return len(self.paths)

    def passed_over_count(self) -> int:
        """Files of other kinds are not counted: photo sets are chosen by hand."""
        return 0

    def photos(self) -> Iterator[NamedPhoto]:
        """Each photo once."""
        for path in self.paths:
            yield NamedPhoto(path.parent.name, f"{path.parent.name}/{path.name}", path.read_bytes)


def photo_paths(folder: Path) -> list[Path]:
    """Photos of one set, sorted.

    Raises:
        SystemExit: the folder holds no `name/*.jpg`.
    """
    paths = sorted(path for path in folder.glob("*/*") if path.suffix.lower() in _SUFFIXES)
    if not paths:
        raise SystemExit(f"{folder} holds no photos laid out as name/*.jpg")
    return paths
