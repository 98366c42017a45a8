"""What other stores do to people on terminals, inside their transactions: removals and numbers."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from facegate.adapters.sql_store.schema import (
    enrolment_numbers,
    subjects,
    terminal_enrolments,
    terminal_photos,
    terminal_placements,
)
from facegate.adapters.sql_store.statements import dialect_insert, in_batches, take_turn
from facegate.domain.terminals.enrolments import PlacementState, ReviewStatus

_enrolments, _placements, _photos = terminal_enrolments.c, terminal_placements.c, terminal_photos.c


def take_turn_with_people(connection: Connection) -> None:
    """First of all in every transaction that writes enrolments or placements.

    A photo is shared by those who need it: two transactions side by side could each think that the other
    still does, or no longer does.
    """
    take_turn(connection, terminal_photos)


def forget_people(connection: Connection, subject_ids: Collection[str]) -> bool:
    """Deletes what terminals enrolled of them, makes placements unwanted; whether photos went."""
    take_turn_with_people(connection)
    digests: set[str | None] = set()
    for batch in in_batches(list(subject_ids)):
        theirs = (_enrolments.subject_id.in_(batch), _placements.subject_id.in_(batch))
        digests.update(_digests(connection, *theirs))
        for serial_number, enroll_ids in _numbers_there(connection, *theirs).items():
            digests.update(_forget_waiting(connection, serial_number, enroll_ids))
        connection.execute(delete(terminal_enrolments).where(theirs[0]))
        connection.execute(
            update(terminal_placements)
            .where(theirs[1], _placements.state != PlacementState.UNWANTED.value)
            .values(state=PlacementState.UNWANTED.value, photo_digest=None, attempt_count=0, last_error="")
        )
    return drop_unused_photos(connection, digests)


def _numbers_there(connection: Connection, enrolled: Any, placed: Any) -> dict[str, list[int]]:
    """By terminal the numbers that are known to be theirs there."""
    accepted = select(_enrolments.serial_number, _enrolments.enroll_id).where(enrolled)
    placements = select(_placements.serial_number, _placements.enroll_id).where(
        placed, _placements.was_placed
    )
    numbers: dict[str, list[int]] = {}
    for query in (accepted, placements):
        for row in connection.execute(query):
            numbers.setdefault(row.serial_number, []).append(row.enroll_id)
    return numbers


def _forget_waiting(
    connection: Connection, serial_number: str, enroll_ids: Sequence[int]
) -> list[str | None]:
    """Deletes what waits for a review under these numbers; the digests of its photos."""
    digests: list[str | None] = []
    for batch in in_batches(enroll_ids):
        waiting = (
            _enrolments.serial_number == serial_number,
            _enrolments.enroll_id.in_(batch),
            _enrolments.status == ReviewStatus.WAITING.value,
        )
        digests.extend(connection.execute(select(_enrolments.photo_digest).where(*waiting)).scalars())
        connection.execute(delete(terminal_enrolments).where(*waiting))
    return digests


def forget_terminal(connection: Connection, serial_number: str) -> bool:
    """Deletes its placements and waiting enrolments; whether photos went."""
    take_turn_with_people(connection)
    waiting = (
        _enrolments.serial_number == serial_number,
        _enrolments.status == ReviewStatus.WAITING.value,
    )
    there = _placements.serial_number == serial_number
    digests = set(_digests(connection, waiting[0] & waiting[1], there))
    connection.execute(delete(terminal_enrolments).where(*waiting))
    connection.execute(delete(terminal_placements).where(there))
    return drop_unused_photos(connection, digests)


def keep_photos(connection: Connection, photos: Iterable[tuple[str, bytes]]) -> None:
    """Each under its digest, once."""
    rows = [{"photo_digest": digest, "photo": photo} for digest, photo in dict(photos).items()]
    if rows:
        connection.execute(dialect_insert(connection, terminal_photos).on_conflict_do_nothing(), rows)


def drop_unused_photos(connection: Connection, digests: Collection[str | None]) -> bool:
    """Deletes those that no placement and no waiting enrolment needs any more; whether any went."""
    dropped_count = 0
    placed = select(_placements.photo_digest).where(_placements.photo_digest == _photos.photo_digest)
    waiting = select(_enrolments.photo_digest).where(
        _enrolments.photo_digest == _photos.photo_digest, _enrolments.status == ReviewStatus.WAITING.value
    )
    for batch in in_batches([digest for digest in digests if digest is not None]):
        unused = (_photos.photo_digest.in_(batch), ~placed.exists(), ~waiting.exists())
        dropped_count += connection.execute(delete(terminal_photos).where(*unused)).rowcount
    return dropped_count > 0


def note_numbers(connection: Connection, numbers: Sequence[int]) -> None:
    """Remembers for ever that they were given."""
    statement = dialect_insert(connection, enrolment_numbers).on_conflict_do_nothing()
    connection.execute(statement, [{"number": number} for number in numbers])


def held_numbers(connection: Connection) -> dict[str, int]:
    """The numbers by subject, of those who have one."""
    query = select(subjects.c.subject_id, subjects.c.enrolment_number)
    rows = connection.execute(query.where(subjects.c.enrolment_number.is_not(None)))
    return {row.subject_id: row.enrolment_number for row in rows}


def _digests(connection: Connection, enrolled: Any, placed: Any) -> list[str | None]:
    of_enrolments = connection.execute(select(_enrolments.photo_digest).where(enrolled)).scalars()
    of_placements = connection.execute(select(_placements.photo_digest).where(placed)).scalars()
    return [*of_enrolments, *of_placements]
