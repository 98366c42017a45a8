"""Activity as a table for spreadsheets."""

import csv
import io
import re
from collections.abc import Iterable

from facegate.domain.terminals import codes
from facegate.domain.terminals.activity import Activity
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

_FORMULA_STARTS = "=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
"""The last four are the wide forms of the first, which Excel takes for the same."""

# Where a semicolon, a tab or a bar separates cells for the reader, quotes inside a line do not hold, and what
# follows one of them, or a line's end, is a cell of its own.
_BEFORE_FORMULA = re.compile(f'(^|[;|\t\r\n])(?=[ "]*[{_FORMULA_STARTS}])')


def csv_head() -> str:
    """The line with the columns' names."""
    return _lines([COLUMNS])


def csv_rows(activities: Iterable[Activity], find_terminal: FindTerminal) -> str:
    """One line per record."""
    return _lines(_row(activity, find_terminal) for activity in activities)


def safe_cell(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: names come from terminals, from anybody.

    Blanks before a formula do not hold a spreadsheet back; an apostrophe does, and is what people would type.
    """
    return _BEFORE_FORMULA.sub(r"\1'", text)


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


def _lines(rows: Iterable[Iterable[str | int | float | None]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
