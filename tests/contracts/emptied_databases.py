"""One PostgreSQL schema for all tests of a file: making one takes longer than most tests."""

from sqlalchemy import delete

from facegate.adapters.sql_store import Database
from facegate.adapters.sql_store.schema import gallery_state, metadata


def emptied(database: Database) -> Database:
    """The same database as a new one would be, but for ids, which go on."""
    with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not gallery_state:
                connection.execute(delete(table))
    return database
