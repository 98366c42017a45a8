"""Whether every acknowledged record is there exactly once: in the server's history and in the copy."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from facegate.adapters.sql_store import SqlActivityStore, open_sqlite
from facegate.composition.storage import DATABASE_FILE_NAME
from facegate.domain.terminals.activity import ActivityQuery, RecordKey

Held = tuple[str, RecordKey]


@dataclass(frozen=True, slots=True)
class Count:
    """`lost` are acknowledged and not there, `doubled` there more than once, `unknown` not acknowledged."""

    where: str
    acknowledged: int
    found: int
    lost: int
    doubled: int
    unknown: int

    @property
    def is_exact(self) -> bool:
        """Every one once and no other."""
        return self.lost == self.doubled == self.unknown == 0


def count_records(where: str, acknowledged: Iterable[Held], found: Iterable[Held]) -> Count:
    """Holds what is there against what was acknowledged."""
    wanted, there = set(acknowledged), Counter(found)
    return Count(
        where=where,
        acknowledged=len(wanted),
        found=there.total(),
        lost=len(wanted - there.keys()),
        doubled=sum(times > 1 for times in there.values()),
        unknown=len(there.keys() - wanted),
    )


def history_of(data_folder: Path) -> list[Held]:
    """All records of a server that is not running."""
    database = open_sqlite(data_folder / DATABASE_FILE_NAME)
    try:
        store = SqlActivityStore(database)
        return [(one.serial_number, one.record.key) for one in store.iterate_activity(ActivityQuery())]
    finally:
        database.close()
