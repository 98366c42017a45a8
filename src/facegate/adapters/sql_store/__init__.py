"""The durable gallery, its tokens and the presence clients in SQLite or PostgreSQL."""

from facegate.adapters.sql_store.client_store import SqlClientStore
from facegate.adapters.sql_store.connection import Database, open_database, open_sqlite
from facegate.adapters.sql_store.gallery_store import SqlGalleryStore
from facegate.adapters.sql_store.token_store import SqlTokenStore

__all__ = ["Database", "SqlClientStore", "SqlGalleryStore", "SqlTokenStore", "open_database", "open_sqlite"]
