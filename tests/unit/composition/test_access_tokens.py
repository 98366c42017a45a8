"""The generated token: made once, kept for its owner alone, put aside by a configured one."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from facegate.composition.access_tokens import configured_records, main_token
from facegate.domain.access import TOKEN_PREFIX, Door, hash_token
from facegate.domain.errors import StoreFailed
from facegate.settings.server_groups import AccessSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_without_a_token_one_is_generated_and_kept_private(tmp_path: Path) -> None:
    first = main_token(AccessSettings(), tmp_path)
    second = main_token(AccessSettings(), tmp_path)
    assert first.is_new
    assert first.secret.startswith(TOKEN_PREFIX)
    assert first.file is not None
    assert stat.S_IMODE(first.file.stat().st_mode) == 0o600
    assert (second.secret, second.is_new) == (first.secret, False)
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def test_a_configured_token_is_used_alone(tmp_path: Path) -> None:
    generated = main_token(AccessSettings(), tmp_path)
    token = main_token(AccessSettings(token=SecretStr("configured-token")), tmp_path)
    assert (token.secret, token.file, token.is_new) == ("configured-token", None, False)
    (record,) = configured_records(AccessSettings(), token, NOW)
    assert record.token_hash != hash_token(generated.secret)
    assert all(record.allows(door, NOW) for door in Door)


def test_an_interrupted_first_start_leaves_no_empty_token(tmp_path: Path) -> None:
    (tmp_path / "token.partial").write_text("half", encoding="ascii")
    (tmp_path / "token").write_text("\n", encoding="ascii")
    token = main_token(AccessSettings(), tmp_path)
    assert token.is_new
    assert len(token.secret) > 40


def test_a_folder_that_cannot_be_written_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed):
        main_token(AccessSettings(), tmp_path / "missing")


def test_the_push_key_opens_its_own_door_alone(tmp_path: Path) -> None:
    settings = AccessSettings(admin_push_key=SecretStr("push-key-push-key"))
    push = configured_records(settings, main_token(settings, tmp_path), NOW)[1]
    assert [door for door in Door if push.allows(door, NOW)] == [Door.ADMIN_PUSH]
