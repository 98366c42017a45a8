"""The durable history of what terminals reported; also the spool of those who copy it elsewhere."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from facegate.domain.terminals.activity import (
    Activity,
    ActivityQuery,
    AddedActivity,
    NewActivity,
    SnapshotCheck,
)


class ActivityStore(Protocol):
    """Every write is durable when the method returns, and is one transaction.

    A record is stored once: serial number, enroll_id, time, mode and event tell whether it is the same.
    Safe to call from several threads. Every method may raise StoreFailed.
    """

    def add_activity(self, records: Sequence[NewActivity]) -> list[AddedActivity]:
        """One answer per record, in order; a repetition within the call counts as stored before too.

        Ids grow in the order in which transactions end, so that nothing appears later below a seen id.
        """
        ...

    def find_activity(self, activity_id: int) -> Activity | None:
        """The record, or None."""
        ...

    def list_activity(self, query: ActivityQuery, *, limit: int, newest_first: bool = True) -> list[Activity]:
        """At most `limit` records that fit, by id."""
        ...

    def iterate_activity(self, query: ActivityQuery) -> Iterator[Activity]:
        """All that fit, oldest first, read in batches: for exports of any length."""
        ...

    def save_check(self, activity_id: int, check: SnapshotCheck) -> None:
        """Keeps what our engine saw; nothing happens when the record is gone."""
        ...

    def count_activity(self, serial_number: str | None = None) -> int:
        """How many records there are."""
        ...

    def reader_position(self, reader: str) -> int:
        """The id up to which a reader has copied; 0 at first."""
        ...

    def save_reader_position(self, reader: str, activity_id: int) -> None:
        """Moves a reader on; never back."""
        ...
