"""Best shots of events: pictures with a retention time and a size limit."""

from collections.abc import Collection
from typing import Protocol


class ShotStore(Protocol):
    """Durable when a method returns; safe from several threads. Every method may raise StoreFailed.

    Deleting what is absent is no error.
    """

    def save(self, event_id: str, picture: bytes) -> None:
        """Keeps the JPEG, in place of an earlier one of the same event."""
        ...

    def open_shot(self, event_id: str) -> bytes | None:
        """The JPEG, or None."""
        ...

    def list_ids(self) -> list[str]:
        """The events whose shots are kept, in order of id."""
        ...

    def delete(self, event_ids: Collection[str]) -> int:
        """How many of them were there."""
        ...

    def sweep(self, *, older_than_s: float, max_bytes: int) -> list[str]:
        """Deletes what is older, then the oldest until the rest fits; tells whose shots went."""
        ...

    def total_bytes(self) -> int:
        """What all shots take together."""
        ...
