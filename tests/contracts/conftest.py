"""What the suites of several ports share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.emptied_databases import emptied
from tests.contracts.gallery_stores import postgres_database, sqlite_database

from facegate.adapters.sql_store import Database


@pytest.fixture(scope="module")
def postgres() -> Iterator[Database]:
    """One schema per suite, since making one takes a second; `emptied` gives it back empty."""
    with postgres_database() as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty one of each kind, for what only a real one can show."""
    if request.param == "sqlite":
        with sqlite_database(tmp_path) as opened:
            yield opened
    else:
        yield emptied(request.getfixturevalue("postgres"))
