"""Connections to the copy, and transactions in which no other facegate writes it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, func, select, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from facegate.adapters.sql_sink.address import driver_limits
from facegate.domain.errors import CapabilityMissing, InvalidInput, StoreFailed

_LOCK_NUMBER = 0x666163_65_73  # any number that no other program uses in this database
_LOCK_NAME = "facegate activity copy"
_LOCK_TIMEOUT_S = 30

_EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql", "pymssql": "mssql"}


def make_engine(url: URL) -> Engine:
    """One connection, opened when it is needed.

    Raises:
        InvalidInput: no such kind of database is known.
        CapabilityMissing: its driver is not installed.
    """
    try:
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,  # rows hold names, and errors are logged
            connect_args=driver_limits(url),
        )
    except ArgumentError:
        raise InvalidInput(
            "the copy's address names a kind of database that is not known: check FACEGATE_SINK__URL",
            field="sink.url",
        ) from None
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "")
        way_out = "add it to the environment" if extra is None else f"install facegate[{extra}]"
        raise CapabilityMissing(
            f"the database driver {error.name} is not installed: {way_out}", capability="sink"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing_alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that is durable when the block ends without an error, and undone otherwise.

    SQLite locks its file, PostgreSQL and MariaDB a name; SQL Server locks the rows that are looked up.

    Raises:
        StoreFailed: another facegate keeps the lock for too long.
    """
    with engine.connect() as connection:
        if engine.dialect.name in ("mysql", "mariadb"):
            with _named_lock(connection), connection.begin():
                yield connection
            return
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_S}s'"))
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK_NUMBER)))
            yield connection


@contextmanager
def _named_lock(connection: Connection) -> Iterator[None]:
    """MariaDB's locks belong to the connection, so this one holds beyond the end of the transaction."""
    is_ours = connection.execute(select(func.get_lock(_LOCK_NAME, _LOCK_TIMEOUT_S))).scalar()
    connection.rollback()
    if is_ours != 1:
        raise StoreFailed("another facegate keeps the activity copy locked: it is tried again")
    try:
        yield
    finally:
        if not connection.invalidated:  # a connection that broke has lost its lock
            connection.execute(select(func.release_lock(_LOCK_NAME)))
            connection.rollback()


def _set_up_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver's own implicit BEGIN would come after the look.
    connection.isolation_level = None


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
