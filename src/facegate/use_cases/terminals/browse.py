"""Looking at what terminals reported."""

from collections.abc import Iterator, Sequence

from facegate.domain.terminals.activity import Activity, ActivityQuery, SnapshotCheck
from facegate.ports.activity_store import ActivityStore


class BrowseActivity:
    """The history of scans and door events. Every method may raise StoreFailed."""

    def __init__(self, store: ActivityStore) -> None:
        self._store = store

    def list(self, query: ActivityQuery, *, limit: int, newest_first: bool = True) -> Sequence[Activity]:
        """At most `limit` records that fit, by id."""
        return self._store.list_activity(query, limit=limit, newest_first=newest_first)

    def iterate(self, query: ActivityQuery) -> Iterator[Activity]:
        """All that fit, oldest first, read in batches: for exports of any length."""
        return self._store.iterate_activity(query)

    def find(self, activity_id: int) -> Activity | None:
        """The record, or None."""
        return self._store.find_activity(activity_id)

    def count(self, serial_number: str | None = None) -> int:
        """How many records there are, of one terminal or of all."""
        return self._store.count_activity(serial_number)

    def save_check(self, activity_id: int, check: SnapshotCheck) -> None:
        """Keeps what our engine saw; nothing happens when the record is gone."""
        self._store.save_check(activity_id, check)
