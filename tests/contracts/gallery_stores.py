"""Opening each kind of gallery store for the contract suites."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from facegate.adapters.sql_store import Database, open_database, open_sqlite

POSTGRES_URL = os.environ.get(
    "FACEGATE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test?connect_timeout=2"
)
"""A database in which the tests may make and drop schemas of their own."""


@cache
def _empty_gallery() -> bytes:
    """A database file with its schema, since running Alembic takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gallery.sqlite3"
        open_sqlite(path).close()
        return path.read_bytes()


@contextmanager
def sqlite_database(folder: Path) -> Iterator[Database]:
    path = folder / "gallery.sqlite3"
    path.write_bytes(_empty_gallery())
    database = open_sqlite(path)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def postgres_database() -> Iterator[Database]:
    """A schema of its own in a running PostgreSQL; skips the test where there is none."""
    pytest.importorskip("psycopg", reason="PostgreSQL: its driver psycopg is not installed")
    administration = create_engine(POSTGRES_URL)
    schema = f"facegate_test_{uuid.uuid4().hex}"
    try:
        with administration.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except SQLAlchemyError:
        administration.dispose()
        pytest.skip("PostgreSQL: no server answers (FACEGATE_TEST_POSTGRES names another)")
    url = administration.url.update_query_dict({"options": f"-csearch_path={schema}"})
    try:
        database = open_database(url.render_as_string(hide_password=False))
        yield database
        database.close()
    finally:
        with administration.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        administration.dispose()
