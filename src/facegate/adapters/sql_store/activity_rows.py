"""How activity looks as rows, and which rows a query means. No SQL is run here."""

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_

from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import from_us, is_storable, optional_time, optional_us, storable, to_us
from facegate.adapters.sql_store.schema import terminal_activity
from facegate.adapters.sql_store.statements import MAX_INTEGER, check_integers, is_integer
from facegate.domain.terminals.activity import (
    DEVICE_EVENT_ENROLL_ID,
    UNKNOWN_FACE_ENROLL_ID,
    Activity,
    ActivityKind,
    ActivityQuery,
    ActivityRecord,
    NewActivity,
    SnapshotCheck,
    SnapshotVerdict,
)

_columns = terminal_activity.c

KEY_COLUMNS = (
    _columns.serial_number,
    _columns.enroll_id,
    _columns.time_text,
    _columns.mode,
    _columns.event,
)

Key = tuple[Any, ...]
"""The values of KEY_COLUMNS."""


def key_of(row: dict[str, Any]) -> Key:
    """What makes the record the same one when it comes again."""
    return tuple(row[column.name] for column in KEY_COLUMNS)


def activity_row(new: NewActivity) -> dict[str, Any]:
    """A row without id and check.

    Raises:
        InvalidInput: the serial number cannot be stored, or a code does not fit into 64 bits.
    """
    record = new.record
    check_storable([new.serial_number])
    check_integers(record.enroll_id, record.mode, record.event, record.in_out, record.verify_mode)
    return {
        "serial_number": new.serial_number,
        "enroll_id": record.enroll_id,
        "time_text": storable(record.time_text),
        "mode": record.mode,
        "event": record.event,
        "in_out": record.in_out,
        "alias_id": storable(record.alias_id),
        "name": storable(record.name),
        "verify_mode": record.verify_mode,
        "temperature_c": record.temperature_c,
        "note": storable(record.note),
        "received_at_us": to_us(new.received_at),
        "occurred_at_us": optional_us(new.occurred_at),
        "has_snapshot": new.has_snapshot,
    }


def activity_of(row: Row[Any]) -> Activity:
    """A whole row as activity."""
    return Activity(
        activity_id=row.activity_id,
        serial_number=row.serial_number,
        record=ActivityRecord(
            enroll_id=row.enroll_id,
            time_text=row.time_text,
            mode=row.mode,
            in_out=row.in_out,
            event=row.event,
            alias_id=row.alias_id,
            name=row.name,
            verify_mode=row.verify_mode,
            temperature_c=row.temperature_c,
            note=row.note,
        ),
        received_at=from_us(row.received_at_us),
        occurred_at=optional_time(row.occurred_at_us),
        has_snapshot=row.has_snapshot,
        check=_check(row),
    )


def conditions(query: ActivityQuery, *, is_time_indexed: bool = True) -> list[ColumnElement[bool]] | None:
    """What rows must fulfil; None when no row can. Without `is_time_indexed` no index on times is used."""
    if query.enroll_id is not None and not is_integer(query.enroll_id):
        return None
    if query.serial_number is not None and not is_storable(query.serial_number):
        return None
    moment: Any = _columns.occurred_at_us if is_time_indexed else _columns.occurred_at_us + 0
    wanted: list[ColumnElement[bool]] = []
    if query.serial_number is not None:
        wanted.append(_columns.serial_number == query.serial_number)
    if query.enroll_id is not None:
        wanted.append(_columns.enroll_id == query.enroll_id)
    if query.kinds:
        wanted.append(or_(*(_is_of_kind(kind) for kind in sorted(query.kinds))))
    if query.from_at is not None:
        wanted.append(moment >= to_us(query.from_at))
    if query.until_at is not None:
        wanted.append(moment < to_us(query.until_at))
    if query.after_id is not None:
        wanted.append(_columns.activity_id > _within(query.after_id))
    if query.before_id is not None:
        wanted.append(_columns.activity_id < _within(query.before_id))
    return wanted


def _is_of_kind(kind: ActivityKind) -> ColumnElement[bool]:
    match kind:
        case ActivityKind.DEVICE_EVENT:
            return _columns.enroll_id == DEVICE_EVENT_ENROLL_ID
        case ActivityKind.UNKNOWN_FACE:
            return _columns.enroll_id == UNKNOWN_FACE_ENROLL_ID
        case ActivityKind.ATTENDANCE:
            return and_(
                _columns.enroll_id != DEVICE_EVENT_ENROLL_ID, _columns.enroll_id != UNKNOWN_FACE_ENROLL_ID
            )


def _within(activity_id: int) -> int:
    return max(-MAX_INTEGER, min(activity_id, MAX_INTEGER))


def _check(row: Row[Any]) -> SnapshotCheck | None:
    if row.check_verdict is None:
        return None
    return SnapshotCheck(
        SnapshotVerdict(row.check_verdict),
        row.check_subject_id,
        row.check_similarity,
        row.check_live_probability,
    )
