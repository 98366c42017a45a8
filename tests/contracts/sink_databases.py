"""An empty database of each kind for a copy of activity, and looking at what was written there."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from tests.contracts.gallery_stores import POSTGRES_URL

from facegate.adapters.sql_sink import SqlActivitySink, open_sink

MARIADB_URL = os.environ.get("FACEGATE_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/test")
"""A server on which the tests may make and drop databases of their own."""

DATABASE_KINDS = ("sqlite", "postgresql", "mariadb")

TABLE = "activity"


@dataclass(frozen=True)
class SinkDatabase:
    """`url` is for the sink; `engine` is the test's own way in."""

    url: URL
    engine: Engine

    def open(self, table_name: str = TABLE) -> SqlActivitySink:
        return open_sink(self.url, table_name)

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """With `inout` and the like in double quotes, also on MariaDB."""
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "mysql":
                connection.execute(text("SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')"))
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []

    def rows(self, table_name: str = TABLE) -> list[tuple[object, ...]]:
        return sorted(self.run(f'SELECT * FROM "{table_name}"'), key=repr)  # noqa: S608


@contextmanager
def sink_database(kind: str, folder: Path) -> Iterator[SinkDatabase]:
    """Skips the test where no such server answers."""
    match kind:
        case "sqlite":
            url = URL.create("sqlite", database=str(folder / "copy.sqlite3"))
            yield SinkDatabase(url, create_engine(url, poolclass=NullPool))
        case "postgresql":
            pytest.importorskip("psycopg", reason="PostgreSQL: its driver psycopg is not installed")
            with _own_space(make_url(POSTGRES_URL), "PostgreSQL", "SCHEMA", " CASCADE") as (url, name):
                found = url.update_query_dict({"options": f"-csearch_path={name}"})
                yield SinkDatabase(found, create_engine(found, poolclass=NullPool))
        case _:
            pytest.importorskip("pymysql", reason="MariaDB: its driver pymysql is not installed")
            with _own_space(make_url(MARIADB_URL), "MariaDB", "DATABASE", "") as (url, name):
                found = url.set(database=name)
                yield SinkDatabase(found, create_engine(found, poolclass=NullPool))


@contextmanager
def _own_space(url: URL, server: str, space: str, drop_words: str) -> Iterator[tuple[URL, str]]:
    administration = create_engine(url, poolclass=NullPool)
    name = f"facegate_test_{uuid.uuid4().hex}"
    try:
        with administration.begin() as connection:
            connection.execute(text(f"CREATE {space} {name}"))
    except SQLAlchemyError:
        variable = {"PostgreSQL": "FACEGATE_TEST_POSTGRES", "MariaDB": "FACEGATE_TEST_MARIADB"}[server]
        pytest.skip(f"{server}: no server answers ({variable} names another)")
    try:
        yield url, name
    finally:
        with administration.begin() as connection:
            connection.execute(text(f"DROP {space} {name}{drop_words}"))
