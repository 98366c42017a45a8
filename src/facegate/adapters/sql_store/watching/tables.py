"""The tables of cameras, alerts, events and groups, beside those of `schema.py`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    literal_column,
)

from facegate.adapters.sql_store.schema import CodePointText, metadata

RARE_KINDS = ("camera_down", "camera_up", "violation")
"""Kinds of which there are few among a million events: looked for, they would be searched for long."""

cameras = Table(
    "cameras",
    metadata,
    Column("camera_id", CodePointText, primary_key=True),
    Column("nickname", Text, nullable=False),
    Column("sealed_source", Text, nullable=False),
    Column("settings_json", Text, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
)

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("channel_id", CodePointText, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("options_json", Text, nullable=False),
    Column("sealed_secrets", Text, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
)

# No foreign keys: what was sent is remembered longer than a channel, a camera or an event may live.
alert_messages = Table(
    "alert_messages",
    metadata,
    Column("message_id", CodePointText, primary_key=True),
    Column("channel_id", CodePointText, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("facts_json", Text, nullable=False),
    Column("dedup_key", CodePointText, nullable=False, unique=True),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Column("next_attempt_at_us", BigInteger, nullable=False),
    Column("state", CodePointText, nullable=False),
    Column("attempt_count", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("finished_at_us", BigInteger),
    Column("event_id", CodePointText),
    Column("camera_id", CodePointText),
    Column("subject_id", CodePointText),
    Column("digest_id", CodePointText),  # the message that told of this one
    Column("picture", LargeBinary),  # last, so that SQLite passes over it where it is not asked for
    Index("alert_messages_by_state", "state", "created_at_us", "message_id"),
    Index("alert_messages_by_time", "created_at_us", "message_id"),
)

for _column in (alert_messages.c.subject_id, alert_messages.c.event_id):
    Index(
        f"alert_messages_by_{_column.name.removesuffix('_id')}",
        _column,
        sqlite_where=_column.is_not(None),
        postgresql_where=_column.is_not(None),
    )

alert_marks = Table(
    "alert_marks",
    metadata,
    Column("camera_id", CodePointText, primary_key=True),
    Column("person_key", CodePointText, primary_key=True),
    Column("told_at_us", BigInteger, nullable=False),
    Index("alert_marks_by_person", "person_key"),
)

subject_groups = Table(
    "subject_groups",
    metadata,
    Column(
        "subject_id", CodePointText, ForeignKey("subjects.subject_id", ondelete="CASCADE"), primary_key=True
    ),
    Column("group_name", CodePointText, primary_key=True),
)

events = Table(
    "events",
    metadata,
    Column("event_id", CodePointText, primary_key=True),
    Column("kind", CodePointText, nullable=False),
    Column("door", CodePointText, nullable=False),
    Column("occurred_at_us", BigInteger, nullable=False),
    Column("place_id", CodePointText, nullable=False),
    Column("place_name", Text, nullable=False),
    Column("subject_id", CodePointText),
    Column("band", CodePointText),
    Column("confidence", Double),
    Column("similarity", Double),
    Column("candidates_json", Text, nullable=False),
    Column("ended_at_us", BigInteger),
    Column("has_shot", Boolean, nullable=False),
    Column("review", CodePointText, nullable=False),
    Column("reviewed_at_us", BigInteger),
    Column("origin", CodePointText),
    Column("facts_json", Text, nullable=False),
    Column("is_stranger", Boolean, nullable=False),  # as the event says, so that an index can hold it
)

# A query uses these where it repeats their condition word for word.
IS_NAMED = events.c.subject_id.is_not(None)
HAS_ORIGIN = events.c.origin.is_not(None)
IS_REVIEWED = events.c.review != literal_column("'not_needed'")
IS_RARE = events.c.kind.in_([literal_column(f"'{kind}'") for kind in RARE_KINDS])
IS_STRANGER = events.c.is_stranger

Index("events_by_time", events.c.occurred_at_us, events.c.event_id)
Index("events_by_place", events.c.place_id, events.c.event_id)
Index("events_by_door", events.c.door, events.c.event_id)
Index(
    "events_by_subject",
    events.c.subject_id,
    events.c.event_id,
    sqlite_where=IS_NAMED,
    postgresql_where=IS_NAMED,
)
Index(
    "events_by_review",
    events.c.review,
    events.c.event_id,
    sqlite_where=IS_REVIEWED,
    postgresql_where=IS_REVIEWED,
)
Index(
    "events_by_rare_kind",
    events.c.kind,
    events.c.event_id,
    sqlite_where=IS_RARE,
    postgresql_where=IS_RARE,
)
Index("events_of_strangers", events.c.event_id, sqlite_where=IS_STRANGER, postgresql_where=IS_STRANGER)
Index(
    "events_by_origin",
    events.c.origin,
    unique=True,
    sqlite_where=HAS_ORIGIN,
    postgresql_where=HAS_ORIGIN,
)
