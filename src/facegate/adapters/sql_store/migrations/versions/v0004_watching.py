"""Cameras, channels and the outbox of alerts, the history of events, groups of persons."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    _create_cameras()
    _create_alerts()
    _create_events()
    op.create_table(
        "subject_groups",
        sa.Column(
            "subject_id", _TEXT, sa.ForeignKey("subjects.subject_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("group_name", _TEXT, primary_key=True),
    )


def _create_cameras() -> None:
    op.create_table(
        "cameras",
        sa.Column("camera_id", _TEXT, primary_key=True),
        sa.Column("nickname", sa.Text, nullable=False),
        sa.Column("sealed_source", sa.Text, nullable=False),
        sa.Column("settings_json", sa.Text, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("updated_at_us", sa.BigInteger, nullable=False),
    )


def _create_alerts() -> None:
    op.create_table(
        "alert_channels",
        sa.Column("channel_id", _TEXT, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("options_json", sa.Text, nullable=False),
        sa.Column("sealed_secrets", sa.Text, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "alert_messages",
        sa.Column("message_id", _TEXT, primary_key=True),
        sa.Column("channel_id", _TEXT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("facts_json", sa.Text, nullable=False),
        sa.Column("dedup_key", _TEXT, nullable=False, unique=True),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("expires_at_us", sa.BigInteger, nullable=False),
        sa.Column("next_attempt_at_us", sa.BigInteger, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("attempt_count", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("finished_at_us", sa.BigInteger),
        sa.Column("event_id", _TEXT),
        sa.Column("camera_id", _TEXT),
        sa.Column("subject_id", _TEXT),
        sa.Column("digest_id", _TEXT),
        sa.Column("picture", sa.LargeBinary),
    )
    op.create_index("alert_messages_by_state", "alert_messages", ["state", "created_at_us", "message_id"])
    op.create_index("alert_messages_by_time", "alert_messages", ["created_at_us", "message_id"])
    op.create_table(
        "alert_marks",
        sa.Column("camera_id", _TEXT, primary_key=True),
        sa.Column("person_key", _TEXT, primary_key=True),
        sa.Column("told_at_us", sa.BigInteger, nullable=False),
    )
    op.create_index("alert_marks_by_person", "alert_marks", ["person_key"])


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("event_id", _TEXT, primary_key=True),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("door", _TEXT, nullable=False),
        sa.Column("occurred_at_us", sa.BigInteger, nullable=False),
        sa.Column("place_id", _TEXT, nullable=False),
        sa.Column("place_name", sa.Text, nullable=False),
        sa.Column("subject_id", _TEXT),
        sa.Column("band", _TEXT),
        sa.Column("confidence", sa.Double),
        sa.Column("similarity", sa.Double),
        sa.Column("candidates_json", sa.Text, nullable=False),
        sa.Column("ended_at_us", sa.BigInteger),
        sa.Column("has_shot", sa.Boolean, nullable=False),
        sa.Column("review", _TEXT, nullable=False),
        sa.Column("reviewed_at_us", sa.BigInteger),
        sa.Column("origin", _TEXT),
        sa.Column("facts_json", sa.Text, nullable=False),
        sa.Column("is_stranger", sa.Boolean, nullable=False),
    )
    op.create_index("events_by_time", "events", ["occurred_at_us", "event_id"])
    op.create_index("events_by_place", "events", ["place_id", "event_id"])
    op.create_index("events_by_door", "events", ["door", "event_id"])
    _create_partial_index("events_by_subject", ["subject_id", "event_id"], "subject_id IS NOT NULL")
    _create_partial_index("events_by_review", ["review", "event_id"], "review != 'not_needed'")
    _create_partial_index(
        "events_by_rare_kind", ["kind", "event_id"], "kind IN ('camera_down', 'camera_up', 'violation')"
    )
    is_stranger = "is_stranger = 1" if op.get_bind().dialect.name == "sqlite" else "is_stranger"
    _create_partial_index("events_of_strangers", ["event_id"], is_stranger)
    _create_partial_index("events_by_origin", ["origin"], "origin IS NOT NULL", unique=True)


def _create_partial_index(name: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, "events", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table in ("subject_groups", "events", "alert_marks", "alert_messages", "alert_channels", "cameras"):
        op.drop_table(table)
