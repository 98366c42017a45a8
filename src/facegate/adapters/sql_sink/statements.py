"""What is said to the database, in the words of each kind. Nothing is executed here."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Insert, Select, cast, insert, select
from sqlalchemy.dialects import mysql, postgresql, sqlite

from facegate.adapters.sql_sink.rows import Row
from facegate.adapters.sql_sink.table_plan import TablePlan

LOOKED_UP_ROWS = 200
"""Rows that one look asks for: three parameters each, and SQL Server takes 2100."""

_LOOKED_UP_BY = ("sn", "enrollid", "time")


def sees_to_repetitions(plan: TablePlan) -> bool:
    """Whether one insert statement leaves out what the table has; otherwise one has to look first."""
    return plan.has_unique_key and plan.dialect_name in ("sqlite", "postgresql", "mysql", "mariadb")


def insertion(plan: TablePlan) -> Insert:
    """One row; what the table's unique key has already stays as it is."""
    if plan.has_unique_key:
        match plan.dialect_name:
            case "postgresql":
                return postgresql.insert(plan.table).on_conflict_do_nothing()
            case "sqlite":
                return sqlite.insert(plan.table).on_conflict_do_nothing()
            case "mysql" | "mariadb":
                # INSERT IGNORE would also swallow every other fault of a row.
                same = plan.columns["sn"]
                return mysql.insert(plan.table).on_duplicate_key_update({same.name: same})
            case _:
                pass
    return insert(plan.table)


def look_up(plan: TablePlan, rows: list[Row]) -> Select[tuple[object, ...]]:
    """The keys of all rows that may be one of these; at most LOOKED_UP_ROWS at once."""
    conditions = [
        _among(plan, plan.columns[name], list(dict.fromkeys(row[plan.columns[name].name] for row in rows)))
        for name in _LOOKED_UP_BY
        if name in plan.key_names
    ]
    query = select(*(plan.columns[name] for name in plan.key_names)).where(*conditions)
    # Nobody else inserts such a row until this transaction ends.
    return query.with_hint(plan.table, "WITH (UPDLOCK, HOLDLOCK)", "mssql")


def _among(plan: TablePlan, column: Column[Any], values: list[object]) -> ColumnElement[bool]:
    is_plain = all(value.isascii() for value in values if isinstance(value, str))
    if is_plain or plan.dialect_name not in ("mysql", "mariadb"):
        return column.in_(values)
    # MariaDB refuses to compare a Latin column with letters that it does not have. This uses no index.
    return cast(column, mysql.CHAR(charset="utf8mb4")).in_(values)
