"""Activity as a table for spreadsheets."""

from collections.abc import Iterable

from facegate.domain.terminals import codes
from facegate.domain.terminals.activity import Activity
from facegate.frontends.rest_v1.tables import csv_lines, safe_cell
from facegate.frontends.rest_v1.terminal_admin.activity_answers import FindTerminal, mode_label

COLUMNS = (
    "activity_id",
    "serial_number",
    "kind",
    "enroll_id",
    "alias_id",
    "name",
    "time",
    "occurred_at",
    "received_at",
    "mode",
    "mode_label",
    "in_out",
    "in_out_label",
    "event",
    "event_label",
    "verify_mode",
    "temperature_c",
    "has_snapshot",
    "check_verdict",
    "check_subject_id",
    "check_similarity",
)


def csv_head() -> str:
    """The line with the columns' names."""
    return csv_lines([COLUMNS])


def csv_rows(activities: Iterable[Activity], find_terminal: FindTerminal) -> str:
    """One line per record."""
    return csv_lines(_row(activity, find_terminal) for activity in activities)


def _row(activity: Activity, find_terminal: FindTerminal) -> tuple[str | int | float | None, ...]:
    record, check = activity.record, activity.check
    occurred_at = activity.occurred_at
    return (
        activity.activity_id,
        safe_cell(activity.serial_number),
        record.kind.value,
        record.enroll_id,
        safe_cell(record.alias_id),
        safe_cell(record.name),
        safe_cell(record.time_text),
        None if occurred_at is None else occurred_at.isoformat(),
        activity.received_at.isoformat(),
        record.mode,
        safe_cell(mode_label(activity, find_terminal)),
        record.in_out,
        codes.in_out_label(record.in_out),
        record.event,
        codes.event_label(record.enroll_id, record.event),
        record.verify_mode,
        record.temperature_c,
        int(activity.has_snapshot),
        None if check is None else check.verdict.value,
        None if check is None else safe_cell(check.subject_id or ""),
        None if check is None else check.similarity,
    )
