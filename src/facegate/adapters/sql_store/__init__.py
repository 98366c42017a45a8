"""The durable gallery, its tokens, clients and terminals in SQLite or PostgreSQL."""

from facegate.adapters.sql_store.activity_store import SqlActivityStore
from facegate.adapters.sql_store.client_store import SqlClientStore
from facegate.adapters.sql_store.connection import Database, open_database, open_sqlite
from facegate.adapters.sql_store.gallery_store import SqlGalleryStore
from facegate.adapters.sql_store.terminal_people_store import SqlTerminalPeopleStore
from facegate.adapters.sql_store.terminal_store import SqlTerminalStore
from facegate.adapters.sql_store.token_store import SqlTokenStore

__all__ = [
    "Database",
    "SqlActivityStore",
    "SqlClientStore",
    "SqlGalleryStore",
    "SqlTerminalPeopleStore",
    "SqlTerminalStore",
    "SqlTokenStore",
    "open_database",
    "open_sqlite",
]
