"""What is said to the database, in the words of each kind. Nothing is executed here."""

from sqlalchemy import Insert, Select, insert, select
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
    columns = [plan.columns[name] for name in _LOOKED_UP_BY if name in plan.key_names]
    conditions = [column.in_(list(dict.fromkeys(row[column.name] for row in rows))) for column in columns]
    query = select(*(plan.columns[name] for name in plan.key_names)).where(*conditions)
    # Nobody else inserts such a row until this transaction ends.
    return query.with_hint(plan.table, "WITH (UPDLOCK, HOLDLOCK)", "mssql")
