"""The clients of the presence door."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "presence_clients",
        sa.Column(
            "client_id", _TEXT, sa.ForeignKey("subjects.subject_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("status_note", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text),
        sa.Column("networks", sa.Text, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("updated_at_us", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at_us", sa.BigInteger),
    )


def downgrade() -> None:
    op.drop_table("presence_clients")
