"""Tokens: random, hashed, scoped, expiring."""

from datetime import UTC, datetime, timedelta

from facegate.domain.access import Door, TokenRecord, hash_token, new_token

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_record(*doors: Door, expires_at: datetime | None = None) -> TokenRecord:
    return TokenRecord("1", "gate", hash_token("secret"), frozenset(doors), NOW, expires_at)


def test_tokens_are_long_random_and_recognisable() -> None:
    one, other = new_token(), new_token()
    assert one != other
    assert one.startswith("fg_")
    assert len(one) >= 40


def test_a_hash_does_not_show_the_token_and_takes_any_text() -> None:
    assert "secret" not in hash_token("secret")
    assert len(hash_token("\ud800")) == 64


def test_no_doors_means_every_door() -> None:
    assert a_record().allows(Door.PERSONS, NOW)
    assert a_record(Door.PERSONS).allows(Door.PERSONS, NOW)
    assert not a_record(Door.PERSONS).allows(Door.REST_V1, NOW)


def test_an_expired_token_opens_nothing() -> None:
    record = a_record(expires_at=NOW + timedelta(seconds=1))
    assert record.allows(Door.PERSONS, NOW)
    assert not record.allows(Door.PERSONS, NOW + timedelta(seconds=1))
