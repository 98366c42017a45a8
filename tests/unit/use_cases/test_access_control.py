"""Tokens: recognised, scoped, overlapping, revoked."""

from datetime import timedelta

import pytest
from tests.unit.use_cases.conftest import Core

from facegate.domain.access import Door, TokenRecord, hash_token
from facegate.domain.errors import InvalidInput, TokenNotFound
from facegate.use_cases.access_control import AccessControl


@pytest.fixture
def access(core: Core) -> AccessControl:
    configured = TokenRecord("configured", "setting", hash_token("from-env"), frozenset(), core.clock.now)
    return AccessControl(core.tokens, core.clock, [configured])


def test_a_new_token_is_recognised_and_a_wrong_one_is_not(access: AccessControl) -> None:
    created = access.create("gate", doors=[Door.PERSONS])
    record = access.recognise(created.secret)
    assert record is not None
    assert record.name == "gate"
    assert access.allows(record, Door.PERSONS)
    assert not access.allows(record, Door.REST_V1)
    assert access.recognise(created.secret + "x") is None
    assert access.recognise("") is None


def test_a_token_of_the_settings_opens_every_door(access: AccessControl) -> None:
    record = access.recognise("from-env")
    assert record is not None
    assert access.allows(record, Door.REST_V1)


def test_tokens_overlap_during_rotation_and_survive_a_restart(core: Core, access: AccessControl) -> None:
    old, new = access.create("app"), access.create("app")
    again = AccessControl(core.tokens, core.clock)
    assert again.recognise(old.secret) is not None
    again.revoke(old.record.token_id)
    assert again.recognise(old.secret) is None
    assert again.recognise(new.secret) is not None


def test_an_expired_token_is_not_recognised(core: Core, access: AccessControl) -> None:
    created = access.create("visit", lifetime=timedelta(hours=1))
    assert access.recognise(created.secret) is not None
    core.clock.now += timedelta(hours=1)
    assert access.recognise(created.secret) is None


def test_the_store_never_sees_the_secret(core: Core, access: AccessControl) -> None:
    created = access.create("gate")
    assert all(created.secret not in repr(record) for record in core.tokens.list_tokens())


def test_what_cannot_be_is_refused(access: AccessControl) -> None:
    for name in ("", "  ", "x" * 101, "a\nb"):
        with pytest.raises(InvalidInput):
            access.create(name)
    for lifetime in (timedelta(0), timedelta(seconds=-1), timedelta.max):
        with pytest.raises(InvalidInput):
            access.create("gate", lifetime=lifetime)
    with pytest.raises(TokenNotFound):
        access.revoke("configured")
