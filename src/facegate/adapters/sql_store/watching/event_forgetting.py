"""Taking persons out of events."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, select, update

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.statements import in_batches, take_turn
from facegate.adapters.sql_store.watching.event_queries import IdRange
from facegate.adapters.sql_store.watching.event_rows import event_of, event_row
from facegate.adapters.sql_store.watching.named_in_json import NamedInJson
from facegate.adapters.sql_store.watching.tables import events
from facegate.domain.events.event import EventDoor
from facegate.domain.events.forgotten import may_be_about, names_anybody, without_people

_columns = events.c

_ROWS_PER_READ = 5000

_LATE_MS = 3_600_000
"""Events are stored soon after they are made; so long after, nobody stores one under an older id."""

_LATE_UNDER_LOCK_MS = 60_000
"""So much is looked at again under the lock: a busy hour took seconds. Whoever stores an event still later,
in the instant between the last look and the lock, holds it against the gallery himself (`ForgetGone`)."""


_UPDATE = (
    update(events)
    .where(_columns.event_id == bindparam("new_event_id"))
    .values({column: bindparam(f"new_{column.name}") for column in _columns if not column.primary_key})
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Events that were about these persons or may have been; of which a picture was kept."""

    told_ids: frozenset[str]
    shot_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mentioning:
    """Events whose candidates or facts name certain persons, of those up to an id."""

    event_ids: frozenset[str]
    newest_id: str


def ids_that_mention(database: Database, subject_ids: Collection[str]) -> Mentioning:
    """Looks twice: the second look is a short one, at what came during the first.

    No index has these. It reads in many small transactions: while it does, others can write.
    """
    named = NamedInJson(subject_ids)
    found: set[str] = set()
    last_id = ""
    for _ in range(2):
        newest_id = _newest_id(database)
        for rows in _batches(database, named, _earlier(last_id, _LATE_MS), newest_id):
            found |= {row.event_id for row in rows if named.stands_in(row.candidates_json, row.facts_json)}
        last_id = newest_id
    return Mentioning(frozenset(found), last_id)


def forget_in_events(
    connection: Connection, subject_ids: frozenset[str], mentioning: Mentioning
) -> Forgotten:
    """Takes them out of the events found before, of those that are theirs, and of those that came since."""
    # A sweep that deletes meanwhile would lock the same rows in another order.
    take_turn(connection, events)
    told_ids, shot_ids = set(), set()
    changed: list[dict[str, Any]] = []
    mentioned = mentioning.event_ids | _newer_that_mention(connection, subject_ids, mentioning.newest_id)
    for row in _affected(connection, subject_ids, mentioned):
        event = event_of(row)
        if not names_anybody(event, subject_ids):
            continue
        if may_be_about(event, subject_ids):
            told_ids.add(event.event_id)
            if event.has_shot:
                shot_ids.add(event.event_id)
        left = event_row(without_people(event, subject_ids))
        changed.append({f"new_{name}": value for name, value in left.items()})
    if changed:
        connection.execute(_UPDATE, changed)
    return Forgotten(frozenset(told_ids), frozenset(shot_ids))


def _newest_id(database: Database) -> str:
    with database.reading() as connection:
        return connection.execute(select(func.max(_columns.event_id))).scalar() or ""


def _documents(named: NamedInJson) -> Select[Any]:
    query = select(_columns.event_id, _columns.candidates_json, _columns.facts_json)
    return query.where(named.condition(_columns.candidates_json, _columns.facts_json))


def _batches(database: Database, named: NamedInJson, last_id: str, newest_id: str) -> Iterator[Sequence[Any]]:
    query = _documents(named)
    while last_id < newest_id:
        # The end of each batch is by id, not by what is found: a needle is rare, and each look is short.
        ids = select(_columns.event_id).where(_columns.event_id > last_id).order_by(_columns.event_id)
        with database.reading() as connection:
            found = connection.execute(ids.offset(_ROWS_PER_READ - 1).limit(1)).scalar()
            end_id = newest_id if found is None else min(found, newest_id)
            within = IdRange(after=last_id, last=end_id).conditions()
            rows = connection.execute(query.where(*within)).all()
        yield rows
        last_id = end_id


def _newer_that_mention(
    connection: Connection, subject_ids: Collection[str], newest_id: str
) -> frozenset[str]:
    named = NamedInJson(subject_ids)
    is_newer = _columns.event_id > _earlier(newest_id, _LATE_UNDER_LOCK_MS)
    rows = connection.execute(_documents(named).where(is_newer))
    return frozenset(row.event_id for row in rows if named.stands_in(row.candidates_json, row.facts_json))


def _affected(
    connection: Connection, subject_ids: frozenset[str], mentioned: Collection[str]
) -> Iterator[Row[Any]]:
    """Each once, locked, whole batches at a time."""
    seen: set[str] = set()
    wanted: list[ColumnElement[bool]] = []
    for batch in in_batches(sorted(subject_ids)):
        wanted.append(_columns.subject_id.in_(batch))
        at_desk = and_(_columns.place_id.in_(batch), _columns.door.concat("") == EventDoor.PRESENCE.value)
        wanted.append(at_desk)
    wanted += [_columns.event_id.in_(batch) for batch in in_batches(sorted(mentioned))]
    for condition in wanted:
        query = select(events).where(condition).order_by(_columns.event_id)
        for row in connection.execute(query.with_for_update()).all():
            if row.event_id not in seen:
                seen.add(row.event_id)
                yield row


def _earlier(event_id: str, by_ms: int) -> str:
    """An id of an earlier time, where the id tells one; before all others where it does not."""
    try:
        made_at_ms = int(event_id[:12], 16)
    except ValueError:
        return ""
    return f"{max(0, made_at_ms - by_ms):012x}"
