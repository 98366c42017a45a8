"""The `AlertStore` port in SQL; what several stores do to the outbox is in `outbox.py`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, literal, or_, select, update

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.rows import from_us, is_storable, to_us
from facegate.adapters.sql_store.statements import MAX_INTEGER, in_batches
from facegate.adapters.sql_store.watching.alert_rows import (
    WITHOUT_PICTURE,
    channel_of,
    channel_row,
    message_of,
    progress_row,
)
from facegate.adapters.sql_store.watching.outbox import (
    STILL_TO_TELL,
    insert_messages,
    mark_rows,
    message_rows,
    put_marks,
)
from facegate.adapters.sql_store.watching.tables import alert_channels, alert_marks, alert_messages
from facegate.domain.alerts.channels import AlertChannel
from facegate.domain.alerts.messages import FINAL_STATES, AlertMark, MessageState, OutboxMessage
from facegate.ports.alerts.secret_box import SecretBox

_channels, _messages = alert_channels.c, alert_messages.c

_camera_key = func.coalesce(_messages.camera_id, literal(""))

_OLDEST_FIRST = (_messages.created_at_us, _messages.message_id)


class SqlAlertStore:
    """Channels with sealed secrets, and an outbox whose rows are asked for by their state."""

    def __init__(self, database: Database, secret_box: SecretBox) -> None:
        self._database = database
        self._secret_box = secret_box

    def add_channel(self, channel: AlertChannel) -> None:
        """Raises InvalidInput for an id or a name that cannot be stored, StoreFailed for a taken id."""
        row = channel_row(channel, self._secret_box)
        with self._database.writing() as connection:
            connection.execute(insert(alert_channels), row)

    def save_channel(self, channel: AlertChannel) -> bool:
        """False when there is none of this id."""
        row = channel_row(channel, self._secret_box)
        with self._database.writing() as connection:
            changed = update(alert_channels).where(_channels.channel_id == channel.channel_id).values(row)
            return connection.execute(changed).rowcount > 0

    def find_channel(self, channel_id: str) -> AlertChannel | None:
        """The channel, or None."""
        if not is_storable(channel_id):
            return None
        query = select(alert_channels).where(_channels.channel_id == channel_id)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else channel_of(row, self._secret_box)

    def list_channels(self) -> list[AlertChannel]:
        """By the time when they were added."""
        query = select(alert_channels).order_by(_channels.created_at_us, _channels.channel_id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [channel_of(row, self._secret_box) for row in rows]

    def delete_channel(self, channel_id: str) -> bool:
        """Also one whose secrets cannot be opened; a message that is being sent is left to its sender."""
        if not is_storable(channel_id):
            return False
        waiting = (_messages.channel_id == channel_id, _messages.state.in_(STILL_TO_TELL))
        with self._database.writing() as connection:
            gone = delete(alert_channels).where(_channels.channel_id == channel_id)
            if connection.execute(gone).rowcount == 0:
                return False
            connection.execute(delete(alert_messages).where(*waiting))
        self._database.wipe_journal()
        return True

    def add_messages(self, messages: Sequence[OutboxMessage], marks: Sequence[AlertMark] = ()) -> int:
        """One transaction; raises InvalidInput for an id that cannot be stored."""
        rows, marked = message_rows(messages), mark_rows(marks)
        if not rows and not marked:
            return 0
        with self._database.writing() as connection:
            new_count = insert_messages(connection, rows)
            put_marks(connection, marked)
        return new_count

    def due_messages(
        self, now: datetime, *, limit: int = 50, channel_ids: Collection[str] | None = None
    ) -> list[OutboxMessage]:
        """Reads no more pictures than are returned."""
        query = (
            select(alert_messages)
            .where(_messages.state == MessageState.WAITING.value, _messages.next_attempt_at_us <= to_us(now))
            .order_by(*_OLDEST_FIRST)
            .limit(_within(limit))
        )
        if channel_ids is not None:
            query = query.where(_messages.channel_id.in_([one for one in channel_ids if is_storable(one)]))
        return self._with_pictures(query)

    def held_messages(self, channel_id: str, camera_id: str) -> list[OutboxMessage]:
        """An empty camera id stands for none."""
        if not is_storable(channel_id) or not is_storable(camera_id):
            return []
        query = select(*WITHOUT_PICTURE).where(
            _messages.state == MessageState.HELD.value,
            _messages.channel_id == channel_id,
            _camera_key == camera_id,
        )
        return self._without_pictures(query.order_by(*_OLDEST_FIRST))

    def held_keys(self) -> list[tuple[str, str]]:
        """In order of code points."""
        query = select(_messages.channel_id, _camera_key).where(_messages.state == MessageState.HELD.value)
        with self._database.reading() as connection:
            return sorted({(channel_id, key) for channel_id, key in connection.execute(query)})

    def save_message(self, message: OutboxMessage) -> bool:
        """Leaves text, picture and what it is about as they are stored."""
        if not is_storable(message.message_id):
            return False
        values = progress_row(message)
        if message.state in FINAL_STATES:
            values["picture"] = None
        changed = update(alert_messages).where(_messages.message_id == message.message_id).values(values)
        with self._database.writing() as connection:
            return connection.execute(changed).rowcount > 0

    def replace_held(self, message_ids: Sequence[str], digest: OutboxMessage) -> None:
        """The held ones remember their digest, so that it goes with the persons in them."""
        (digest_row,) = message_rows([digest])
        ids = sorted(set(message_ids))
        changes = {
            "state": MessageState.SENT.value,
            "finished_at_us": to_us(digest.created_at),
            "picture": None,
            "digest_id": digest.message_id,
        }
        with self._database.writing() as connection:
            if not _are_held(connection, ids):
                return
            for batch in in_batches(ids):
                held = update(alert_messages).where(_messages.message_id.in_(batch))
                connection.execute(held.values(changes))
            insert_messages(connection, [digest_row])

    def interrupted_messages(self) -> list[OutboxMessage]:
        """With their pictures."""
        query = select(alert_messages).where(_messages.state == MessageState.SENDING.value)
        return self._with_pictures(query.order_by(*_OLDEST_FIRST))

    def list_messages(
        self, *, limit: int, states: frozenset[MessageState] = frozenset(), before_id: str | None = None
    ) -> list[OutboxMessage]:
        """By the time when they were made; nothing comes before an id that is not there."""
        query = select(*WITHOUT_PICTURE)
        if states:
            query = query.where(_messages.state.in_(sorted(state.value for state in states)))
        with self._database.reading() as connection:
            if before_id is not None:
                if not is_storable(before_id):
                    return []
                place = select(*_OLDEST_FIRST).where(_messages.message_id == before_id)
                found = connection.execute(place).one_or_none()
                if found is None:
                    return []
                query = query.where(
                    _messages.created_at_us <= found.created_at_us,
                    or_(
                        _messages.created_at_us < found.created_at_us, _messages.message_id < found.message_id
                    ),
                )
            newest_first = query.order_by(*(column.desc() for column in _OLDEST_FIRST)).limit(_within(limit))
            return [message_of(row) for row in connection.execute(newest_first)]

    def find_mark(self, camera_id: str, person_key: str) -> AlertMark | None:
        """The mark, or None."""
        if not is_storable(camera_id) or not is_storable(person_key):
            return None
        marks = alert_marks.c
        query = select(marks.told_at_us).where(marks.camera_id == camera_id, marks.person_key == person_key)
        with self._database.reading() as connection:
            told_at_us = connection.execute(query).scalar()
        return None if told_at_us is None else AlertMark(camera_id, person_key, from_us(told_at_us))

    def delete_finished(self, before: datetime) -> int:
        """By when they were finished."""
        ended_us = func.coalesce(_messages.finished_at_us, _messages.created_at_us)
        finished = (
            _messages.state.in_(sorted(state.value for state in FINAL_STATES)),
            # Nothing ends before it was made: the index holds this time.
            _messages.created_at_us < to_us(before),
            ended_us < to_us(before),
        )
        with self._database.writing() as connection:
            return connection.execute(delete(alert_messages).where(*finished)).rowcount

    def _with_pictures(self, query: Select[Any]) -> list[OutboxMessage]:
        with self._database.reading() as connection:
            return [message_of(row, row.picture) for row in connection.execute(query)]

    def _without_pictures(self, query: Select[Any]) -> list[OutboxMessage]:
        with self._database.reading() as connection:
            return [message_of(row) for row in connection.execute(query)]


def _are_held(connection: Connection, message_ids: Sequence[str]) -> bool:
    """Whether all of them are; they stay so until the transaction ends."""
    if not all(map(is_storable, message_ids)):
        return False
    held_count = 0
    for batch in in_batches(message_ids):
        held = (_messages.message_id.in_(batch), _messages.state == MessageState.HELD.value)
        query = select(_messages.message_id).where(*held).order_by(_messages.message_id)
        held_count += len(connection.execute(query.with_for_update()).all())
    return held_count == len(message_ids)


def _within(limit: int) -> int:
    return max(0, min(limit, MAX_INTEGER))
