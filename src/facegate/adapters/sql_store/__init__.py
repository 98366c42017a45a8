"""The durable gallery, its tokens, clients, terminals, cameras, alerts and events in SQLite or PostgreSQL."""

from facegate.adapters.sql_store.activity_store import SqlActivityStore
from facegate.adapters.sql_store.client_store import SqlClientStore
from facegate.adapters.sql_store.connection import Database, open_database, open_sqlite
from facegate.adapters.sql_store.gallery_store import SqlGalleryStore
from facegate.adapters.sql_store.terminal_people_store import SqlTerminalPeopleStore
from facegate.adapters.sql_store.terminal_store import SqlTerminalStore
from facegate.adapters.sql_store.token_store import SqlTokenStore
from facegate.adapters.sql_store.watching.alert_store import SqlAlertStore
from facegate.adapters.sql_store.watching.camera_store import SqlCameraStore
from facegate.adapters.sql_store.watching.event_store import SqlEventStore
from facegate.adapters.sql_store.watching.subject_groups import SqlSubjectGroups

__all__ = [
    "Database",
    "SqlActivityStore",
    "SqlAlertStore",
    "SqlCameraStore",
    "SqlClientStore",
    "SqlEventStore",
    "SqlGalleryStore",
    "SqlSubjectGroups",
    "SqlTerminalPeopleStore",
    "SqlTerminalStore",
    "SqlTokenStore",
    "open_database",
    "open_sqlite",
]
