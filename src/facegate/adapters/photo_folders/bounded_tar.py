"""Opens tar files, compressed or not, without letting a small one unpack to more than photos can be.

What lies in them, and whose it is, is `photo_archives.py`'s business.
"""

import bz2
import gzip
import io
import lzma
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from facegate.domain.errors import InvalidInput

MAX_RATIO, FREE_BYTES = 50, 64 << 20
"""Photos hardly shrink: what unpacks to 50 times its size and 64 MiB more was made to harm."""

_MAX_READ_BYTES = 128 << 20
"""One name or header in the archive: tarfile reads it whole, at whatever length it claims."""

_DECOMPRESSORS: tuple[tuple[bytes, Callable[[BinaryIO], object]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
    (b"\x5d\x00\x00", lzma.open),
)


def open_tar(path: Path) -> tarfile.TarFile:
    """The open archive; closing it closes the file.

    Raises:
        InvalidInput: already its beginning unpacks to far too much.
        OSError, EOFError, tarfile.TarError, zlib.error, LZMAError, ValueError: it is no tar file.
    """
    file = path.open("rb")
    try:
        start = file.read(8)
        file.seek(0)
        decompress = next((opened for magic, opened in _DECOMPRESSORS if start.startswith(magic)), None)
        size_bytes = os.fstat(file.fileno()).st_size
        if decompress is None:
            # A plain tar file cannot be longer than itself.
            stream = _BoundedStream(file, file, size_bytes)
        else:
            unpacked = cast("BinaryIO", decompress(file))
            stream = _BoundedStream(unpacked, file, MAX_RATIO * size_bytes + FREE_BYTES)
        return _OwningTar.open(fileobj=stream, mode="r:")
    except BaseException:
        file.close()
        raise


class _OwningTar(tarfile.TarFile):
    """Closes the stream it was given, which tarfile leaves to the giver."""

    def close(self) -> None:
        super().close()
        if self.fileobj is not None:
            self.fileobj.close()


class _BoundedStream(io.RawIOBase):
    """A stream that may be read up to a position; seeking counts, since it decompresses just the same."""

    def __init__(self, unpacked: BinaryIO, file: BinaryIO, max_position: int) -> None:
        super().__init__()
        self._unpacked = unpacked
        self._file = file
        self._max_position = max_position

    def read(self, size: int = -1, /) -> bytes:
        if size < 0 or size > _MAX_READ_BYTES:
            raise InvalidInput("the archive of photos is damaged: an entry in it has no sensible length")
        content = self._unpacked.read(size)
        self._check(self._unpacked.tell())
        return content

    def seek(self, position: int, whence: int = os.SEEK_SET, /) -> int:
        if whence == os.SEEK_SET:
            self._check(position)
        return self._unpacked.seek(position, whence)

    def tell(self) -> int:
        return self._unpacked.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._unpacked.close()
            self._file.close()
        super().close()

    def _check(self, position: int) -> None:
        if position > self._max_position:
            raise InvalidInput(
                "the archive of photos is damaged, or unpacks to far more than photos do: pack it anew"
            )
