"""The `TokenStore` port in SQL."""

from sqlalchemy import delete, insert, select

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import from_us, is_storable, optional_time, optional_us, to_us
from facegate.adapters.sql_store.schema import tokens
from facegate.domain.access import Door, TokenRecord


class SqlTokenStore:
    """Hashed tokens beside the gallery."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_token(self, record: TokenRecord) -> None:
        """Keeps the record."""
        check_storable([record.token_id, record.name])
        with self._database.writing() as connection:
            connection.execute(
                insert(tokens).values(
                    token_id=record.token_id,
                    name=record.name,
                    token_hash=record.token_hash,
                    doors=" ".join(sorted(record.doors)),
                    created_at_us=to_us(record.created_at),
                    expires_at_us=optional_us(record.expires_at),
                )
            )

    def list_tokens(self) -> list[TokenRecord]:
        """Oldest first, expired ones too."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(tokens).order_by(tokens.c.created_at_us, tokens.c.token_id)
            ).all()
        return [
            TokenRecord(
                token_id=row.token_id,
                name=row.name,
                token_hash=row.token_hash,
                doors=frozenset(Door(door) for door in row.doors.split()),
                created_at=from_us(row.created_at_us),
                expires_at=optional_time(row.expires_at_us),
            )
            for row in rows
        ]

    def remove_token(self, token_id: str) -> bool:
        """False when there was none."""
        if not is_storable(token_id):
            return False
        with self._database.writing() as connection:
            return connection.execute(delete(tokens).where(tokens.c.token_id == token_id)).rowcount > 0
