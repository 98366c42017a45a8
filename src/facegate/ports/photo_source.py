"""Photos of named persons, from a folder or an archive laid out as `name/*.jpg`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NamedPhoto:
    """One picture of one person; `read` gives its bytes when they are wanted.

    `label` is the path inside the source, for reports. `read` raises InvalidInput for a member that is
    too large or damaged, and for a person's whole folder that cannot be listed.
    """

    subject_id: str
    label: str
    read: Callable[[], bytes]


class PhotoSource(Protocol):
    """Pictures in a stable order, grouped by person."""

    def photo_count(self) -> int:
        """How many there are, for the progress bar."""
        ...

    def passed_over_count(self) -> int:
        """How many further files lie there that are no photos in this layout; hidden ones do not count."""
        ...

    def photos(self) -> Iterator[NamedPhoto]:
        """Each picture once.

        Raises:
            InvalidInput: the folder or archive cannot be read at all.
        """
        ...
