"""Messages are looked up by their person and by their event: a person is forgotten while others write."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for column in ("subject_id", "event_id"):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(_name(column), "alert_messages", [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for column in ("subject_id", "event_id"):
        op.drop_index(_name(column), "alert_messages")


def _name(column: str) -> str:
    return f"alert_messages_by_{column.removesuffix('_id')}"
