"""The `PhotoSource` port over a folder on disk."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from facegate.adapters.photo_folders.layout import PhotoLimits, subject_of
from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.ports.photo_source import NamedPhoto


class PhotoFolder:
    """`name/*.jpg` and the other accepted formats, by name and then by file. Links are not followed."""

    def __init__(self, path: Path, limits: PhotoLimits | None = None) -> None:
        self._path = path
        self._limits = limits or PhotoLimits()
        self._found: list[tuple[str, str]] | None = None

    def photo_count(self) -> int:
        """How many there are."""
        return len(self._listed())

    def photos(self) -> Iterator[NamedPhoto]:
        """Each picture once.

        Raises:
            InvalidInput: the folder cannot be read, or holds no photo in this layout.
        """
        for subject_id, label in self._listed():
            yield NamedPhoto(subject_id, label, partial(self._read, label))

    def _listed(self) -> list[tuple[str, str]]:
        if self._found is None:
            try:
                labels = [
                    f"{folder.name}/{file.name}"
                    for folder in os.scandir(self._path)
                    if folder.is_dir(follow_symlinks=False)
                    for file in os.scandir(folder)
                    if file.is_file(follow_symlinks=False)
                ]
            except OSError as error:
                raise InvalidInput("the folder of photos cannot be read") from error
            # Whole folders one after the other: `a b` must not come between two photos of `a`.
            labels.sort(key=lambda label: label.split("/"))
            found = [
                (subject_id, label) for label in labels if (subject_id := subject_of(label, 0)) is not None
            ]
            if not found:
                raise InvalidInput("the folder holds no photos as name/photo.jpg")
            self._found = found
        return self._found

    def _read(self, label: str) -> bytes:
        try:
            # Whatever has become of the file since it was listed, a link is not followed.
            descriptor = os.open(self._path / label, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(self._limits.max_photo_bytes + 1)
        except OSError as error:
            raise InvalidInput("the photo cannot be read") from error
        if len(content) > self._limits.max_photo_bytes:
            raise ImageTooLarge(f"the photo has more than {self._limits.max_photo_bytes >> 20} MiB")
        return content
