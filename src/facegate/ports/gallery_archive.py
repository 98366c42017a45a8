"""The whole gallery as one file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from facegate.domain.images import FaceCutout
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate


@dataclass(frozen=True, slots=True, eq=False)
class ArchivedTemplate:
    """A template with its kept piece of picture, if there is one."""

    stored: StoredTemplate
    cutout: FaceCutout | None


@dataclass(frozen=True, slots=True, eq=False)
class ArchivedSubject:
    """A person with all templates of every model. `groups` is None in an archive of an earlier version."""

    subject: Subject
    templates: tuple[ArchivedTemplate, ...]
    groups: frozenset[str] | None = None


class GalleryArchive(Protocol):
    """Writes and reads one archive file. Reading checks everything before giving anything out."""

    def write(
        self,
        subjects: Iterable[ArchivedSubject],
        on_progress: Callable[[int], None] | None = None,
        *,
        calibrations: Mapping[str, str] | None = None,
    ) -> int:
        """Writes all subjects, atomically; `on_progress` is told how many are done. The count.

        `calibrations` are the operator's measured curves as JSON by model id.
        """
        ...

    def calibrations(self) -> dict[str, str]:
        """The curves as JSON by model id; none in an archive of an earlier version.

        Raises:
            InvalidInput: damaged or not ours.
        """
        ...

    def open(self) -> AbstractContextManager[Iterator[ArchivedSubject]]:
        """The subjects of a checked archive.

        Raises:
            InvalidInput: damaged, truncated, not ours, or written by a newer version.
        """
        ...
