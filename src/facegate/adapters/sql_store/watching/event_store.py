"""The `EventStore` port in SQL."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, delete, func, select, update

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.rows import from_us, is_storable, to_us
from facegate.adapters.sql_store.statements import MAX_INTEGER, dialect_insert, in_batches, take_turn
from facegate.adapters.sql_store.watching.event_forgetting import forget_in_events, ids_that_mention
from facegate.adapters.sql_store.watching.event_people import people_between
from facegate.adapters.sql_store.watching.event_queries import (
    IdRange,
    can_fit,
    conditions,
    count_conditions,
    storable_before,
    time_conditions,
)
from facegate.adapters.sql_store.watching.event_rows import event_of, event_row
from facegate.adapters.sql_store.watching.outbox import (
    forget_people,
    insert_messages,
    mark_rows,
    message_rows,
    messages_that_mention,
    put_marks,
)
from facegate.adapters.sql_store.watching.tables import IS_STRANGER
from facegate.adapters.sql_store.watching.tables import events as table
from facegate.domain.alerts.messages import AlertMark, OutboxMessage
from facegate.domain.events.event import Event, EventDoor, EventQuery, ReviewState
from facegate.domain.events.tally import EventTally

_columns = table.c

_ROWS_PER_READ = 1000
_NO_TIME = timedelta()
_ONE_US = timedelta(microseconds=1)


class SqlEventStore:
    """Events in a table by id; what is to be told of them goes into the outbox in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_events(
        self,
        events: Sequence[Event],
        messages: Sequence[OutboxMessage] = (),
        marks: Sequence[AlertMark] = (),
    ) -> None:
        """One transaction; an event whose id or origin is known is passed over.

        Raises:
            InvalidInput: an id cannot be stored; nothing was written.
            StoreFailed: nothing was written.
        """
        # In one order everywhere, so that two writers do not wait for each other.
        rows = sorted(_first_of_each(events), key=lambda row: (row["origin"] or "", row["event_id"]))
        to_tell, told = message_rows(messages), mark_rows(marks)
        if not rows and not to_tell and not told:
            return
        with self._database.writing() as connection:
            statement = dialect_insert(connection, table).on_conflict_do_nothing()
            for batch in in_batches(rows):
                connection.execute(statement, list(batch))
            insert_messages(connection, to_tell)
            put_marks(connection, told)

    def save_event(self, event: Event) -> bool:
        """False when there is none of this id."""
        row = event_row(event)
        with self._database.writing() as connection:
            changed = update(table).where(_columns.event_id == event.event_id).values(row)
            return connection.execute(changed).rowcount > 0

    def find_event(self, event_id: str) -> Event | None:
        """The event, or None."""
        if not is_storable(event_id):
            return None
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(_columns.event_id == event_id)).one_or_none()
        return None if row is None else event_of(row)

    def list_events(self, query: EventQuery, *, limit: int) -> list[Event]:
        """Read in the order of ids, between the first and the last of the time that is asked for."""
        if limit <= 0 or not can_fit(query):
            return []
        with self._database.reading() as connection:
            ids = _id_range(connection, query)
            if ids is None:
                return []
            newest_first = _selected(query, ids).order_by(_columns.event_id.desc())
            rows = connection.execute(newest_first.limit(min(limit, MAX_INTEGER))).all()
        return [event_of(row) for row in rows]

    def iterate_events(self, query: EventQuery) -> Iterator[Event]:
        """What is there at the first step, each batch in a transaction of its own.

        One long transaction would keep SQLite's log growing while a slow client takes its export.
        """
        if not can_fit(query):
            return
        with self._database.reading() as connection:
            ids = _id_range(connection, query)
            newest_id: str | None = connection.execute(select(func.max(_columns.event_id))).scalar()
        if ids is None or newest_id is None:
            return
        ids = replace(ids, last=newest_id if ids.last is None else min(ids.last, newest_id))
        while True:
            oldest_first = _selected(query, ids).order_by(_columns.event_id).limit(_ROWS_PER_READ)
            with self._database.reading() as connection:
                rows = connection.execute(oldest_first).all()
            yield from map(event_of, rows)
            if len(rows) < _ROWS_PER_READ:
                return
            ids = replace(ids, after=rows[-1].event_id)

    def count_events(self, query: EventQuery) -> int:
        """Counted now."""
        if not can_fit(query):
            return 0
        counted = select(func.count()).select_from(table).where(*count_conditions(query))
        with self._database.reading() as connection:
            count: int = connection.execute(counted).scalar_one()
        return count

    def tally_events(
        self, query: EventQuery, *, span: timedelta, offset: timedelta = _NO_TIME
    ) -> list[EventTally]:
        """One pass over what fits."""
        if not can_fit(query):
            return []
        span_us, offset_us = span // _ONE_US, offset // _ONE_US
        number = ((_columns.occurred_at_us + offset_us) // span_us).label("span_number")
        tallied = (
            select(
                number,
                _columns.door,
                func.count(),
                func.count(_columns.subject_id),
                func.sum(case((IS_STRANGER, 1), else_=0)),
                func.sum(case((_columns.review == ReviewState.PENDING.value, 1), else_=0)),
            )
            .where(*count_conditions(query))
            .group_by("span_number", _columns.door)
            .order_by("span_number", _columns.door)
        )
        with self._database.reading() as connection:
            rows = connection.execute(tallied).all()
        return [
            EventTally(from_us(int(row[0]) * span_us - offset_us), EventDoor(row[1]), *map(int, row[2:]))
            for row in rows
        ]

    def delete_before(self, occurred_before: datetime, *, limit: int = 10_000) -> list[str]:
        """By the time at which they occurred."""
        old = select(_columns.event_id).where(_columns.occurred_at_us < to_us(occurred_before))
        oldest_first = old.order_by(_columns.occurred_at_us, _columns.event_id)
        with self._database.writing() as connection:
            take_turn(connection, table)
            found = connection.execute(oldest_first.limit(max(0, min(limit, MAX_INTEGER))))
            gone = list(found.scalars())
            for batch in in_batches(gone):
                connection.execute(delete(table).where(_columns.event_id.in_(batch)))
        return gone

    def people_since(self, occurred_from: datetime) -> Iterator[frozenset[str]]:
        """By the range of ids, so that each batch is a short look at neighbouring rows."""
        with self._database.reading() as connection:
            ids = _id_range(connection, EventQuery(from_at=occurred_from))
        if ids is not None and ids.first is not None and ids.last is not None:
            yield from people_between(self._database, ids.first, ids.last)

    def forget_subjects(self, subject_ids: Collection[str]) -> list[str]:
        """Searches the JSON of all events and messages before it takes the lock on the database."""
        gone = frozenset(filter(is_storable, subject_ids))
        if not gone:
            return []
        in_events = ids_that_mention(self._database, gone)
        in_messages = messages_that_mention(self._database, gone)
        with self._database.writing() as connection:
            forgotten = forget_in_events(connection, gone, in_events)
            forget_people(connection, gone, forgotten.told_ids, in_messages)
        self._database.wipe_journal()
        return sorted(forgotten.shot_ids)


def _first_of_each(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Rows of distinct ids and origins, so that the order of writing does not decide who stays."""
    by_id: dict[str, dict[str, Any]] = {}
    origins: set[str] = set()
    for row in map(event_row, events):
        if row["event_id"] not in by_id and row["origin"] not in origins:
            by_id[row["event_id"]] = row
            if row["origin"] is not None:
                origins.add(row["origin"])
    return list(by_id.values())


def _id_range(connection: Connection, query: EventQuery) -> IdRange | None:
    """Where all that fits lies; None when nothing can.

    Where moments bound it, the first and the last id of that time are looked up (the index has both): then
    events can be read in the order of their ids, instead of sorting a month for each page.
    """
    before_id = storable_before(query)
    moments = time_conditions(query, is_indexed=True)
    if not moments:
        return IdRange(before=before_id)
    event_id: Any = _columns.event_id
    if connection.dialect.name == "postgresql":
        # It would look for the first id from the beginning of the table on: 183 ms instead of 8 for the last
        # day of a million events. SQLite takes three times as long with it.
        event_id = event_id.concat("")
    ends: Any = select(func.min(event_id), func.max(event_id)).where(*moments)
    first_id, last_id = connection.execute(ends).one()
    return None if first_id is None else IdRange(first_id, last_id, before=before_id)


def _selected(query: EventQuery, ids: IdRange) -> Select[Any]:
    unindexed = time_conditions(query, is_indexed=False)
    return select(table).where(*conditions(query), *unindexed, *ids.conditions())
