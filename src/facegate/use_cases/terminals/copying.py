"""Copying activity into another database, batch by batch, in the order in which it was stored."""

from facegate.domain.terminals.activity import ActivityQuery
from facegate.ports.activity_sink import ActivitySink
from facegate.ports.activity_store import ActivityStore


class CopyActivity:
    """The activity table is the spool: only the place up to which it was copied is kept beside it.

    One call at a time. A process that dies between the write and the new place writes that batch again,
    which a sink does not double.
    """

    def __init__(
        self, store: ActivityStore, sink: ActivitySink, *, reader: str = "sink", batch_size: int = 500
    ) -> None:
        self._store = store
        self._sink = sink
        self._reader = reader
        self._batch_size = batch_size

    @property
    def reader(self) -> str:
        """Under which name the place of this copy is kept."""
        return self._reader

    def __call__(self) -> int:
        """How many records were copied; 0 when there are no new ones.

        Raises:
            StoreFailed: the sink or our own store; the same batch comes next time.
        """
        query = ActivityQuery(after_id=self._store.reader_position(self._reader))
        batch = self._store.list_activity(query, limit=self._batch_size, newest_first=False)
        if not batch:
            return 0
        self._sink.write(batch)
        self._store.save_reader_position(self._reader, batch[-1].activity_id)
        return len(batch)

    def lag(self) -> int:
        """Records that are not copied yet: 0 when all are. Gaps between ids are counted as records.

        Raises:
            StoreFailed: our own store.
        """
        position = self._store.reader_position(self._reader)
        newest = self._store.list_activity(ActivityQuery(), limit=1)
        return max(0, newest[0].activity_id - position) if newest else 0

    def close(self) -> None:
        """Releases the sink; the store belongs to others. Not while a call runs."""
        self._sink.close()
