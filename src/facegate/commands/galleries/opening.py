"""Decides where the gallery of a command is.

In this process, behind the server that holds the data folder, or behind the server that the operator names.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from facegate.commands.galleries.connection import Where
from facegate.commands.galleries.gallery_access import GalleryAccess
from facegate.commands.output.outcomes import CommandRefused, ExitCode
from facegate.commands.output.terminal import note
from facegate.composition.access_tokens import TOKEN_FILE_NAME
from facegate.composition.server_record import ServerRecord, read_record
from facegate.domain.errors import GalleryInUse
from facegate.settings.loading import is_loopback_name, load_settings
from facegate.settings.model import Settings

if TYPE_CHECKING:
    from facegate.commands.galleries.local_gallery_access import LocalGalleryAccess

MAX_WAIT_S = 5.0
"""How long to wait for a server that is starting, or for another short command."""

_RETRY_AFTER_S = 0.2


@contextmanager
def open_gallery(where: Where, *, with_nets: bool = True) -> Iterator[GalleryAccess]:
    """The gallery, closed at the end. Work that looks at no picture needs no nets, and so no model files.

    Raises:
        SettingsRefused, FacegateError, CommandRefused: it cannot be opened.
    """
    access = _access(where, with_nets=with_nets)
    try:
        yield access
    finally:
        access.close()


@contextmanager
def open_local_gallery(where: Where, purpose: str) -> Iterator["LocalGalleryAccess"]:
    """The gallery of this process; `purpose` says in a sentence why a server cannot do it.

    Raises:
        CommandRefused: a server is named, or holds the data folder.
    """
    if where.server is not None:
        raise CommandRefused(f"{purpose} works on a data folder, not through --server.")
    settings = settings_of(where)
    try:
        access = _local(settings, with_nets=True)
    except GalleryInUse as error:
        raise CommandRefused(
            f"{purpose} needs the data folder for itself: stop the server that uses it, then run this again.",
            ExitCode.CANNOT_WORK,
        ) from error
    try:
        yield access
    finally:
        access.close()


def settings_of(where: Where) -> Settings:
    """The settings in force here."""
    overrides = {} if where.data_folder is None else {"storage.data_folder": where.data_folder}
    return load_settings(overrides=overrides).settings


def _access(where: Where, *, with_nets: bool) -> GalleryAccess:
    settings = settings_of(where)
    if where.server is not None:
        return _named_server(where.server, where, settings)
    folder = settings.storage.data_folder
    give_up_at_s = time.monotonic() + MAX_WAIT_S
    while True:
        record = read_record(folder)
        if record is not None and _is_ours_and_alive(record):
            return _own_server(record, where, settings)
        try:
            return _local(settings, with_nets=with_nets)
        except GalleryInUse as error:
            if time.monotonic() > give_up_at_s:
                raise CommandRefused(
                    f"Another facegate works in the data folder {folder}: wait until it is done, or name "
                    "its server with --server URL.",
                    ExitCode.CANNOT_WORK,
                ) from error
        time.sleep(_RETRY_AFTER_S)


def _named_server(url: str, where: Where, settings: Settings) -> GalleryAccess:
    token = where.token or _configured_token(settings)
    host = urlsplit(url).hostname or ""
    if is_loopback_name(host):
        token = token or _kept_token(settings.storage.data_folder)
    elif url.lower().startswith("http:"):
        note(f"Photos and the token travel to {host} unencrypted: use https if you can.")
    return _remote(url, token)


def _own_server(record: ServerRecord, where: Where, settings: Settings) -> GalleryAccess:
    kept = _kept_token(settings.storage.data_folder)
    certificate = settings.server.tls_certificate_file
    return _remote(
        record.url,
        where.token or _configured_token(settings) or kept,
        is_own=True,
        certificate_file=str(certificate) if certificate else None,
    )


def _remote(
    url: str, token: str | None, *, is_own: bool = False, certificate_file: str | None = None
) -> GalleryAccess:
    # Imported here: a command that works locally needs no HTTP client.
    from facegate.commands.galleries.remote_gallery_access import RemoteGalleryAccess
    from facegate.commands.galleries.server_client import ServerAddress, ServerClient

    return RemoteGalleryAccess(ServerClient(ServerAddress(url, token, is_own, certificate_file)))


def _local(settings: Settings, *, with_nets: bool) -> "LocalGalleryAccess":
    # Imported here: the nets' runtimes take a second, which a command that asks a server need not wait for.
    from facegate.commands.galleries.local_gallery_access import LocalGalleryAccess
    from facegate.commands.output.fetch_progress import TerminalFetchProgress
    from facegate.commands.output.terminal import note_console
    from facegate.composition.embedded import build_application
    from facegate.composition.process.thread_limits import limit_library_threads

    limit_library_threads()
    if not with_nets:
        from facegate.composition.unloaded_nets import unloaded_nets

        return LocalGalleryAccess(build_application(settings, ports=unloaded_nets(settings.engine)))
    with TerminalFetchProgress(note_console()) as progress:
        return LocalGalleryAccess(build_application(settings, progress=progress))


def _configured_token(settings: Settings) -> str | None:
    token = settings.access.token
    return token.get_secret_value() if token is not None else None


def _kept_token(folder: Path) -> str | None:
    """The generated token of the data folder, where this user may read it."""
    try:
        return (folder / TOKEN_FILE_NAME).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _is_ours_and_alive(record: ServerRecord) -> bool:
    """Whether the recorded process runs, as this user.

    A killed server's port may be anybody's by now, and the token must not go there.
    """
    import psutil

    try:
        process = psutil.Process(record.process_id)
        is_running = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        if not is_running or not hasattr(os, "getuid") or os.getuid() == 0:
            return is_running
        return process.uids().real == os.getuid()
    except (psutil.Error, ValueError):
        return False
