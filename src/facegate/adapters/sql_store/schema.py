"""The tables, one schema for SQLite and PostgreSQL. Migrations make them; this describes them.

Times are whole microseconds since 1970 in UTC: exact and ordered alike on both systems.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects import postgresql

KNOWN_REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every migration, oldest first; the last one is the schema described here."""

# "C" orders by code points, as SQLite and Python do.
CodePointText = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

metadata = MetaData()

subjects = Table(
    "subjects",
    metadata,
    Column("subject_id", CodePointText, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("search_text", Text, nullable=False),  # id, line break, name; case folded
    Column("created_at_us", BigInteger, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("enrolment_number", BigInteger, unique=True),
)

cutouts = Table(
    "cutouts",
    metadata,
    # A digest of subject and content, so that the same cutout restored for two models is kept once.
    Column("cutout_id", CodePointText, primary_key=True),
    Column(
        "subject_id", CodePointText, ForeignKey("subjects.subject_id", ondelete="CASCADE"), nullable=False
    ),
    Column("encoded_image", LargeBinary, nullable=False),
    Column("landmarks", LargeBinary, nullable=False),  # ten little-endian float32
    Index("cutouts_by_subject", "subject_id"),
)

templates = Table(
    "templates",
    metadata,
    Column("template_id", CodePointText, primary_key=True),
    Column(
        "subject_id", CodePointText, ForeignKey("subjects.subject_id", ondelete="CASCADE"), nullable=False
    ),
    Column("model_id", CodePointText, nullable=False),
    Column("dimension", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # little-endian float32, as the model gave it
    Column("source", Text, nullable=False),
    Column("quality", Double),
    Column("created_at_us", BigInteger, nullable=False),
    Column("added_change", BigInteger, nullable=False),  # the change that added it: the order of arrival
    Column("cutout_id", CodePointText, ForeignKey("cutouts.cutout_id", ondelete="SET NULL")),
    Index("templates_by_subject", "subject_id"),
    Index("templates_by_model", "model_id"),
    Index("templates_by_cutout", "cutout_id"),
)

gallery_state = Table(
    "gallery_state",
    metadata,
    Column("only_row", Integer, CheckConstraint("only_row = 1"), primary_key=True),
    Column("change_number", BigInteger, nullable=False),
)

template_changes = Table(
    "template_changes",
    metadata,
    Column("change_number", BigInteger, primary_key=True, autoincrement=False),
    Column("operation", Text, nullable=False),  # "add" or "remove"
    Column("template_id", CodePointText, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("kind", CodePointText, primary_key=True),
    Column("report_json", Text, nullable=False),
    Column("saved_at_us", BigInteger, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_id", CodePointText, primary_key=True),
    Column("name", Text, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("doors", Text, nullable=False),  # names with blanks between; empty means every door
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger),
)

presence_clients = Table(
    "presence_clients",
    metadata,
    Column(
        "client_id", CodePointText, ForeignKey("subjects.subject_id", ondelete="CASCADE"), primary_key=True
    ),
    Column("status", Text, nullable=False),
    Column("status_note", Text, nullable=False),
    Column("token_hash", Text),
    Column("networks", Text, nullable=False),  # CIDR texts with blanks between; empty means anywhere
    Column("created_at_us", BigInteger, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("last_seen_at_us", BigInteger),
)

enrolment_numbers = Table(
    "enrolment_numbers",
    metadata,
    # Every number that a subject ever had: terminals may know somebody who has gone by one of them.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
)

terminals = Table(
    "terminals",
    metadata,
    Column("serial_number", CodePointText, primary_key=True),
    Column("status", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("zone_name", Text),
    Column("access_encoding", Text),  # empty is the server's default
    Column("is_listed", Boolean, nullable=False),  # added or allowed by an administrator
    Column("mode_labels_json", Text, nullable=False),
    Column("model_name", Text, nullable=False),
    Column("firmware", Text, nullable=False),
    Column("mac_address", Text, nullable=False),
    Column("time_text", Text, nullable=False),
    Column("facts_json", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("registered_at_us", BigInteger),
    Column("last_seen_at_us", BigInteger),
    Column("clock_offset_s", Double),
)

# The serial number of a terminal that is not listed stands here too: history outlives it.
terminal_activity = Table(
    "terminal_activity",
    metadata,
    Column("activity_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("serial_number", CodePointText, nullable=False),
    Column("enroll_id", BigInteger, nullable=False),
    Column("time_text", CodePointText, nullable=False),  # as the terminal wrote it
    Column("mode", BigInteger, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("in_out", BigInteger, nullable=False),
    Column("alias_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("verify_mode", BigInteger),
    Column("temperature_c", Double),
    Column("note", Text, nullable=False),
    Column("received_at_us", BigInteger, nullable=False),
    Column("occurred_at_us", BigInteger),
    Column("has_snapshot", Boolean, nullable=False),
    Column("check_verdict", Text),  # the check's columns are empty until our engine looked
    Column("check_subject_id", CodePointText),
    Column("check_similarity", Double),
    Column("check_live_probability", Double),
    UniqueConstraint("serial_number", "enroll_id", "time_text", "mode", "event", name="same_activity"),
    Index("activity_by_terminal", "serial_number", "activity_id"),
    Index("activity_by_person", "enroll_id", "activity_id"),
    Index("activity_by_time", "occurred_at_us", "activity_id"),
    sqlite_autoincrement=True,  # no id is given twice
)

terminal_activity_readers = Table(
    "terminal_activity_readers",
    metadata,
    Column("reader", CodePointText, primary_key=True),
    Column("activity_id", BigInteger, nullable=False),
)

# A photo is kept once, however many terminals wait for it.
terminal_photos = Table(
    "terminal_photos",
    metadata,
    Column("photo_digest", CodePointText, primary_key=True),
    Column("photo", LargeBinary, nullable=False),
)

terminal_enrolments = Table(
    "terminal_enrolments",
    metadata,
    Column("serial_number", CodePointText, primary_key=True),
    Column("enroll_id", BigInteger, primary_key=True, autoincrement=False),
    Column("backup_number", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("photo_digest", CodePointText),  # outlives the photo, which goes when the enrolment is decided
    Column("subject_id", CodePointText),
    Column("received_at_us", BigInteger, nullable=False),
    Column("decided_at_us", BigInteger),
    Column("is_administrator", Boolean, nullable=False),
    Index("terminal_enrolments_by_subject", "subject_id"),
    Index("terminal_enrolments_by_number", "enroll_id"),
    Index("terminal_enrolments_by_photo", "photo_digest"),
)

# No foreign key: an unwanted placement outlives its subject until the terminal was told.
terminal_placements = Table(
    "terminal_placements",
    metadata,
    Column("serial_number", CodePointText, primary_key=True),
    Column("enroll_id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject_id", CodePointText, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("photo_digest", CodePointText),  # only while the photo is kept
    Column("changed_at_us", BigInteger, nullable=False),
    Column("attempt_count", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    # Whether this person was ever placed there by us: otherwise the terminal's number is somebody else's.
    Column("was_placed", Boolean, nullable=False, server_default=false()),
    Index("terminal_placements_by_subject", "subject_id"),
    Index("terminal_placements_by_photo", "photo_digest"),
)
