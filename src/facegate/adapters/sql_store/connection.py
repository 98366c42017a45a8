"""Opening a database and running transactions on it. SQLite's pragmas live here; no table does."""

import logging
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from facegate.adapters.sql_store.failures import translated
from facegate.adapters.sql_store.migrate import upgrade
from facegate.domain.errors import CapabilityMissing, InvalidInput, StoreFailed

logger = logging.getLogger(__name__)

_BUSY_TIMEOUT_MS = 10_000

_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # with WAL, NORMAL may lose acknowledged writes when the power goes
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten with zeros
)

# Without them a database that does not answer would hold whoever asks for a quarter of an hour.
_POSTGRESQL_LIMITS: Mapping[str, object] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

# What the user or the database was given by its administrator holds, unless that is no limit at all.
_BOUND_STATEMENTS = (
    "SELECT set_config(name, longest, false)"
    " FROM (VALUES ('statement_timeout', '300s'), ('lock_timeout', '30s')) AS ours(name, longest)"
    " WHERE current_setting(name) = '0'"
)

_WRITES = "facegate_writes"


class Database:
    """One open database, shared by the stores on it. Safe from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing_engine = engine.execution_options(**{_WRITES: True})
        self._is_closed = False

    @property
    def is_sqlite(self) -> bool:
        """Whether SQLite is behind it, which has its own housekeeping."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; on SQLite it sees one snapshot.

        Raises:
            StoreFailed: the database failed or is closed.
        """
        self._check_open()
        with translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable when the block ends without an error, and undone otherwise.

        Raises:
            StoreFailed: the database failed or is closed.
        """
        self._check_open()
        with translated(), self._writing_engine.begin() as connection:
            yield connection

    def wipe_journal(self) -> None:
        """Moves SQLite's write-ahead log into the database, so that no deleted face stays in it.

        Does nothing while somebody reads: the next call or the next start does it then. A failure is
        logged and not raised: what was committed before stays committed.
        """
        if not self.is_sqlite or self._is_closed:
            return
        try:
            self._truncate_log()
        except (StoreFailed, sqlite3.Error):
            logger.exception(
                "the write-ahead log could not be emptied: it may hold removed faces for a while"
            )

    def _truncate_log(self) -> None:
        with translated(), self._engine.connect() as connection:
            driver_connection = connection.connection.driver_connection
            if not isinstance(driver_connection, sqlite3.Connection):
                return
            driver_connection.execute("PRAGMA busy_timeout = 0")
            try:
                driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.OperationalError:  # busy: somebody else checkpoints this moment
                pass
            finally:
                driver_connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")

    def close(self) -> None:
        """Releases all connections; further use raises StoreFailed."""
        if not self._is_closed:
            self.wipe_journal()
            self._is_closed = True
            self._engine.dispose()

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreFailed("the gallery is closed")


def open_sqlite(path: Path) -> Database:
    """Opens or creates the database file, for its owner alone, and brings its schema up to date.

    Raises:
        StoreFailed: it cannot be opened, is damaged, or was written by a newer facegate.
    """
    with translated():
        # SQLite gives its -wal and -shm files the mode of the database file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            pool_size=8,
            max_overflow=-1,
            hide_parameters=True,  # rows hold faces, names and numbers, and errors are logged
            connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000},
        )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return _upgraded(engine)


def open_database(url: str) -> Database:
    """Opens a database by its SQLAlchemy URL, such as `postgresql+psycopg://user@host/name`.

    Raises:
        InvalidInput: the URL cannot be read.
        CapabilityMissing: the driver is not installed.
        StoreFailed: it cannot be reached, or was written by a newer facegate.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return open_sqlite(Path(parsed.database or ""))
        engine = create_engine(
            parsed,
            pool_size=8,
            max_overflow=8,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=_limits(parsed),
        )
    except ArgumentError as error:
        raise InvalidInput("the database's address is not a database URL", field="database") from error
    except ModuleNotFoundError as error:
        raise CapabilityMissing(
            f"the database driver {error.name} is not installed: add it to the environment",
            capability="database",
        ) from error
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _bound_statements)
    return _upgraded(engine)


def _limits(url: URL) -> dict[str, object]:
    """For drivers that pass them to libpq, but for those that the URL sets itself."""
    if url.get_dialect().driver not in ("psycopg", "psycopg2"):
        return {}
    return {name: value for name, value in _POSTGRESQL_LIMITS.items() if name not in url.query}


def _bound_statements(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(_BOUND_STATEMENTS)
    cursor.close()
    connection.commit()


def _upgraded(engine: Engine) -> Database:
    database = Database(engine)
    try:
        with database.writing() as connection:
            upgrade(connection)
    except BaseException:
        engine.dispose()
        raise
    return database


def _set_up_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver's own implicit BEGIN would leave schema changes outside transactions.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma).fetchall()


def _begin_sqlite(connection: Connection) -> None:
    # A read that turns into a write can fail at once with "locked"; IMMEDIATE waits its turn instead.
    options: Any = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")
