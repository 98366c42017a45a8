"""Where this process keeps everything: one database, and files in the data folder."""

import contextlib
from dataclasses import dataclass

from facegate.adapters.sql_store import (
    Database,
    SqlActivityStore,
    SqlClientStore,
    SqlGalleryStore,
    SqlTerminalPeopleStore,
    SqlTerminalStore,
    SqlTokenStore,
    open_database,
    open_sqlite,
)
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.terminals.parts import TerminalStores
from facegate.composition.watching.stores import WatchStores, open_watch_stores
from facegate.ports.client_store import ClientStore
from facegate.ports.clock import Clock
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.token_store import TokenStore
from facegate.settings.model import Settings

DATABASE_FILE_NAME = "gallery.sqlite3"


@dataclass(frozen=True, slots=True)
class Storage:
    """The stores of one process, in one database."""

    store: GalleryStore
    tokens: TokenStore
    clients: ClientStore
    terminals: TerminalStores
    watching: WatchStores


def open_storage(
    settings: Settings, ports: PortOverrides, clock: Clock, started: contextlib.ExitStack
) -> Storage:
    """The given ports, and real ones for those that are not.

    Raises:
        StoreFailed: the database cannot be opened.
        CapabilityMissing: the key of stored secrets cannot be used.
    """
    given = (
        ports.store,
        ports.token_store,
        ports.client_store,
        ports.terminal_stores,
        ports.watch_stores,
    )
    if (
        given[0] is not None
        and given[1] is not None
        and given[2] is not None
        and given[3] is not None
        and given[4] is not None
    ):
        return Storage(given[0], given[1], given[2], given[3], given[4])
    url = settings.storage.database_url
    folder = settings.storage.data_folder
    if url is not None:
        database = open_database(url.get_secret_value())
    else:
        database = open_sqlite(folder / DATABASE_FILE_NAME)
    started.callback(database.close)
    return Storage(
        ports.store or SqlGalleryStore(database, clock),
        ports.token_store or SqlTokenStore(database),
        ports.client_store or SqlClientStore(database),
        ports.terminal_stores or _terminal_stores(database),
        ports.watch_stores or open_watch_stores(database, folder, settings.alerts),
    )


def _terminal_stores(database: Database) -> TerminalStores:
    return TerminalStores(
        SqlTerminalStore(database), SqlActivityStore(database), SqlTerminalPeopleStore(database)
    )
