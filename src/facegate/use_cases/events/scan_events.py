"""What terminals report becomes events: read behind their history, so that no terminal waits for it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from facegate.domain.events.event import Event, EventDoor, EventKind, new_event_id
from facegate.domain.matching import Band
from facegate.domain.terminals.activity import Activity, ActivityKind, ActivityQuery
from facegate.domain.terminals.codes import event_label, in_out_label, mode_label
from facegate.domain.terminals.devices import Terminal
from facegate.ports.activity_store import ActivityStore
from facegate.ports.clock import Clock
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.use_cases.events.event_log import EventLog

READER = "events"

_BATCH_SIZE = 500

_TOLD_FOR = timedelta(minutes=5)
"""What came longer ago is stored and not told: the first start goes through months of scans."""


class FollowScans:
    """Goes through the activity in the order in which it was stored, and keeps its place. One call at a time.

    A process that dies between the write and the new place reads that batch again; an event that is stored
    is passed over. What happened at a door itself, to nobody, is no event here.
    """

    def __init__(
        self,
        activity: ActivityStore,
        people: TerminalPeopleStore,
        find_terminal: Callable[[str], Terminal | None],
        log: EventLog,
        clock: Clock,
        *,
        retention_days: float = 90.0,
    ) -> None:
        """Scans older than `retention_days` are passed over: their events would go at once."""
        self._activity = activity
        self._people = people
        self._find_terminal = find_terminal
        self._log = log
        self._clock = clock
        self._retention = timedelta(days=retention_days)

    def step(self) -> int:
        """How many records were read; 0 when there are no new ones.

        Raises:
            StoreFailed: the same batch comes next time.
        """
        query = ActivityQuery(after_id=self._activity.reader_position(READER))
        batch = self._activity.list_activity(query, limit=_BATCH_SIZE, newest_first=False)
        if not batch:
            return 0
        told_since = self._clock.now_utc() - _TOLD_FOR
        # By the arrival: a terminal's own clock may be an hour off.
        late_ids = {activity.activity_id for activity in batch if activity.received_at < told_since}
        events = self._events(batch)
        late = [event for event in events if event.facts["activity_id"] in late_ids]
        self._log.record(late, is_told=False)
        self._log.record([event for event in events if event.facts["activity_id"] not in late_ids])
        self._activity.save_reader_position(READER, batch[-1].activity_id)
        return len(batch)

    def _events(self, batch: Sequence[Activity]) -> list[Event]:
        oldest = self._clock.now_utc() - self._retention
        scans = [
            activity
            for activity in batch
            if activity.record.kind is not ActivityKind.DEVICE_EVENT and _at(activity) >= oldest
        ]
        numbers = {one.record.enroll_id for one in scans if one.record.kind is ActivityKind.ATTENDANCE}
        owners = {number: self._people.subject_of_number(number) for number in numbers}
        terminals = {one.serial_number: self._find_terminal(one.serial_number) for one in scans}
        # Made in the same millisecond: sorted they stand in the order of their scans.
        event_ids = sorted(new_event_id() for _ in scans)
        return [
            scan_event(event_id, scan, terminals[scan.serial_number], owners.get(scan.record.enroll_id))
            for event_id, scan in zip(event_ids, scans, strict=True)
        ]


def scan_event(event_id: str, scan: Activity, terminal: Terminal | None, subject_id: str | None) -> Event:
    """One scan of a person or a stranger. The name that the terminal knows stays out of it.

    Somebody whom the terminal knows and the gallery does not is no stranger there.
    """
    record = scan.record
    is_stranger = record.kind is ActivityKind.UNKNOWN_FACE
    labels = {} if terminal is None else terminal.mode_labels
    finger_capacity = None if terminal is None else terminal.info.count("fpsize")
    facts: dict[str, object] = {
        "activity_id": scan.activity_id,
        "mode": mode_label(record.mode, labels, finger_capacity),
        "in_out": in_out_label(record.in_out),
        "event": event_label(record.enroll_id, record.event),
    }
    if not is_stranger:
        facts["enroll_id"] = record.enroll_id
    if record.temperature_c is not None:
        facts["temperature_c"] = record.temperature_c
    if scan.check is not None:
        facts["snapshot"] = scan.check.verdict.value
    return Event(
        event_id=event_id,
        kind=EventKind.SCAN,
        door=EventDoor.TERMINALS,
        occurred_at=_at(scan),
        place_id=scan.serial_number,
        place_name=scan.serial_number if terminal is None else terminal.name or scan.serial_number,
        subject_id=None if is_stranger else subject_id,
        band=Band.UNKNOWN if is_stranger else Band.MATCH,
        origin=f"terminal:{scan.activity_id}",
        facts=facts,
    )


def _at(scan: Activity) -> datetime:
    return scan.occurred_at or scan.received_at
