"""Photos of many people in portions: the server is asked often enough that progress can be shown.

It takes archives laid out as `person/photo.jpg`. A visitor's zip or folder is cut into small zips of that
layout; nothing is unpacked to disk.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from facegate.page.pictures import PICTURE_TYPES

MAX_PHOTO_BYTES = 32 << 20
_BATCH_PHOTOS = 12
_BATCH_BYTES = 16 << 20

_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)
"""What a damaged, encrypted or unusual zip raises in Python."""


class NoZip(Exception):
    """The file is no zip that can be read."""


class PhotoBroken(Exception):
    """A photo cannot be taken out of its zip, or is larger than any photo."""


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """`person` is the name of its folder; `read` raises PhotoBroken."""

    person: str
    file: str
    read: Callable[[], bytes]

    @property
    def path(self) -> str:
        """As the server wants it."""
        return f"{self.person}/{self.file}"


@dataclass(frozen=True, slots=True)
class Found:
    """Photos by person, and how many pictures lie elsewhere."""

    photos: tuple[FoundPhoto, ...]
    left_out_count: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A small zip; `broken` are paths of photos that are not in it."""

    archive: bytes
    photo_count: int
    broken: tuple[str, ...]


def photos_of_zip(content: io.BytesIO) -> Found:
    """The photos of a zip, person by person.

    Raises:
        NoZip: it is none.
    """
    try:
        archive = zipfile.ZipFile(content)
    except _BROKEN as error:
        raise NoZip from error
    entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
    return _laid_out([(name, partial(_read, archive, entry)) for name, entry in entries.items()])


def photos_of_folder(files: Sequence[tuple[str, bytes]]) -> Found:
    """The photos of an uploaded folder: pairs of path and content."""

    def given(content: bytes) -> bytes:
        return content

    return _laid_out([(name, partial(given, content)) for name, content in files])


def batches(photos: Sequence[FoundPhoto]) -> Iterator[Batch]:
    """All of them, in portions of a few photos."""
    held: list[tuple[str, bytes]] = []
    broken: list[str] = []
    size_bytes = 0
    for photo in photos:
        try:
            content = photo.read()
        except PhotoBroken:
            broken.append(photo.path)
            continue
        held.append((photo.path, content))
        size_bytes += len(content)
        if len(held) == _BATCH_PHOTOS or size_bytes >= _BATCH_BYTES:
            yield _batch(held, broken)
            held, broken, size_bytes = [], [], 0
    if held or broken:
        yield _batch(held, broken)


def _batch(held: Sequence[tuple[str, bytes]], broken: Sequence[str]) -> Batch:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for path, content in held:
            archive.writestr(path, content)
    return Batch(written.getvalue(), len(held), tuple(broken))


def _laid_out(files: Sequence[tuple[str, Callable[[], bytes]]]) -> Found:
    """As the server sees an archive: `person/photo.jpg`, or all of that within one outer folder."""
    pictures = []
    for name, read in files:
        parts = PurePosixPath(name.replace("\\", "/").lstrip("/")).parts
        is_hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
        if parts and not is_hidden and _is_picture(parts[-1]):
            pictures.append((parts, read))
    plain_count = sum(len(parts) == 2 for parts, _ in pictures)
    nested_count = sum(len(parts) == 3 for parts, _ in pictures)
    outer_folders = {parts[0] for parts, _ in pictures if len(parts) in (2, 3)}
    length = 3 if len(outer_folders) == 1 and nested_count > plain_count else 2
    photos = [FoundPhoto(parts[-2], parts[-1], read) for parts, read in pictures if len(parts) == length]
    photos.sort(key=lambda photo: (photo.person, photo.file))
    return Found(tuple(photos), len(pictures) - len(photos))


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower().removeprefix(".") in PICTURE_TYPES


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """One file; what the zip says of its size may be a lie, so no more than the limit is unpacked."""
    if entry.file_size > MAX_PHOTO_BYTES:
        raise PhotoBroken
    try:
        with archive.open(entry) as packed:
            content = packed.read(MAX_PHOTO_BYTES + 1)
    except _BROKEN as error:
        raise PhotoBroken from error
    if len(content) > MAX_PHOTO_BYTES:
        raise PhotoBroken
    return content
