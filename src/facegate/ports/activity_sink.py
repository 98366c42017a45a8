"""Another database that gets a copy of all activity."""

from collections.abc import Sequence
from typing import Protocol

from facegate.domain.terminals.activity import Activity


class ActivitySink(Protocol):
    """Safe from one thread at a time."""

    def write(self, activities: Sequence[Activity]) -> None:
        """Writes them in one transaction, each once however often it is written.

        Raises:
            StoreFailed: nothing was written; try again later.
        """
        ...

    def close(self) -> None:
        """Releases the connection."""
        ...
