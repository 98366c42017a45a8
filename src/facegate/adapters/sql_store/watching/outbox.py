"""What several stores do to messages and marks, inside their transactions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, true

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.statements import dialect_insert, in_batches
from facegate.adapters.sql_store.watching.alert_rows import mark_row, message_row
from facegate.adapters.sql_store.watching.named_in_json import NamedInJson
from facegate.adapters.sql_store.watching.tables import alert_marks, alert_messages
from facegate.domain.alerts.messages import AlertMark, MessageState, OutboxMessage

_columns = alert_messages.c

STILL_TO_TELL = (MessageState.HELD.value, MessageState.WAITING.value)
"""States in which nobody has begun to send."""

_LATE_US = 60_000_000
"""Messages are stored as soon as they are made; so long after, nobody stores one under an older time."""


@dataclass(frozen=True, slots=True)
class Mentioning:
    """Messages that name certain persons, of those up to a time."""

    message_ids: frozenset[str]
    newest_us: int


def message_rows(messages: Sequence[OutboxMessage]) -> list[dict[str, Any]]:
    """In one order everywhere, so that two writers do not wait for each other. May raise InvalidInput."""
    return sorted(map(message_row, messages), key=lambda row: row["dedup_key"])


def mark_rows(marks: Sequence[AlertMark]) -> list[dict[str, Any]]:
    """The newest of each person at each camera, in one order. May raise InvalidInput."""
    newest: dict[tuple[str, str], AlertMark] = {}
    for mark in sorted(marks, key=lambda mark: mark.told_at):
        newest[mark.camera_id, mark.person_key] = mark
    return [mark_row(mark) for _, mark in sorted(newest.items())]


def insert_messages(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Adds those whose key (and id) is new; how many that were."""
    statement = dialect_insert(connection, alert_messages).on_conflict_do_nothing()
    returning = statement.returning(_columns.message_id)
    return sum(len(connection.execute(returning, list(batch)).all()) for batch in in_batches(rows))


def put_marks(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """A mark takes the place of an older one."""
    if not rows:
        return
    statement = dialect_insert(connection, alert_marks)
    newer = statement.on_conflict_do_update(
        index_elements=list(alert_marks.primary_key),
        set_={"told_at_us": statement.excluded.told_at_us},
        where=statement.excluded.told_at_us > alert_marks.c.told_at_us,
    )
    connection.execute(newer, list(rows))


def forget_camera(connection: Connection, camera_id: str) -> None:
    """Deletes its marks, and what nobody has begun to send."""
    waiting = (_columns.camera_id == camera_id, _columns.state.in_(STILL_TO_TELL))
    connection.execute(delete(alert_messages).where(*waiting))
    connection.execute(delete(alert_marks).where(alert_marks.c.camera_id == camera_id))


def messages_that_mention(database: Database, subject_ids: Collection[str]) -> Mentioning:
    """Messages whose facts name one of them. It only reads: others can write meanwhile."""
    with database.reading() as connection:
        newest_us = connection.execute(select(func.max(_columns.created_at_us))).scalar() or 0
        return Mentioning(_ids_that_name(connection, subject_ids), newest_us)


def forget_people(
    connection: Connection,
    subject_ids: Collection[str],
    event_ids: Collection[str],
    mentioning: Mentioning,
) -> None:
    """Deletes marks of these persons, messages about them or these events, and digests that tell of those."""
    keys = [f"subject:{subject_id}" for subject_id in subject_ids]
    for batch in in_batches(keys):
        connection.execute(delete(alert_marks).where(alert_marks.c.person_key.in_(batch)))
    since = _columns.created_at_us > mentioning.newest_us - _LATE_US
    named = mentioning.message_ids | _ids_that_name(connection, subject_ids, since)
    gone: set[str] = set()
    for column, values in (
        (_columns.message_id, named),
        (_columns.subject_id, subject_ids),
        (_columns.event_id, event_ids),
    ):
        for batch in in_batches(sorted(values)):
            found = select(_columns.message_id, _columns.digest_id).where(column.in_(batch))
            for row in connection.execute(found):
                gone |= {row.message_id, row.digest_id} - {None}
    for batch in in_batches(sorted(gone)):
        connection.execute(delete(alert_messages).where(_columns.message_id.in_(batch)))


def _ids_that_name(
    connection: Connection, subject_ids: Collection[str], within: ColumnElement[bool] | None = None
) -> frozenset[str]:
    named = NamedInJson(subject_ids)
    where = (named.condition(_columns.facts_json), true() if within is None else within)
    rows = connection.execute(select(_columns.message_id, _columns.facts_json).where(*where))
    return frozenset(row.message_id for row in rows if named.stands_in(row.facts_json))
