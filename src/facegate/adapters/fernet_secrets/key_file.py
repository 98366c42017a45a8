"""The server's own key in the data folder, made at the first start."""

import contextlib
import itertools
import logging
import os
import stat
from pathlib import Path

from facegate.adapters.durable_files import make_durable, write_new
from facegate.adapters.fernet_secrets.secret_box import FernetSecretBox, new_key
from facegate.domain.errors import InvalidInput, StoreFailed

logger = logging.getLogger(__name__)

KEY_FILE_NAME = "secrets.key"

_MAX_KEY_FILE_BYTES = 10_000


def load_or_make_key(data_folder: Path) -> str:
    """The keys of the file, or a new one that is durable in it, for its owner alone.

    A damaged file is set aside: what was sealed under it has to be entered again, all else goes on.
    Call it while the data folder is held: two that make a key at once would have one each.

    Raises:
        StoreFailed: it cannot be read or written.
    """
    path = data_folder / KEY_FILE_NAME
    try:
        content = _read(path)
        keys = None if content is None else _whole_keys(content)
        if keys is not None:
            _warn_if_open(path)
            return keys
        if content is not None:
            _set_aside(path)
        key = new_key()
        _write(path, key)
    except OSError as error:
        raise StoreFailed(
            "the key of stored secrets (secrets.key in the data folder) cannot be read or written: check its "
            "owner and its mode, and the disk's free space"
        ) from error
    return key


def _whole_keys(content: bytes) -> str | None:
    """None where it is damaged."""
    keys = content.decode("ascii", "replace").strip()
    try:
        FernetSecretBox(keys)
    except InvalidInput:
        return None
    return keys


def _set_aside(path: Path) -> None:
    """Under a name that nothing has yet: somebody may still make out what it was."""
    kept_path = path.with_name(f"{path.name}.damaged")
    for number in itertools.count(2):
        if not kept_path.exists():
            break
        kept_path = path.with_name(f"{path.name}.damaged-{number}")
    path.rename(kept_path)
    logger.error(
        "the key of stored secrets (%s in the data folder) is damaged; it is %s now, and a new one was made: "
        "restore it from a backup, or enter the addresses of cameras and the tokens of channels again",
        path.name,
        kept_path.name,
    )


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_KEY_FILE_BYTES)
    except FileNotFoundError:
        return None


def _write(path: Path, key: str) -> None:
    """Whole or not at all: under another name first, which is renamed when it is durable."""
    partial_path = path.with_name(f"{path.name}.part")
    partial_path.unlink(missing_ok=True)
    try:
        write_new(partial_path, f"{key}\n".encode("ascii"))
        partial_path.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial_path.unlink(missing_ok=True)
        raise
    make_durable(path.parent)


def _warn_if_open(path: Path) -> None:
    """No more than a warning: some mounts give every file the same mode, and nobody could start there."""
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        logger.warning(
            "%s, the key of stored secrets, may be read by others: make it its owner's alone (chmod 600)",
            KEY_FILE_NAME,
        )
