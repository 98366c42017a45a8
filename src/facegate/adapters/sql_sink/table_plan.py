"""The table of the copy: how we make it, and what we find where somebody else made it."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Unicode,
    UniqueConstraint,
    inspect,
)
from sqlalchemy.dialects import mssql, mysql

from facegate.domain.errors import StoreFailed

logger = logging.getLogger(__name__)

COLUMN_NAMES = ("cmd", "sn", "enrollid", "aliasid", "name", "time", "mode", "inout", "event")

KEY_NAMES = ("sn", "enrollid", "time", "mode", "event")
"""What makes a record the same one when it is written again."""

_NEEDED_NAMES = ("sn", "enrollid", "time")

_OTHER_NAMES = {"inout": "input"}
"""What older scripts call a column."""

_TEXT = Unicode(255)

# Two serial numbers that differ in case are two terminals, which MariaDB and SQL Server would not see.
_EXACT_TEXT = (
    Unicode(255)
    .with_variant(mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
    .with_variant(mssql.NVARCHAR(255, collation="Latin1_General_100_BIN2"), "mssql")
)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How records fit into a table: `columns` by our names, as far as the table has them.

    `key_names` tell records apart. `has_unique_key` says whether the table sees to that itself.
    """

    table: Table
    columns: Mapping[str, Column[Any]]
    key_names: tuple[str, ...]
    has_unique_key: bool
    dialect_name: str


def new_table(table_name: str) -> Table:
    """The table as we make it: nine columns of the old server in its order, and a unique key."""
    schema, name = _split(table_name)
    return Table(
        name,
        MetaData(),
        Column("cmd", _TEXT, nullable=False),
        Column("sn", _EXACT_TEXT, nullable=False),
        Column("enrollid", BigInteger, nullable=False),
        Column("aliasid", _TEXT, nullable=False),
        Column("name", _TEXT, nullable=False),
        Column("time", _EXACT_TEXT, nullable=False),
        Column("mode", Integer, nullable=False),
        Column("inout", Integer, nullable=False),
        Column("event", Integer, nullable=False),
        UniqueConstraint(*KEY_NAMES),
        schema=schema,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
    )


def find_or_make_table(connection: Connection, table_name: str) -> TablePlan:
    """Reads how the table is made; makes it where there is none.

    Raises:
        StoreFailed: it lacks a column without which a record cannot be told from another.
    """
    schema, name = _split(table_name)
    if not inspect(connection).has_table(name, schema=schema):
        new_table(table_name).create(connection)
    table = Table(name, MetaData(), schema=schema, autoload_with=connection, resolve_fks=False)
    return plan_for(table, connection.dialect.name)


def plan_for(table: Table, dialect_name: str) -> TablePlan:
    """How records fit into this table, in a database of this kind.

    Raises:
        StoreFailed: as `find_or_make_table`.
    """
    by_name = {column.name.lower(): column for column in table.columns}
    columns = {
        name: by_name[there]
        for name in COLUMN_NAMES
        for there in [name if name in by_name else _OTHER_NAMES.get(name, name)]
        if there in by_name
    }
    missing = [name for name in _NEEDED_NAMES if name not in columns]
    if missing:
        raise StoreFailed(
            f"the table of the activity copy has no column {' and no '.join(missing)}: "
            "add it, or name another table in FACEGATE_SINK__TABLE"
        )
    key_names = tuple(name for name in KEY_NAMES if name in columns)
    unique_key = _unique_key(table, {columns[name]: name for name in key_names})
    if unique_key is None:
        return TablePlan(table, columns, key_names, False, dialect_name)
    if len(unique_key) < len(key_names):
        logger.warning(
            "the table of the activity copy keeps one row for each %s: further records are left out there",
            ", ".join(unique_key),
        )
    return TablePlan(table, columns, unique_key, True, dialect_name)


def _unique_key(table: Table, names: Mapping[Column[Any], str]) -> tuple[str, ...] | None:
    """The narrowest unique key made of these columns alone, in our order: it decides what has room."""
    found = [
        tuple(sorted((names[column] for column in columns), key=KEY_NAMES.index))
        for columns in _unique_columns(table)
        if columns and columns <= names.keys()
    ]
    return min(found, key=len, default=None)


def _unique_columns(table: Table) -> Iterator[frozenset[Column[Any]]]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint):
            yield frozenset(constraint.columns)
    for index in table.indexes:
        if index.unique and _is_whole(index):
            yield frozenset(index.columns)


def _is_whole(index: Index) -> bool:
    """Whether it is unique for all rows and whole values: no condition, no expression, no prefix."""
    is_limited = any(
        value for name, value in index.dialect_kwargs.items() if name.endswith(("_where", "_length"))
    )
    return not is_limited and all(isinstance(part, Column) for part in index.expressions)


def _split(table_name: str) -> tuple[str | None, str]:
    schema, _, name = table_name.rpartition(".")
    return schema or None, name
