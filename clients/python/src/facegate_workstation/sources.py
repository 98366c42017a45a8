"""Where pictures come from: what a source is, and a folder of files as one."""

import asyncio
import logging
from collections import deque
from pathlib import Path
from typing import Protocol

from facegate_workstation.errors import SourceUnavailable
from facegate_workstation.jpeg import JpegFormat, can_scale, shrunk

_LOGGER = logging.getLogger("facegate_workstation")

_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".heic", ".heif")


class PictureSource(Protocol):
    """Gives one picture whenever the agent can send one."""

    async def open(self) -> None:
        """Gets ready; raises SourceUnavailable where there can be no pictures."""

    async def newest(self) -> bytes | None:
        """The newest picture, encoded as JPEG, PNG, WebP, BMP or HEIC; None where there are no more."""

    def make_smaller(self) -> bool:
        """The server found a picture too large; False where smaller ones cannot be had."""

    async def close(self) -> None:
        """Lets go of everything. May be called without `open`, and twice."""


class FolderPictures:
    """The pictures of a folder in the order of their names, again and again.

    The folder is read anew each round. Pictures larger than the format allows are scaled down where OpenCV is
    installed; the others go out as they are.
    """

    def __init__(self, folder: Path, *, loop: bool = True, picture_format: JpegFormat | None = None) -> None:
        self._folder = folder
        self._loop = loop
        self._format = picture_format or JpegFormat()
        self._left: deque[Path] = deque()
        self._has_begun = False

    async def open(self) -> None:
        """Raises SourceUnavailable where the folder is none or holds no picture."""
        if not await asyncio.to_thread(self._folder.is_dir):
            raise SourceUnavailable(f"{self._folder} is not a folder")
        if not await asyncio.to_thread(self._list):
            raise SourceUnavailable(f"{self._folder} holds no picture ({', '.join(_ENDINGS)})")
        self._has_begun = False
        self._left.clear()

    async def newest(self) -> bytes | None:
        """The next file; None after the last one where they are shown once, or where all are gone."""
        return await asyncio.to_thread(self._next)

    def make_smaller(self) -> bool:
        """Scales from now on, if it can."""
        return can_scale() and self._format.make_smaller()

    async def close(self) -> None:
        """Nothing is held open."""

    def _list(self) -> list[Path]:
        return sorted(path for path in self._folder.iterdir() if path.suffix.lower() in _ENDINGS)

    def _next(self) -> bytes | None:
        for _ in range(2):
            while self._left:
                path = self._left.popleft()
                try:
                    return shrunk(path.read_bytes(), self._format)
                except OSError as error:
                    _LOGGER.warning("%s cannot be read: %s", path.name, error.strerror)
            if self._has_begun and not self._loop:
                return None
            self._has_begun = True
            try:
                self._left.extend(self._list())
            except OSError as error:
                _LOGGER.warning("the folder cannot be read: %s", error.strerror)
        return None
