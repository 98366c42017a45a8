"""What the suites of several ports share."""

from collections.abc import Iterator

import pytest
from tests.contracts.gallery_stores import postgres_database

from facegate.adapters.sql_store import Database


@pytest.fixture(scope="module")
def postgres() -> Iterator[Database]:
    """One schema per suite, since making one takes a second; `emptied` gives it back empty."""
    with postgres_database() as database:
        yield database
