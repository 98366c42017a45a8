"""The `PhotoSource` port over a folder on disk."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from facegate.adapters.photo_folders.layout import PhotoLimits, is_hidden, subject_of
from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.ports.photo_source import NamedPhoto


@dataclass(frozen=True, slots=True)
class _Entry:
    """A photo, or a person's folder that cannot be listed."""

    subject_id: str
    label: str
    is_unreadable_folder: bool = False


class PhotoFolder:
    """`name/*.jpg` and the other accepted formats, by name and then by file. Links are not followed."""

    def __init__(self, path: Path, limits: PhotoLimits | None = None) -> None:
        self._path = path
        self._limits = limits or PhotoLimits()
        self._found: list[_Entry] | None = None
        self._passed_over_count = 0

    def photo_count(self) -> int:
        """How many there are."""
        return len(self._listed())

    def photos(self) -> Iterator[NamedPhoto]:
        """Each picture once.

        Raises:
            InvalidInput: the folder cannot be read, or holds no photo in this layout.
        """
        for entry in self._listed():
            yield NamedPhoto(entry.subject_id, entry.label, partial(self._read, entry))

    def passed_over_count(self) -> int:
        """See the port."""
        self._listed()
        return self._passed_over_count

    def _listed(self) -> list[_Entry]:
        if self._found is None:
            try:
                top = sorted(os.scandir(self._path), key=lambda entry: entry.name)
            except OSError as error:
                raise InvalidInput("the folder of photos cannot be read") from error
            found: list[_Entry] = []
            # Whole folders one after the other: `a b` must not come between two photos of `a`.
            for entry in top:
                if not entry.is_dir(follow_symlinks=False):
                    self._pass_over(entry.name)
                elif not is_hidden(entry.name):
                    found.extend(self._of_person(entry.name))
                self._limits.check_count(len(found) + self._passed_over_count)
            if not found:
                raise InvalidInput("the folder holds no photos as name/photo.jpg")
            self._found = found
        return self._found

    def _of_person(self, name: str) -> list[_Entry]:
        """The photos of one folder; where it cannot be listed, one entry that says so when it is read."""
        found: list[_Entry] = []
        try:
            with os.scandir(self._path / name) as entries:
                for entry in entries:
                    label = f"{name}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        self._pass_over_folder(label)
                    elif subject_of(label, 0) is not None and entry.is_file(follow_symlinks=False):
                        found.append(_Entry(name, label))
                    else:
                        self._pass_over(entry.name)
                    self._limits.check_count(len(found) + self._passed_over_count)
        except OSError:
            return [_Entry(name, name, is_unreadable_folder=True)]
        return sorted(found, key=lambda entry: entry.label)

    def _pass_over_folder(self, label: str) -> None:
        if is_hidden(label.rpartition("/")[2]):
            return
        for _, folders, files in os.walk(self._path / label):
            folders[:] = [folder for folder in folders if not is_hidden(folder)]
            for file in files:
                self._pass_over(file)
            self._limits.check_count(self._passed_over_count)

    def _pass_over(self, name: str) -> None:
        self._passed_over_count += not is_hidden(name)

    def _read(self, entry: _Entry) -> bytes:
        if entry.is_unreadable_folder:
            raise InvalidInput("this person's folder cannot be read: check its permissions")
        try:
            # Whatever has become of the file since it was listed, a link is not followed.
            descriptor = os.open(self._path / entry.label, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(self._limits.max_photo_bytes + 1)
        except OSError as error:
            raise InvalidInput("the photo cannot be read") from error
        if len(content) > self._limits.max_photo_bytes:
            raise ImageTooLarge(f"the photo has more than {self._limits.max_photo_bytes >> 20} MiB")
        return content
