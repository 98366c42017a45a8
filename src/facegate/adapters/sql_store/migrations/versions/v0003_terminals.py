"""Terminals, their activity, and people on them; every enrolment number that was ever given."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_GROWING_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _create_numbers()
    op.create_table(
        "terminals",
        sa.Column("serial_number", _TEXT, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone_name", sa.Text),
        sa.Column("access_encoding", sa.Text),
        sa.Column("is_listed", sa.Boolean, nullable=False),
        sa.Column("mode_labels_json", sa.Text, nullable=False),
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("firmware", sa.Text, nullable=False),
        sa.Column("mac_address", sa.Text, nullable=False),
        sa.Column("time_text", sa.Text, nullable=False),
        sa.Column("facts_json", sa.Text, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("registered_at_us", sa.BigInteger),
        sa.Column("last_seen_at_us", sa.BigInteger),
        sa.Column("clock_offset_s", sa.Double),
    )
    _create_activity()
    _create_people()


def _create_numbers() -> None:
    op.create_table(
        "enrolment_numbers", sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False)
    )
    op.execute(
        "INSERT INTO enrolment_numbers (number) "
        "SELECT enrolment_number FROM subjects WHERE enrolment_number IS NOT NULL"
    )


def _create_activity() -> None:
    op.create_table(
        "terminal_activity",
        sa.Column("activity_id", _GROWING_ID, primary_key=True, autoincrement=True),
        sa.Column("serial_number", _TEXT, nullable=False),
        sa.Column("enroll_id", sa.BigInteger, nullable=False),
        sa.Column("time_text", _TEXT, nullable=False),
        sa.Column("mode", sa.BigInteger, nullable=False),
        sa.Column("event", sa.BigInteger, nullable=False),
        sa.Column("in_out", sa.BigInteger, nullable=False),
        sa.Column("alias_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("verify_mode", sa.BigInteger),
        sa.Column("temperature_c", sa.Double),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("received_at_us", sa.BigInteger, nullable=False),
        sa.Column("occurred_at_us", sa.BigInteger),
        sa.Column("has_snapshot", sa.Boolean, nullable=False),
        sa.Column("check_verdict", sa.Text),
        sa.Column("check_subject_id", _TEXT),
        sa.Column("check_similarity", sa.Double),
        sa.Column("check_live_probability", sa.Double),
        sa.UniqueConstraint("serial_number", "enroll_id", "time_text", "mode", "event", name="same_activity"),
        sqlite_autoincrement=True,
    )
    op.create_index("activity_by_terminal", "terminal_activity", ["serial_number", "activity_id"])
    op.create_index("activity_by_person", "terminal_activity", ["enroll_id", "activity_id"])
    op.create_index("activity_by_time", "terminal_activity", ["occurred_at_us", "activity_id"])
    op.create_table(
        "terminal_activity_readers",
        sa.Column("reader", _TEXT, primary_key=True),
        sa.Column("activity_id", sa.BigInteger, nullable=False),
    )


def _create_people() -> None:
    op.create_table(
        "terminal_photos",
        sa.Column("photo_digest", _TEXT, primary_key=True),
        sa.Column("photo", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "terminal_enrolments",
        sa.Column("serial_number", _TEXT, primary_key=True),
        sa.Column("enroll_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("backup_number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("photo_digest", _TEXT),
        sa.Column("subject_id", _TEXT),
        sa.Column("received_at_us", sa.BigInteger, nullable=False),
        sa.Column("decided_at_us", sa.BigInteger),
        sa.Column("is_administrator", sa.Boolean, nullable=False),
    )
    op.create_index("terminal_enrolments_by_subject", "terminal_enrolments", ["subject_id"])
    op.create_index("terminal_enrolments_by_number", "terminal_enrolments", ["enroll_id"])
    op.create_index("terminal_enrolments_by_photo", "terminal_enrolments", ["photo_digest"])
    op.create_table(
        "terminal_placements",
        sa.Column("serial_number", _TEXT, primary_key=True),
        sa.Column("enroll_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject_id", _TEXT, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("photo_digest", _TEXT),
        sa.Column("changed_at_us", sa.BigInteger, nullable=False),
        sa.Column("attempt_count", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("was_placed", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("terminal_placements_by_subject", "terminal_placements", ["subject_id"])
    op.create_index("terminal_placements_by_photo", "terminal_placements", ["photo_digest"])


def downgrade() -> None:
    for table in (
        "terminal_placements",
        "terminal_enrolments",
        "terminal_photos",
        "terminal_activity_readers",
        "terminal_activity",
        "terminals",
        "enrolment_numbers",
    ):
        op.drop_table(table)
