"""A copy of activity in memory. It passes the same contract suite as the real ones."""

from collections.abc import Sequence

from facegate.domain.errors import StoreFailed
from facegate.domain.terminals.activity import Activity, RecordKey


class FakeActivitySink:
    """Keeps the first of equal records. Set `is_broken` and every write raises StoreFailed."""

    def __init__(self) -> None:
        self.is_broken = False
        self.is_closed = False
        self._kept: dict[tuple[str, RecordKey], Activity] = {}

    @property
    def activities(self) -> list[Activity]:
        """What was written, in the order of arrival."""
        return list(self._kept.values())

    def write(self, activities: Sequence[Activity]) -> None:
        if self.is_broken:
            raise StoreFailed("the database of the activity copy cannot be reached")
        for activity in activities:
            self._kept.setdefault((activity.serial_number, activity.record.key), activity)

    def close(self) -> None:
        self.is_closed = True
