"""What a terminal remembers of scans: those a server has acknowledged and those that wait."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TIME_FORM = "%Y-%m-%d %H:%M:%S"

RecordKey = tuple[int, str, int, int]
"""enrollid, time, mode, event: no two records of one terminal share them."""

_KEPT = 5000
"""Settled records that can still be asked for; a real terminal keeps 100,000 and forgets the oldest too."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One scan; `picture` is base64 and shared between records. `number` counts from 0 on each terminal.

    `scanned_s` is when it really happened, whatever the terminal's clock showed.
    """

    number: int
    enroll_id: int
    time_text: str
    mode: int
    in_out: int = 0
    event: int = 0
    name: str = ""
    picture: str | None = None
    scanned_s: float = 0.0

    @property
    def key(self) -> RecordKey:
        """What tells a lost or doubled record afterwards."""
        return (self.enroll_id, self.time_text, self.mode, self.event)


@dataclass(frozen=True, slots=True)
class Scanned:
    """Who stood before the terminal, and how it saw them."""

    enroll_id: int
    mode: int
    in_out: int = 0
    event: int = 0
    name: str = ""
    picture: str | None = None


class ScanLog:
    """Records in the order of scanning. Times are moved on by seconds where a key would come twice."""

    def __init__(self) -> None:
        self._waiting: dict[int, LogRecord] = {}
        self._settled: deque[LogRecord] = deque(maxlen=_KEPT)
        self._keys: set[RecordKey] = set()
        self._next_number = 0

    def add(self, scanned: Scanned, wall: datetime, now_s: float) -> LogRecord:
        """Remembers a scan, stamped with the terminal's own clock."""
        time_text = wall.strftime(TIME_FORM)
        while (scanned.enroll_id, time_text, scanned.mode, scanned.event) in self._keys:
            wall += timedelta(seconds=1)
            time_text = wall.strftime(TIME_FORM)
        record = LogRecord(
            number=self._next_number,
            enroll_id=scanned.enroll_id,
            time_text=time_text,
            mode=scanned.mode,
            in_out=scanned.in_out,
            event=scanned.event,
            name=scanned.name,
            picture=scanned.picture,
            scanned_s=now_s,
        )
        self._next_number += 1
        self._keys.add(record.key)
        self._waiting[record.number] = record
        return record

    @property
    def waiting_count(self) -> int:
        """Records that no server has yet."""
        return len(self._waiting)

    def waiting(self, limit: int | None = None) -> list[LogRecord]:
        """The oldest of them."""
        found: list[LogRecord] = []
        for record in self._waiting.values():
            if limit is not None and len(found) >= limit:
                break
            found.append(record)
        return found

    def settle(self, records: Iterable[LogRecord]) -> list[LogRecord]:
        """Those of them that were waiting; from now on a server has them."""
        fresh = [record for record in records if self._waiting.pop(record.number, None) is not None]
        self._settled.extend(fresh)
        return fresh

    def everything(self) -> Sequence[LogRecord]:
        """All that is remembered, in the order of scanning."""
        return sorted((*self._settled, *self._waiting.values()), key=lambda record: record.number)

    def last_settled(self, limit: int) -> list[LogRecord]:
        """The newest that a server has."""
        return list(self._settled)[-limit:]

    @property
    def kept_count(self) -> int:
        """How many are remembered."""
        return len(self._settled) + len(self._waiting)

    def clear(self) -> None:
        """Forgets all, waiting ones too; keys stay taken, since a server may have them."""
        self._waiting.clear()
        self._settled.clear()
