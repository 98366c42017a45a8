"""The `PhotoSource` port over zip and tar files. Nothing is unpacked to disk, so no path can lead out."""

import stat
import tarfile
import threading
import weakref
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from lzma import LZMAError
from pathlib import Path

from facegate.adapters.photo_folders.bounded_tar import open_tar
from facegate.adapters.photo_folders.layout import PhotoLimits, depth_of, is_passed_over, subject_of
from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.ports.photo_source import NamedPhoto

_BROKEN = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    LZMAError,
    RuntimeError,  # an encrypted zip
    NotImplementedError,  # a compression that Python cannot read
    ValueError,
    KeyError,
)


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    """A regular file of an archive; `size_bytes` is what the archive says, which may be a lie."""

    name: str
    size_bytes: int
    entry: zipfile.ZipInfo | tarfile.TarInfo


class _OpenArchive:
    """Keeps an archive open as long as one of its photos can still be asked for."""

    def __init__(self, read: Callable[[_Member], bytes], close: Callable[[], None]) -> None:
        self.read = read
        weakref.finalize(self, close)


class _ArchivePhotos(ABC):
    """What zip and tar share: the layout, the order and the limits."""

    def __init__(self, path: Path, limits: PhotoLimits | None = None) -> None:
        self._path = path
        self._limits = limits or PhotoLimits()
        self._found: list[tuple[str, _Member]] | None = None
        self._passed_over_count = 0
        self._odd_count = 0

    def photo_count(self) -> int:
        """How many there are."""
        return len(self._listed())

    def passed_over_count(self) -> int:
        """See the port; links and devices in an archive count too."""
        self._listed()
        return self._passed_over_count

    def photos(self) -> Iterator[NamedPhoto]:
        """Each picture once.

        Raises:
            InvalidInput: the archive is damaged or holds no photo in this layout.
        """
        listed = self._listed()
        try:
            archive = self._open()
        except _BROKEN as error:
            raise InvalidInput("the archive of photos cannot be read") from error
        for subject_id, member in listed:
            yield NamedPhoto(subject_id, member.name, partial(self._read, archive, member))

    @abstractmethod
    def _members(self) -> Iterator[_Member]:
        """Regular members only, in the order in which they are best read: no links, devices, folders."""

    @abstractmethod
    def _open(self) -> _OpenArchive: ...

    def _listed(self) -> list[tuple[str, _Member]]:
        if self._found is None:
            try:
                members: dict[str, _Member] = {}
                for member in self._members():
                    members[member.name] = member
                    self._limits.check_count(len(members))
            except _BROKEN as error:
                raise InvalidInput("the archive of photos is damaged or not a zip or tar file") from error
            depth = depth_of(list(members))
            self._passed_over_count = sum(is_passed_over(name, depth) for name in members) + self._odd_count
            by_subject: dict[str, list[_Member]] = {}
            for member in members.values():
                subject_id = subject_of(member.name, depth)
                if subject_id is not None:
                    by_subject.setdefault(subject_id, []).append(member)
            found = [(subject_id, member) for subject_id, own in by_subject.items() for member in own]
            if not found:
                raise InvalidInput("the archive holds no photos as name/photo.jpg")
            self._found = found
        return self._found

    def _read(self, archive: _OpenArchive, member: _Member) -> bytes:
        max_bytes = self._limits.max_photo_bytes
        if member.size_bytes <= max_bytes:
            try:
                content = archive.read(member)
            except _BROKEN as error:
                raise InvalidInput("this photo is damaged inside the archive") from error
            if len(content) <= max_bytes:
                return content
        raise ImageTooLarge(f"the photo has more than {max_bytes >> 20} MiB")


class ZipPhotos(_ArchivePhotos):
    """A zip file laid out as `name/photo.jpg`, perhaps within one outer folder; sorted by name."""

    def _members(self) -> Iterator[_Member]:
        with zipfile.ZipFile(self._path) as archive:
            for entry in sorted(archive.infolist(), key=lambda entry: entry.filename.split("/")):
                kind = stat.S_IFMT(entry.external_attr >> 16)
                if entry.is_dir():
                    continue
                if kind in (0, stat.S_IFREG):
                    yield _Member(entry.filename, entry.file_size, entry)
                else:
                    self._odd_count += 1

    def _open(self) -> _OpenArchive:
        archive = zipfile.ZipFile(self._path)
        max_bytes = self._limits.max_photo_bytes

        def read(member: _Member) -> bytes:
            if not isinstance(member.entry, zipfile.ZipInfo):
                raise TypeError("a member of a zip file is needed")
            with archive.open(member.entry) as file:
                return file.read(max_bytes + 1)

        return _OpenArchive(read, archive.close)


def is_tar(path: Path) -> bool:
    """Whether it begins like a tar file, compressed or not.

    Raises:
        InvalidInput: it unpacks to far too much.
    """
    try:
        open_tar(path).close()
    except _BROKEN:
        return False
    return True


class TarPhotos(_ArchivePhotos):
    """A tar file, compressed or not, laid out like a zip.

    Its photos come in the archive's own order, person by person: going back in a compressed tar means
    decompressing it from the start.
    """

    def _members(self) -> Iterator[_Member]:
        with open_tar(self._path) as archive:
            for count, entry in enumerate(archive, start=1):
                self._limits.check_count(count)
                if entry.isreg():
                    yield _Member(entry.name.removeprefix("./"), entry.size, entry)
                elif not entry.isdir():
                    self._odd_count += 1

    def _open(self) -> _OpenArchive:
        archive = open_tar(self._path)
        lock = threading.Lock()  # all members share one file position
        max_bytes = self._limits.max_photo_bytes

        def read(member: _Member) -> bytes:
            if not isinstance(member.entry, tarfile.TarInfo):
                raise TypeError("a member of a tar file is needed")
            with lock:
                file = archive.extractfile(member.entry)
                if file is None:
                    raise tarfile.TarError("not a regular file")
                with file:
                    return file.read(max_bytes + 1)

        return _OpenArchive(read, archive.close)
