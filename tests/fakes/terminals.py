"""Terminals, their activity and their people in memory. They pass the same contract suites as the real ones.

Set `is_broken` and every call raises StoreFailed until it is False again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tests.fakes.terminal_people import (
    Breakable,
    FakeTerminalPeopleStore,
    refuse_too_large,
    refuse_unstorable,
    storable,
)

from facegate.domain.terminals.activity import (
    Activity,
    ActivityQuery,
    AddedActivity,
    NewActivity,
    RecordKey,
    SnapshotCheck,
)
from facegate.domain.terminals.devices import DeviceInfo, Terminal

__all__ = ["FakeActivityStore", "FakeTerminalPeopleStore", "FakeTerminalStore"]


class FakeTerminalStore(Breakable):
    """Terminals in a dict; with `people`, removing a terminal removes what waits there."""

    def __init__(self, people: FakeTerminalPeopleStore | None = None) -> None:
        super().__init__()
        self._terminals: dict[str, Terminal] = {}
        self._people = people

    def list_terminals(self) -> list[Terminal]:
        self._check()
        with self._lock:
            return [terminal for _, terminal in sorted(self._terminals.items())]

    def save_terminals(self, terminals: Sequence[Terminal]) -> None:
        self._check()
        for terminal in terminals:
            refuse_unstorable([terminal.serial_number, terminal.name, terminal.zone_name or ""])
        with self._lock:
            for terminal in terminals:
                known = self._terminals.get(terminal.serial_number)
                self._keep(terminal if known is None else replace(terminal, created_at=known.created_at))

    def change_terminal(self, serial_number: str, change: Callable[[Terminal], Terminal]) -> Terminal | None:
        self._check()
        with self._lock:
            known = self._terminals.get(serial_number)
            if known is None:
                return None
            changed = replace(change(known), serial_number=serial_number, created_at=known.created_at)
            refuse_unstorable([changed.name, changed.zone_name or ""])
            return self._keep(changed)

    def remove_terminal(self, serial_number: str) -> bool:
        self._check()
        with self._lock:
            if self._people is not None and serial_number in self._terminals:
                self._people.forget_terminal(serial_number)
            return self._terminals.pop(serial_number, None) is not None

    def _keep(self, terminal: Terminal) -> Terminal:
        info = terminal.info
        clean = DeviceInfo(
            storable(info.model_name),
            storable(info.firmware),
            storable(info.mac_address),
            storable(info.time_text),
            dict(info.facts),
        )
        kept = replace(terminal, info=clean, mode_labels=dict(terminal.mode_labels))
        self._terminals[terminal.serial_number] = kept
        return kept


class FakeActivityStore(Breakable):
    """Activity in a list by id."""

    def __init__(self) -> None:
        super().__init__()
        self._activity: dict[int, Activity] = {}  # in order of id
        self._ids: dict[tuple[str, RecordKey], int] = {}
        self._positions: dict[str, int] = {}

    def add_activity(self, records: Sequence[NewActivity]) -> list[AddedActivity]:
        self._check()
        for new in records:
            refuse_unstorable([new.serial_number])
            one = new.record
            refuse_too_large(one.enroll_id, one.mode, one.in_out, one.event, one.verify_mode or 0)
        with self._lock:
            return [self._add(new) for new in records]

    def find_activity(self, activity_id: int) -> Activity | None:
        self._check()
        return self._activity.get(activity_id)

    def list_activity(self, query: ActivityQuery, *, limit: int, newest_first: bool = True) -> list[Activity]:
        self._check()
        with self._lock:
            found = [activity for activity in self._activity.values() if _fits(query, activity)]
        return (found[::-1] if newest_first else found)[: max(0, limit)]

    def iterate_activity(self, query: ActivityQuery) -> Iterator[Activity]:
        yield from self.list_activity(query, limit=len(self._activity), newest_first=False)

    def save_check(self, activity_id: int, check: SnapshotCheck) -> None:
        self._check()
        with self._lock:
            known = self._activity.get(activity_id)
            if known is not None:
                self._activity[activity_id] = replace(known, check=check)

    def count_activity(self, serial_number: str | None = None) -> int:
        self._check()
        return len(self.list_activity(ActivityQuery(serial_number), limit=len(self._activity)))

    def reader_position(self, reader: str) -> int:
        self._check()
        return self._positions.get(reader, 0)

    def save_reader_position(self, reader: str, activity_id: int) -> None:
        self._check()
        with self._lock:
            self._positions[reader] = max(activity_id, self._positions.get(reader, 0))

    def _add(self, new: NewActivity) -> AddedActivity:
        record = replace(
            new.record,
            time_text=storable(new.record.time_text),
            alias_id=storable(new.record.alias_id),
            name=storable(new.record.name),
            note=storable(new.record.note),
        )
        key = (new.serial_number, record.key)
        if key in self._ids:
            return AddedActivity(self._ids[key], is_new=False)
        activity_id = len(self._activity) + 1
        self._ids[key] = activity_id
        self._activity[activity_id] = Activity(
            activity_id, new.serial_number, record, new.received_at, new.occurred_at, new.has_snapshot
        )
        return AddedActivity(activity_id, is_new=True)


def _fits(query: ActivityQuery, activity: Activity) -> bool:
    at = activity.occurred_at
    is_in_time = at is not None and (
        (query.from_at is None or at >= query.from_at) and (query.until_at is None or at < query.until_at)
    )
    return (
        query.serial_number in (None, activity.serial_number)
        and query.enroll_id in (None, activity.record.enroll_id)
        and (not query.kinds or activity.record.kind in query.kinds)
        and (is_in_time or (query.from_at is None and query.until_at is None))
        and (query.after_id is None or activity.activity_id > query.after_id)
        and (query.before_id is None or activity.activity_id < query.before_id)
    )
