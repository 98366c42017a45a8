"""The `ActivityStore` port in SQL; how records look as rows is in `activity_rows.py`."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, text, update

from facegate.adapters.sql_store.activity_rows import (
    KEY_COLUMNS,
    Key,
    activity_of,
    activity_row,
    conditions,
    key_of,
)
from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.rows import is_storable, storable
from facegate.adapters.sql_store.schema import terminal_activity, terminal_activity_readers
from facegate.adapters.sql_store.statements import (
    MAX_INTEGER,
    dialect_insert,
    in_batches,
    is_integer,
    take_turn,
)
from facegate.domain.terminals.activity import (
    Activity,
    ActivityQuery,
    AddedActivity,
    NewActivity,
    SnapshotCheck,
)

_columns = terminal_activity.c

_ROWS_PER_READ = 1000

_NEAR_IDS = 20_000
"""The next page of a month lies mostly within so many ids of the last one."""

# All keys as one JSON value: for `(a, b) IN ((...), ...)` SQLite reads the whole table, and a list of values
# is a new statement for each length.
_FIND_KEYS = {
    "sqlite": text(
        "SELECT activity_id, serial_number, enroll_id, time_text, mode, event"
        " FROM json_each(:keys) AS wanted CROSS JOIN terminal_activity"
        " WHERE serial_number = json_extract(wanted.value, '$[0]')"
        " AND enroll_id = json_extract(wanted.value, '$[1]')"
        " AND time_text = json_extract(wanted.value, '$[2]')"
        " AND mode = json_extract(wanted.value, '$[3]')"
        " AND event = json_extract(wanted.value, '$[4]')"
    ),
    "postgresql": text(
        "SELECT activity_id, serial_number, enroll_id, time_text, mode, event"
        " FROM jsonb_array_elements(CAST(:keys AS jsonb)) AS wanted(value) JOIN terminal_activity"
        " ON serial_number = (value ->> 0) AND enroll_id = CAST(value ->> 1 AS bigint)"
        " AND time_text = (value ->> 2) AND mode = CAST(value ->> 3 AS bigint)"
        " AND event = CAST(value ->> 4 AS bigint)"
    ),
}


class SqlActivityStore:
    """Activity in a table whose unique key is what makes a record the same one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_activity(self, records: Sequence[NewActivity]) -> list[AddedActivity]:
        """One transaction; an unreadable character in a text is stored as U+FFFD.

        Raises:
            InvalidInput: a code does not fit into 64 bits; nothing was written.
            StoreFailed: nothing was written.
        """
        rows: dict[Key, dict[str, Any]] = {}
        keys: list[Key] = []
        for new in records:
            row = activity_row(new)
            keys.append(key_of(row))
            rows.setdefault(keys[-1], row)
        if not keys:
            return []
        with self._database.writing() as connection:
            # PostgreSQL gives ids out before it commits: one writer at a time keeps them in order.
            take_turn(connection, terminal_activity)
            added = _insert_new(connection, list(rows.values()))
            known = _ids_of(connection, [key for key in rows if key not in added])
        answers: list[AddedActivity] = []
        for key in keys:
            is_new = key in added
            known[key] = added.pop(key) if is_new else known[key]
            answers.append(AddedActivity(known[key], is_new))
        return answers

    def find_activity(self, activity_id: int) -> Activity | None:
        """The record, or None."""
        if not is_integer(activity_id):
            return None
        with self._database.reading() as connection:
            query = select(terminal_activity).where(_columns.activity_id == activity_id)
            row = connection.execute(query).one_or_none()
            return None if row is None else activity_of(row)

    def list_activity(self, query: ActivityQuery, *, limit: int, newest_first: bool = True) -> list[Activity]:
        """By id."""
        if limit <= 0:
            return []
        order = _columns.activity_id.desc() if newest_first else _columns.activity_id

        def rows(connection: Connection, selected: Select[Any] | None) -> Sequence[Row[Any]]:
            if selected is None:
                return []
            return connection.execute(selected.order_by(order).limit(min(limit, MAX_INTEGER))).all()

        with self._database.reading() as connection:
            # Looking the ends of a month up for each of its pages would read all of it as often.
            found = rows(connection, _selected_near(query, newest_first=newest_first))
            if len(found) < limit:
                found = rows(connection, _selected(connection, query))
        return [activity_of(row) for row in found]

    def iterate_activity(self, query: ActivityQuery) -> Iterator[Activity]:
        """What is there at the first step, each batch in a transaction of its own.

        One long transaction would keep SQLite's log growing while a slow client takes its export.
        """
        with self._database.reading() as connection:
            selected = _selected(connection, query)
            newest_id = connection.execute(select(func.max(_columns.activity_id))).scalar() or 0
        if selected is None:
            return
        batch = selected.where(_columns.activity_id <= newest_id).order_by(_columns.activity_id)
        seen_id = 0
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(
                    batch.where(_columns.activity_id > seen_id).limit(_ROWS_PER_READ)
                ).all()
            yield from map(activity_of, rows)
            if len(rows) < _ROWS_PER_READ:
                return
            seen_id = rows[-1].activity_id

    def save_check(self, activity_id: int, check: SnapshotCheck) -> None:
        """Replaces the check that was there."""
        if not is_integer(activity_id):
            return
        values = {
            "check_verdict": check.verdict.value,
            "check_subject_id": None if check.subject_id is None else storable(check.subject_id),
            "check_similarity": check.similarity,
            "check_live_probability": check.live_probability,
        }
        with self._database.writing() as connection:
            statement = update(terminal_activity).where(_columns.activity_id == activity_id)
            connection.execute(statement.values(values))

    def count_activity(self, serial_number: str | None = None) -> int:
        """Counted now."""
        query = select(func.count()).select_from(terminal_activity)
        if serial_number is not None:
            if not is_storable(serial_number):
                return 0
            query = query.where(_columns.serial_number == serial_number)
        with self._database.reading() as connection:
            count: int = connection.execute(query).scalar_one()
        return count

    def reader_position(self, reader: str) -> int:
        """0 for a reader that was never seen."""
        readers = terminal_activity_readers.c
        with self._database.reading() as connection:
            query = select(readers.activity_id).where(readers.reader == storable(reader))
            return connection.execute(query).scalar() or 0

    def save_reader_position(self, reader: str, activity_id: int) -> None:
        """Never back."""
        with self._database.writing() as connection:
            statement = dialect_insert(connection, terminal_activity_readers).values(
                reader=storable(reader), activity_id=activity_id
            )
            moved = statement.on_conflict_do_update(
                index_elements=["reader"],
                set_={"activity_id": statement.excluded.activity_id},
                where=statement.excluded.activity_id > terminal_activity_readers.c.activity_id,
            )
            connection.execute(moved)


def _insert_new(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[Key, int]:
    """The ids of those that were not there, by key."""
    statement = dialect_insert(connection, terminal_activity).on_conflict_do_nothing()
    returning = statement.returning(_columns.activity_id, *KEY_COLUMNS)
    return {
        tuple(key): activity_id
        for batch in in_batches(rows)
        for activity_id, *key in connection.execute(returning, list(batch))
    }


def _ids_of(connection: Connection, keys: Sequence[Key]) -> dict[Key, int]:
    """The ids of records that are there, by key."""
    if not keys:
        return {}
    query = _FIND_KEYS[connection.dialect.name]
    rows = connection.execute(query, {"keys": json.dumps(keys)})
    return {tuple(key): activity_id for activity_id, *key in rows}


def _selected(connection: Connection, query: ActivityQuery) -> Select[Any] | None:
    """What fits; None when nothing can.

    Where moments bound it, the ids between which all of it lies are looked up first (the index has both):
    then the records can be read in the order of their ids, instead of sorting a month for each page.
    """
    fitting = conditions(query)
    if fitting is None:
        return None
    selected = select(terminal_activity).where(*fitting)
    if not _has_moments(query):
        return selected
    ends = select(func.min(_columns.activity_id), func.max(_columns.activity_id))
    first_id, last_id = connection.execute(ends.where(*fitting)).one()
    if first_id is None:
        return None
    unindexed = conditions(query, is_time_indexed=False) or []
    return select(terminal_activity).where(*unindexed, _columns.activity_id.between(first_id, last_id))


def _selected_near(query: ActivityQuery, *, newest_first: bool) -> Select[Any] | None:
    """What fits of the ids next to where the page before ended; None where `_selected` is as quick."""
    last_seen = query.before_id if newest_first else query.after_id
    fitting = conditions(query, is_time_indexed=False)
    if last_seen is None or not is_integer(last_seen) or fitting is None or not _has_moments(query):
        return None
    is_near = (
        _columns.activity_id >= max(-MAX_INTEGER, last_seen - _NEAR_IDS)
        if newest_first
        else _columns.activity_id <= min(MAX_INTEGER, last_seen + _NEAR_IDS)
    )
    return select(terminal_activity).where(*fitting, is_near)


def _has_moments(query: ActivityQuery) -> bool:
    return query.from_at is not None or query.until_at is not None
