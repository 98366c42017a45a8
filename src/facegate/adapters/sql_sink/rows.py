"""A record as a row that fits into the columns which are there. No SQL is run here."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Integer, String

from facegate.adapters.sql_sink.table_plan import KEY_NAMES, TablePlan
from facegate.domain.terminals.activity import Activity

Row = dict[str, object]
"""Values by the table's own column names."""

RowKey = tuple[object, ...]

_COMMAND = "sendlog"
_TIME_FORM = "%Y-%m-%d %H:%M:%S"
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
_INT = (-(2**31), 2**31 - 1)
_BIGINT = (-(2**63), 2**63 - 1)
_RANGES = {
    "tinyint": (0, 255),
    "smallint": (-(2**15), 2**15 - 1),
    "small_integer": (-(2**15), 2**15 - 1),
    "bigint": _BIGINT,
    "big_integer": _BIGINT,
}
_FREE_TEXTS = ("cmd", "aliasid", "name")


class Unfit(Exception):
    """A value that tells records apart has no room in its column. The text names the column alone."""


def row_of(plan: TablePlan, activity: Activity) -> Row:
    """The row for this record.

    A name that is too long is cut. A text where the table wants a number, such as an empty `aliasid`,
    becomes 0, as it did in the old server.

    Raises:
        Unfit: the record cannot be told from others in this table.
    """
    return {
        column.name: _fitted(plan, name, _value(name, activity, column))
        for name, column in plan.columns.items()
    }


def key_of(plan: TablePlan, row: Row) -> RowKey:
    """Equal for a row and its repetition. Blanks at the end do not count: some databases pad texts."""
    return comparable([row[plan.columns[name].name] for name in plan.key_names])


def comparable(values: list[object]) -> RowKey:
    """Key columns in the order of the plan, as a key."""
    return tuple(value.rstrip(" ") if isinstance(value, str) else value for value in values)


def in_plain_letters(plan: TablePlan, row: Row) -> Row:
    """With `?` for what is not ASCII in names: for tables that hold no Unicode."""
    free_names = {plan.columns[name].name for name in _FREE_TEXTS if name in plan.columns}
    return {
        name: value.encode("ascii", "replace").decode()
        if name in free_names and isinstance(value, str)
        else value
        for name, value in row.items()
    }


def _value(name: str, activity: Activity, column: Column[Any]) -> object:
    record = activity.record
    match name:
        case "cmd":
            return _COMMAND
        case "sn":
            return activity.serial_number
        case "enrollid":
            return record.enroll_id
        case "aliasid":
            return record.alias_id
        case "name":
            return record.name
        case "time" if isinstance(column.type, DateTime):
            return activity.occurred_at if column.type.timezone else _wall_clock(record.time_text)
        case "time":
            return record.time_text
        case "mode":
            return record.mode
        case "inout":
            return record.in_out
        case _:
            return record.event


def _wall_clock(time_text: str) -> datetime | None:
    try:
        return datetime.strptime(time_text.strip(), _TIME_FORM)  # noqa: DTZ007 - terminals tell no zone
    except ValueError:
        return None


def _fitted(plan: TablePlan, name: str, value: object) -> object:
    column = plan.columns[name]
    if isinstance(column.type, String):
        return _text(column.type.length, name, str(value))
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, int) and not _has_room(plan, column, value):
        if name not in _FREE_TEXTS:
            raise Unfit(f"a number is too large for the column {column.name}")
        return 0
    if value is None and not column.nullable:
        raise Unfit(f"a time cannot be read for the column {column.name}")
    return value


def _text(max_chars: int | None, name: str, value: str) -> str:
    """Without what no database holds: NUL and half characters."""
    clean = value.replace("\0", "").encode("utf-8", "replace").decode()
    if max_chars is None or len(clean) <= max_chars:
        return clean
    if name in KEY_NAMES:
        raise Unfit(f"a text is too long for the column {name}")
    return clean[:max_chars]


def _number(value: str) -> int:
    return int(value) if _WHOLE_NUMBER.fullmatch(value.strip()) else 0


def _has_room(plan: TablePlan, column: Column[Any], number: int) -> bool:
    lowest, highest = _BIGINT
    # SQLite keeps 64 bits whatever a column is called.
    if isinstance(column.type, Integer) and plan.dialect_name != "sqlite":
        lowest, highest = _RANGES.get(column.type.__visit_name__.lower(), _INT)
    return lowest <= number <= highest
