"""Who is named in events, without building the events."""

import json
from collections.abc import Iterator

from sqlalchemy import Connection, case, or_, select

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.watching.event_queries import IdRange
from facegate.adapters.sql_store.watching.tables import events
from facegate.domain.events.concerned import CLAIMED_FACT
from facegate.domain.events.event import EventDoor

_columns = events.c

_ROWS_PER_READ = 5000

_DESK = case((_columns.door == EventDoor.PRESENCE.value, _columns.place_id))
"""A workstation is its user."""


def people_between(database: Database, first_id: str, last_id: str) -> Iterator[frozenset[str]]:
    """Of the events from the first to the last id, a few thousand at a time."""
    within = IdRange(first=first_id, last=last_id)
    while True:
        with database.reading() as connection:
            ids = select(_columns.event_id).where(*within.conditions()).order_by(_columns.event_id)
            found = connection.execute(ids.offset(_ROWS_PER_READ - 1).limit(1)).scalar()
            end_id = last_id if found is None else found
            people = _people(connection, IdRange(within.first, end_id, after=within.after))
        yield people
        if end_id >= last_id:
            return
        within = IdRange(last=last_id, after=end_id)


def _people(connection: Connection, within: IdRange) -> frozenset[str]:
    found: set[str | None] = set()
    named = select(_columns.subject_id, _DESK).where(*within.conditions()).distinct()
    for row in connection.execute(named):
        found.update(row)
    has_claim = _columns.facts_json.contains(f'"{CLAIMED_FACT}"', autoescape=True)
    documents = select(_columns.candidates_json, _columns.facts_json, has_claim).where(
        *within.conditions(), or_(_columns.candidates_json != "[]", has_claim)
    )
    for candidates, facts, is_claim in connection.execute(documents):
        found.update(one[0] for one in json.loads(candidates))
        claimed = json.loads(facts).get(CLAIMED_FACT) if is_claim else None
        if isinstance(claimed, str):
            found.add(claimed)
    return frozenset(one for one in found if one)
