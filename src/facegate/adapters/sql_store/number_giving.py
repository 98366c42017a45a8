"""Giving enrolment numbers, each to one subject only."""

from sqlalchemy import Connection, func, select, update

from facegate.adapters.sql_store.schema import (
    enrolment_numbers,
    gallery_state,
    subjects,
    terminal_enrolments,
)
from facegate.adapters.sql_store.statements import in_batches
from facegate.adapters.sql_store.terminal_people import note_numbers
from facegate.domain.errors import StoreFailed
from facegate.domain.terminals.enrolment_numbers import (
    FIRST_ALLOCATED_NUMBER,
    MAX_ENROLMENT_NUMBER,
    free_number,
    own_number,
)


def find_number(connection: Connection, subject_id: str) -> tuple[bool, int | None]:
    """Whether the subject is known, and its number if it has one."""
    query = select(subjects.c.enrolment_number).where(subjects.c.subject_id == subject_id)
    row = connection.execute(query).one_or_none()
    return row is not None, None if row is None else row.enrolment_number


def give_number(connection: Connection, subject_id: str) -> int | None:
    """The number, given now if there is none; None for an unknown subject.

    Raises:
        StoreFailed: all are used up.
    """
    # As every change of the gallery: nobody else gives numbers meanwhile.
    connection.execute(select(gallery_state.c.change_number).with_for_update())
    is_known, number = find_number(connection, subject_id)
    if not is_known or number is not None:
        return number
    number = own_number(subject_id)
    if number is None or holder_of(connection, number) is not None:
        number = _next_number(connection)
    statement = update(subjects).where(subjects.c.subject_id == subject_id)
    connection.execute(statement.values(enrolment_number=number))
    note_numbers(connection, [number])
    return number


def holder_of(connection: Connection, number: int) -> str | None:
    """Who has this number, if anybody."""
    query = select(subjects.c.subject_id).where(subjects.c.enrolment_number == number)
    return connection.execute(query).scalar()


def _next_number(connection: Connection) -> int:
    def taken_between(first: int, last: int) -> set[int]:
        return _taken_between(connection, first, last)

    highest: int = connection.execute(select(func.max(enrolment_numbers.c.number))).scalar() or 0
    first = FIRST_ALLOCATED_NUMBER
    # Where somebody's own id is the largest number there is, gaps are left.
    number = free_number(max(first, highest + 1), taken_between) or free_number(first, taken_between)
    if number is None:
        raise StoreFailed(f"every enrolment number up to {MAX_ENROLMENT_NUMBER} was given")
    return number


def _taken_between(connection: Connection, first: int, last: int) -> set[int]:
    """Numbers that were given, that terminals gave on their own, and that are subjects' own ids."""
    taken: set[int] = set()
    for column in (enrolment_numbers.c.number, terminal_enrolments.c.enroll_id):
        taken.update(connection.execute(select(column).where(column.between(first, last))).scalars())
    for batch in in_batches([str(number) for number in range(first, last + 1)]):
        own = connection.execute(select(subjects.c.subject_id).where(subjects.c.subject_id.in_(batch)))
        taken.update(int(subject_id) for subject_id in own.scalars())
    return taken
