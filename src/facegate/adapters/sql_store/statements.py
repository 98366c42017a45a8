"""Statements that SQLite and PostgreSQL spell differently or that several stores need."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql, sqlite

from facegate.domain.errors import InvalidInput

_Item = TypeVar("_Item")

MAX_INTEGER = 2**63 - 1

_LOCK_FAMILY = 0x6661_6365

ROWS_AT_ONCE = 500
"""Per statement: SQLite takes 32,766 values in one."""


def dialect_insert(connection: Connection, table: Table) -> Any:
    """An INSERT of this database, which knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, kept: Sequence[str] = ()
) -> None:
    """Adds these rows or replaces those with the same key, but for the columns `kept`."""
    if not rows:
        return
    statement = dialect_insert(connection, table)
    keys = list(table.primary_key)
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.c
        if not column.primary_key and column.name not in kept
    }
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def take_turn(connection: Connection, table: Table) -> None:
    """Waits until no other transaction that took this turn runs; held until this one ends.

    On SQLite a writing transaction has the database for itself already.
    """
    if connection.dialect.name == "postgresql":
        # Not LOCK TABLE: that would wait for a running vacuum.
        statement = text(
            "SELECT pg_advisory_xact_lock(:family, hashtext(current_schema() || '.' || CAST(:name AS text)))"
        )
        connection.execute(statement, {"family": _LOCK_FAMILY, "name": table.name})


def in_batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """At most `ROWS_AT_ONCE` each."""
    for start in range(0, len(items), ROWS_AT_ONCE):
        yield items[start : start + ROWS_AT_ONCE]


def check_integers(*numbers: int | None) -> None:
    """Refuses what no column can hold.

    Raises:
        InvalidInput: a number needs more than 64 bits.
    """
    if not all(number is None or is_integer(number) for number in numbers):
        raise InvalidInput("a number does not fit into 64 bits")


def is_integer(number: int) -> bool:
    """False for what no column can hold: then nothing has this number."""
    return -MAX_INTEGER <= number <= MAX_INTEGER
