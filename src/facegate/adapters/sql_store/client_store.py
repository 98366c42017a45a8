"""The `ClientStore` port in SQL, and how clients outlive a restore of the gallery."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text, update

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import from_us, is_storable, optional_time, optional_us, to_us
from facegate.adapters.sql_store.schema import presence_clients, subjects
from facegate.domain.errors import SubjectNotFound
from facegate.domain.presence.clients import ClientStatus, PresenceClient

_columns = presence_clients.c


class SqlClientStore:
    """Clients in a table beside the subjects; the foreign key takes a client along with its subject."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_client(self, client: PresenceClient) -> bool:
        """False when the id is registered already.

        Raises:
            SubjectNotFound: nobody with this id is enrolled.
            InvalidInput: a text that cannot be stored.
        """
        if not is_storable(client.client_id):
            raise SubjectNotFound("nobody with this id is enrolled")
        check_storable([client.status_note])
        with self._database.writing() as connection:
            # In the order in which a restore locks them; the subject's lock keeps it from being removed
            # before the insert, and lets only one of two registrations through at a time.
            _lock_table(connection, "ROW EXCLUSIVE")
            subject = select(subjects.c.subject_id).where(subjects.c.subject_id == client.client_id)
            if connection.execute(subject.with_for_update()).scalar() is None:
                raise SubjectNotFound("nobody with this id is enrolled")
            if _find(connection, client.client_id) is not None:
                return False
            connection.execute(insert(presence_clients).values(_row(client)))
        return True

    def find_client(self, client_id: str) -> PresenceClient | None:
        """The client, or None."""
        if not is_storable(client_id):
            return None
        with self._database.reading() as connection:
            return _find(connection, client_id)

    def list_clients(
        self, *, after: str | None = None, limit: int | None = None, status: ClientStatus | None = None
    ) -> list[PresenceClient]:
        """In order of code points."""
        query = select(presence_clients).order_by(_columns.client_id)
        if after is not None:
            # Half a character sorts like the character before it would: cut there.
            query = query.where(_columns.client_id > after.encode("utf-8", "replace").decode())
        if limit is not None:
            query = query.limit(max(0, limit))
        if status is not None:
            query = query.where(_columns.status == status.value)
        with self._database.reading() as connection:
            return [_client(row) for row in connection.execute(query)]

    def change_client(
        self, client_id: str, change: Callable[[PresenceClient], PresenceClient]
    ) -> PresenceClient | None:
        """Read, changed and written under the row's lock (SQLite: the database's)."""
        if not is_storable(client_id):
            return None
        with self._database.writing() as connection:
            known = _find(connection, client_id, locked=True)
            if known is None:
                return None
            changed = replace(change(known), client_id=known.client_id, created_at=known.created_at)
            check_storable([changed.status_note])
            connection.execute(
                update(presence_clients).where(_columns.client_id == client_id).values(_row(changed))
            )
        return changed

    def remove_client(self, client_id: str) -> bool:
        """False when there was none."""
        if not is_storable(client_id):
            return False
        with self._database.writing() as connection:
            return (
                connection.execute(delete(presence_clients).where(_columns.client_id == client_id)).rowcount
                > 0
            )


def kept_clients(connection: Connection) -> Sequence[Mapping[str, Any]]:
    """All clients as rows, for `put_back` later in this transaction."""
    # Until it ends nobody else writes clients: one that is blocked or registered between this look and
    # the removal of its subject would be lost.
    _lock_table(connection, "EXCLUSIVE")
    return [dict(row) for row in connection.execute(select(presence_clients)).mappings()]


def put_back(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Registers again those whose subject is there (again)."""
    if not rows:
        return
    known_ids = set(connection.execute(select(subjects.c.subject_id)).scalars())
    returned = [row for row in rows if row["client_id"] in known_ids]
    if returned:
        connection.execute(insert(presence_clients), returned)


def _lock_table(connection: Connection, mode: str) -> None:
    """On SQLite the writing transaction holds the whole database already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE presence_clients IN {mode} MODE"))


def _find(connection: Connection, client_id: str, *, locked: bool = False) -> PresenceClient | None:
    query = select(presence_clients).where(_columns.client_id == client_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else _client(row)


def _row(client: PresenceClient) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "status": client.status.value,
        "status_note": client.status_note,
        "token_hash": client.token_hash,
        "networks": " ".join(client.networks),
        "created_at_us": to_us(client.created_at),
        "updated_at_us": to_us(client.updated_at),
        "last_seen_at_us": optional_us(client.last_seen_at),
    }


def _client(row: Row[Any]) -> PresenceClient:
    return PresenceClient(
        client_id=row.client_id,
        status=ClientStatus(row.status),
        created_at=from_us(row.created_at_us),
        updated_at=from_us(row.updated_at_us),
        last_seen_at=optional_time(row.last_seen_at_us),
        token_hash=row.token_hash,
        networks=tuple(row.networks.split()),
        status_note=row.status_note,
    )
