"""Bringing the schema up to date with Alembic, from this package alone: no ini file on disk."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from facegate.adapters.sql_store.schema import KNOWN_REVISIONS
from facegate.domain.errors import StoreFailed

if TYPE_CHECKING:
    from alembic.config import Config

_ADVISORY_LOCK = 0x6661_6365  # any number that no other program uses in this database


def upgrade(connection: Connection) -> None:
    """Applies the migrations that are missing, inside the caller's write transaction.

    On SQLite that transaction is the lock against a second opener, on PostgreSQL an advisory lock.

    Raises:
        StoreFailed: the schema is newer than this program.
    """
    if connection.dialect.name == "postgresql":
        # Another server's migration is waited for, and a large table's takes what it takes.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
    current = _current_revision(connection)
    if current == KNOWN_REVISIONS[-1]:
        return
    if current is not None and current not in KNOWN_REVISIONS:
        raise StoreFailed(
            "this gallery was written by a newer facegate: run that version or a newer one, "
            "or start with another data folder"
        )
    # Imported here: a start that finds the schema up to date need not pay for it.
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> "Config":
    """Alembic's settings for this connection, for the upgrade and for tests of the way back."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "facegate.adapters.sql_store:migrations")
    config.attributes["connection"] = connection
    return config


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision
