"""What every TokenStore promises, run over SQLite, PostgreSQL and the fake."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.gallery_stores import postgres_database, sqlite_database
from tests.fakes.enrolments import later
from tests.fakes.gallery import InMemoryTokenStore

from facegate.adapters.sql_store import SqlTokenStore
from facegate.domain.access import Door, TokenRecord, hash_token
from facegate.ports.token_store import TokenStore


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TokenStore]:
    if request.param == "fake":
        yield InMemoryTokenStore()
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield SqlTokenStore(database)
    else:
        with postgres_database() as database:
            yield SqlTokenStore(database)


def record(token_id: str, second: float = 0.0, *, expires_s: float | None = None) -> TokenRecord:
    return TokenRecord(
        token_id=token_id,
        name="front desk",
        token_hash=hash_token(token_id),
        doors=frozenset({Door.PERSONS, Door.REST_V1}) if expires_s else frozenset(),
        created_at=later(second),
        expires_at=None if expires_s is None else later(expires_s),
    )


def test_records_come_back_equal_and_oldest_first(store: TokenStore) -> None:
    records = [record("b", 2), record("a", 3, expires_s=-5), record("c", 1, expires_s=60)]
    for kept in records:
        store.add_token(kept)
    assert store.list_tokens() == [records[2], records[0], records[1]]


def test_removing(store: TokenStore) -> None:
    store.add_token(record("a"))
    assert store.remove_token("a")
    assert not store.remove_token("a")
    assert not store.remove_token("nul\0")
    assert store.list_tokens() == []
