"""The tokens that do not live in the store: those from the settings, and the one generated at first start."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from facegate.domain.access import Door, TokenRecord, hash_token, new_token
from facegate.domain.errors import StoreFailed
from facegate.settings.server_groups import AccessSettings

TOKEN_FILE_NAME = "token"  # noqa: S105 - a file's name


@dataclass(frozen=True, slots=True)
class MainToken:
    """The token that opens every door. `file` is None where the settings name it; `is_new` shows it once."""

    secret: str
    file: Path | None
    is_new: bool


def main_token(settings: AccessSettings, data_folder: Path) -> MainToken:
    """The configured token, or else the data folder's, which is generated if there is none.

    Raises:
        StoreFailed: the file cannot be written or read.
    """
    if settings.token is not None:
        return MainToken(settings.token.get_secret_value(), None, is_new=False)
    path = data_folder / TOKEN_FILE_NAME
    try:
        kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
        if kept:
            return MainToken(kept, path, is_new=False)
        secret = new_token()
        _write_private(path, secret)
    except (OSError, UnicodeDecodeError) as error:
        raise StoreFailed("the file with the generated token in the data folder cannot be used") from error
    return MainToken(secret, path, is_new=True)


def configured_records(
    settings: AccessSettings, token: MainToken, started_at: datetime
) -> Sequence[TokenRecord]:
    """Records of these tokens, which live as long as the process."""
    name = "generated at first start" if token.file else "FACEGATE_ACCESS__TOKEN"
    records = [TokenRecord("main", name, hash_token(token.secret), frozenset(), started_at)]
    if settings.admin_push_key is not None:
        push_hash = hash_token(settings.admin_push_key.get_secret_value())
        push_doors = frozenset({Door.ADMIN_PUSH})
        records.append(
            TokenRecord("admin-push", "FACEGATE_ACCESS__ADMIN_PUSH_KEY", push_hash, push_doors, started_at)
        )
    return records


def _write_private(path: Path, secret: str) -> None:
    """Written aside and renamed, so that a crash leaves no empty file; readable by its owner alone."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{secret}\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
