"""Encodings that another system made, such as those of `face_recognition`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from facegate.domain.errors import InvalidInput
from facegate.domain.templates import Vector


@dataclass(frozen=True, slots=True, eq=False)
class NamedEncoding:
    """One encoding of one person; `label` says where it stood (row or key), for reports."""

    subject_id: str
    label: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class UnusableEncoding:
    """A row that cannot be used, and why."""

    label: str
    error: InvalidInput


class EncodingReader(Protocol):
    """Encodings of one file, in its order."""

    def encodings(self) -> Iterator[NamedEncoding | UnusableEncoding]:
        """Each row once; a bad row does not stop the others.

        Raises:
            InvalidInput: the file cannot be read at all, or is a pickle.
        """
        ...
