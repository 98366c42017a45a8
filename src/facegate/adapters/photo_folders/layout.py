"""The layout `name/photo.jpg`: which paths count, and whose they are. No file is touched here."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from facegate.domain.errors import InvalidInput

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".heic", ".heif"})

DEFAULT_MAX_PHOTO_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """Bounds against archives made to harm: bytes of one photo, and how many there may be."""

    max_photo_bytes: int = DEFAULT_MAX_PHOTO_BYTES
    max_photos: int = 5_000_000

    def check_count(self, file_count: int) -> None:
        """Ends a listing that grows too long.

        Raises:
            InvalidInput: there are more files than photos may be.
        """
        if file_count > self.max_photos:
            raise InvalidInput(f"there are more than {self.max_photos} photos: import them in parts")


def subject_of(path: str, depth: int) -> str | None:
    """The person whose photo this path is, or None when it is none.

    `depth` is where the person's folder stands: 0 for `name/photo.jpg`, 1 for `all/name/photo.jpg`.
    Hidden files and folders and what systems leave behind (`__MACOSX`) do not count.
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if len(parts) != depth + 2 or parts[0] == "/":
        return None
    if any(is_hidden(part) for part in parts):
        return None
    if PurePosixPath(parts[-1]).suffix.lower() not in PHOTO_SUFFIXES:
        return None
    return parts[-2]


def is_hidden(name: str) -> bool:
    """Whether systems or programs left it behind: nobody misses it, so it is not even counted."""
    return name.startswith((".", "__MACOSX"))


def is_passed_over(path: str, depth: int) -> bool:
    """Whether it is a file that somebody may have taken for a photo of a person, and that is none."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return not any(is_hidden(part) for part in parts) and subject_of(path, depth) is None


def depth_of(paths: list[str]) -> int:
    """1 when all photos lie in one outer folder, most of them a level deeper; 0 otherwise.

    An archive of a folder has such an outer folder; a single person's folder with one folder of crops
    in it has not.
    """
    plain = [path for path in paths if subject_of(path, 0) is not None]
    nested = [path for path in paths if subject_of(path, 1) is not None]
    outer_folders = {PurePosixPath(path.replace("\\", "/")).parts[0] for path in (*plain, *nested)}
    return 1 if len(outer_folders) == 1 and len(nested) > len(plain) else 0
