"""The `EncodingReader` port over one file: told by its first bytes and its suffix, never unpickled."""

from collections.abc import Iterator
from pathlib import Path

from facegate.adapters.encoding_files.csv_rows import csv_rows
from facegate.adapters.encoding_files.json_rows import json_rows
from facegate.adapters.encoding_files.npz_rows import npz_rows
from facegate.adapters.encoding_files.raw_rows import MAX_FILE_BYTES, RawRow, pickle_refused, vector_of
from facegate.domain.errors import InvalidInput
from facegate.ports.encoding_reader import NamedEncoding, UnusableEncoding

FACE_RECOGNITION_DIMENSION = 128

_PICKLE_SUFFIXES = {".pkl", ".pickle", ".pck", ".p", ".joblib"}
_PICKLE_STARTS = (b"(lp", b"(dp", b"ccopy_reg\n", b"cnumpy", b"]q", b"}q")  # protocols 0 and 1
_PICKLE_PROTO, _NEWEST_PROTOCOL = 0x80, 5


class EncodingFile:
    """One npz, JSON or CSV file of encodings with the names they belong to."""

    def __init__(self, path: Path, dimension: int = FACE_RECOGNITION_DIMENSION) -> None:
        self._path = path
        self._dimension = dimension

    def encodings(self) -> Iterator[NamedEncoding | UnusableEncoding]:
        """Each row in the file's order; a bad row is reported and the others go on.

        Raises:
            InvalidInput: the file cannot be read at all, or is a pickle.
        """
        for row in self._rows():
            try:
                yield NamedEncoding(row.subject_id, row.label, vector_of(row.values, self._dimension))
            except InvalidInput as error:
                yield UnusableEncoding(row.label, error)

    def _rows(self) -> Iterator[RawRow]:
        try:
            size_bytes = self._path.stat().st_size
            with self._path.open("rb") as file:
                start = file.read(16)
        except OSError as error:
            raise InvalidInput("the file with the encodings cannot be read") from error
        if size_bytes > MAX_FILE_BYTES:
            raise InvalidInput("the file with the encodings is larger than 1 GiB: split it")
        if _is_pickle(start, self._path.suffix.lower()):
            raise pickle_refused()
        if start.startswith(b"PK\x03\x04"):
            return npz_rows(self._path)
        if start.startswith(b"\x93NUMPY"):
            raise InvalidInput(
                "a .npy file holds encodings without names: save both with "
                "np.savez('encodings.npz', encodings=..., names=...)"
            )
        if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
            return json_rows(self._path)
        return csv_rows(self._path)


def _is_pickle(start: bytes, suffix: str) -> bool:
    is_binary_pickle = len(start) > 1 and start[0] == _PICKLE_PROTO and start[1] <= _NEWEST_PROTOCOL
    return is_binary_pickle or suffix in _PICKLE_SUFFIXES or start.startswith(_PICKLE_STARTS)
