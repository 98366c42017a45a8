"""The integer ids by which terminals know people: which may be given, and to whom."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from facegate.domain.gallery import Enrolment
from facegate.domain.subjects import is_canonical_decimal
from facegate.domain.terminals.activity import DEVICE_EVENT_ENROLL_ID, UNKNOWN_FACE_ENROLL_ID

MAX_ENROLMENT_NUMBER = 999_999_999_999
"""The largest that any terminal is known to take."""

FIRST_ALLOCATED_NUMBER = 1_000_001
"""Numbers that we choose begin here: terminals count up from 1 when somebody is enrolled on them."""

RESERVED_NUMBERS = frozenset({DEVICE_EVENT_ENROLL_ID, UNKNOWN_FACE_ENROLL_ID})

BLOCK_SIZE = 1000


def own_number(subject_id: str) -> int | None:
    """The number that an id such as `42` is itself; None for any other id and for reserved numbers."""
    if len(subject_id) > len(str(MAX_ENROLMENT_NUMBER)) or not is_canonical_decimal(subject_id):
        return None
    number = int(subject_id)
    return None if number in RESERVED_NUMBERS else number


def free_number(start: int, taken_between: Callable[[int, int], Collection[int]]) -> int | None:
    """The first number from `start` on that may be given; None when there is none.

    `taken_between(first, last)` tells which of that block, both included, may not.
    """
    for first in range(max(1, start), MAX_ENROLMENT_NUMBER + 1, BLOCK_SIZE):
        last = min(first + BLOCK_SIZE - 1, MAX_ENROLMENT_NUMBER)
        taken = RESERVED_NUMBERS.union(taken_between(first, last))
        for number in range(first, last + 1):
            if number not in taken:
                return number
    return None


def with_kept_numbers(enrolments: Sequence[Enrolment], held: Mapping[str, int]) -> list[Enrolment]:
    """The enrolments of a restore, where those who stay keep the number that terminals know them by.

    `held` are the numbers before, by subject. Another subject's wish for a number that is kept is dropped.
    """
    staying = {one.subject_id for one in enrolments}.intersection(held)
    kept = {held[subject_id] for subject_id in staying}
    return [
        replace(one, enrolment_number=held[one.subject_id])
        if one.subject_id in staying
        else replace(one, enrolment_number=None)
        if one.enrolment_number in kept
        else one
        for one in enrolments
    ]
