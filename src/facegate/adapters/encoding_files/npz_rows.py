"""Encodings in numpy's npz: `encodings` with `names`, or one array per person."""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegate.adapters.encoding_files.raw_rows import MAX_FILE_BYTES, RawRow, pickle_refused
from facegate.domain.errors import InvalidInput

_VECTOR_KEYS = ("encodings", "embeddings", "known_face_encodings")
_NAME_KEYS = ("names", "ids", "person_ids", "user_ids", "labels", "known_face_names")


def npz_rows(path: Path) -> Iterator[RawRow]:
    """The rows of an npz file.

    Raises:
        InvalidInput: damaged, of another layout, too large unpacked, or with pickled objects inside.
    """
    arrays = _load(path)
    vector_key = next((key for key in _VECTOR_KEYS if key in arrays), None)
    name_key = next((key for key in _NAME_KEYS if key in arrays), None)
    if vector_key is not None and name_key is not None:
        return _paired(arrays[vector_key], arrays[name_key])
    if vector_key is not None:
        raise InvalidInput("the npz file has encodings but no array `names` that says whose they are")
    return _by_person(arrays)


def _load(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_FILE_BYTES:
                raise InvalidInput("the npz file would unpack to more than 1 GiB: split it")
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise pickle_refused() from error
        raise InvalidInput("the npz file is damaged") from error
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, MemoryError) as error:
        raise InvalidInput("the npz file is damaged") from error


def _paired(vectors: NDArray[Any], names: NDArray[Any]) -> Iterator[RawRow]:
    if vectors.ndim != 2 or names.ndim != 1 or len(vectors) != len(names):
        raise InvalidInput(
            f"the npz file has encodings of shape {vectors.shape} and names of shape {names.shape}: "
            "(n, 128) and (n,) are needed"
        )
    for row, (vector, name) in enumerate(zip(vectors, names.tolist(), strict=True)):
        yield RawRow(_text(name), f"row {row}", vector)


def _by_person(arrays: Mapping[str, NDArray[Any]]) -> Iterator[RawRow]:
    if not arrays:
        raise InvalidInput("the npz file is empty")
    for name, vectors in arrays.items():
        for row, vector in enumerate(np.atleast_2d(vectors)):
            yield RawRow(name, f"{name}[{row}]", vector)


def _text(name: object) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
