"""The tables, one schema for SQLite and PostgreSQL. Migrations make them; this describes them.

Times are whole microseconds since 1970 in UTC: exact and ordered alike on both systems.
"""

from sqlalchemy import (
    BigInteger,
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
)
from sqlalchemy.dialects import postgresql

KNOWN_REVISIONS = ("0001", "0002")
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
