"""Placements as statements: finding them, and putting one in the place of another."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, or_, select

from facegate.adapters.sql_store.people_rows import placement_of, placement_row, without_photo
from facegate.adapters.sql_store.rows import is_storable
from facegate.adapters.sql_store.schema import terminal_photos, terminal_placements
from facegate.adapters.sql_store.statements import in_batches, is_integer, upsert
from facegate.domain.terminals.enrolments import Placement, PlacementState

_placements = terminal_placements.c

ALL = select(terminal_placements)

BY_AGE = (_placements.changed_at_us, _placements.serial_number, _placements.enroll_id)
BY_KEY = (_placements.serial_number, _placements.enroll_id)


def narrowed(
    query: Select[Any], texts: Mapping[Any, str | None], states: Collection[PlacementState]
) -> Select[Any] | None:
    """Only those with these texts and states; None for a text that nothing can have."""
    for column, wanted in texts.items():
        if wanted is not None:
            if not is_storable(wanted):
                return None
            query = query.where(column == wanted)
    if states:
        query = query.where(_placements.state.in_([state.value for state in states]))
    return query


def is_at(serial_number: str, enroll_ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    """Which rows; not pairs in a list of pairs: for those SQLite reads the whole table."""
    return _placements.serial_number == serial_number, _placements.enroll_id.in_(enroll_ids)


def is_behind(serial_number: str, enroll_id: int) -> ColumnElement[bool]:
    """By serial number and number; the first condition is what an index is searched by."""
    is_further = or_(_placements.serial_number > serial_number, _placements.enroll_id > enroll_id)
    return and_(_placements.serial_number >= serial_number, is_further)


def find_row(connection: Connection, serial_number: str, enroll_id: int) -> Row[Any] | None:
    """What stands there."""
    if not is_storable(serial_number) or not is_integer(enroll_id):
        return None
    return connection.execute(ALL.where(*is_at(serial_number, [enroll_id]))).one_or_none()


def find_photo(connection: Connection, serial_number: str, enroll_id: int) -> bytes | None:
    """The photo that waits there."""
    row = find_row(connection, serial_number, enroll_id)
    if row is None or row.photo_digest is None:
        return None
    digest = terminal_photos.c.photo_digest
    photo = connection.execute(select(terminal_photos.c.photo).where(digest == row.photo_digest)).scalar()
    return None if photo is None else bytes(photo)


def standing(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> list[Row[Any]]:
    """What is there under the keys of these rows."""
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row["serial_number"], []).append(row["enroll_id"])
    return [
        found
        for serial_number, enroll_ids in numbers.items()
        for batch in in_batches(enroll_ids)
        for found in connection.execute(ALL.where(*is_at(serial_number, batch)))
    ]


def keep_marks(rows: Iterable[dict[str, Any]], replaced: Iterable[Row[Any]]) -> None:
    """Who was placed under a number stays so when the same person's placement is written anew."""
    marked = {(row.serial_number, row.enroll_id): row.subject_id for row in replaced if row.was_placed}
    for row in rows:
        # One that comes twice replaces itself.
        was_placed_there = marked.pop((row["serial_number"], row["enroll_id"]), None)
        row["was_placed"] = row["was_placed"] or was_placed_there == row["subject_id"]
        if row["was_placed"]:
            marked[row["serial_number"], row["enroll_id"]] = row["subject_id"]


def settle(connection: Connection, before: Placement | None, after: Placement | None) -> str | bool | None:
    """False where something else stands; else the digest of the photo that may have gone, or None."""
    wanted = before or after
    if wanted is None:
        return None
    row = None if after is None else placement_row(after)
    known = find_row(connection, wanted.serial_number, wanted.enroll_id)
    if (None if known is None else placement_of(known)) != (
        None if before is None else without_photo(before)
    ):
        return False
    known_digest: str | None = None if known is None else known.photo_digest
    if row is None:
        key = is_at(wanted.serial_number, [wanted.enroll_id])
        connection.execute(delete(terminal_placements).where(*key))
        return known_digest
    is_waiting = row["state"] == PlacementState.WANTED.value
    upsert(connection, terminal_placements, [row | {"photo_digest": known_digest if is_waiting else None}])
    return None if is_waiting else known_digest


def waits_for_photos(connection: Connection, serial_numbers: Sequence[str]) -> bool:
    """Whether a photo still waits for one of these terminals."""
    for batch in in_batches(serial_numbers):
        waiting = select(_placements.enroll_id).where(
            and_(_placements.serial_number.in_(batch), _placements.photo_digest.is_not(None))
        )
        if connection.execute(waiting.limit(1)).first() is not None:
            return True
    return False
