"""Which integer ids may be given to people, and which stay theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.enrolments import later

from facegate.domain.gallery import Enrolment
from facegate.domain.terminals.enrolment_numbers import (
    BLOCK_SIZE,
    MAX_ENROLMENT_NUMBER,
    free_number,
    own_number,
    with_kept_numbers,
)


@pytest.mark.parametrize(
    ("subject_id", "number"),
    [
        ("1", 1),
        ("99999998", 99_999_998),
        ("999999999999", 999_999_999_999),
        ("0", None),
        ("99999999", None),
        ("1000000000000", None),
        ("9" * 5000, None),
        ("007", None),
        ("-1", None),
        ("4.2", None),
        ("\u0664\u0662", None),
        ("anna", None),
        ("", None),
    ],
)
def test_an_id_that_is_a_number(subject_id: str, number: int | None) -> None:
    assert own_number(subject_id) == number


@given(start=st.integers(-5, 3 * BLOCK_SIZE), taken=st.frozensets(st.integers(1, 3 * BLOCK_SIZE)))
def test_the_first_free_number_is_the_least_that_is_not_taken(start: int, taken: frozenset[int]) -> None:
    found = free_number(start, lambda first, last: {one for one in taken if first <= one <= last})
    assert found is not None
    assert found >= max(start, 1)
    assert found not in taken
    assert all(number in taken for number in range(max(start, 1), found))


def test_the_number_of_unknown_faces_is_never_given() -> None:
    assert free_number(99_999_999, lambda *_: ()) == 100_000_000


def test_whole_blocks_may_be_taken_and_the_last_one_ends() -> None:
    asked: list[tuple[int, int]] = []

    def all_taken(first: int, last: int) -> range:
        asked.append((first, last))
        return range(first, last + 1)

    start = MAX_ENROLMENT_NUMBER - BLOCK_SIZE - 1
    assert free_number(start, all_taken) is None
    assert asked == [(start, start + BLOCK_SIZE - 1), (start + BLOCK_SIZE, MAX_ENROLMENT_NUMBER)]
    assert free_number(MAX_ENROLMENT_NUMBER + 1, all_taken) is None


def wish(subject_id: str, number: int | None = None) -> Enrolment:
    return Enrolment(subject_id, (), later(0), enrolment_number=number)


def test_who_stays_keeps_the_number_and_nobody_else_gets_it() -> None:
    wishes = [wish("dora", 1), wish("anna", 9), wish("anna"), wish("emil", 2), wish("fred", 9)]
    kept = with_kept_numbers(wishes, {"anna": 1, "bob": 2})
    assert [(one.subject_id, one.enrolment_number) for one in kept] == [
        ("dora", None),
        ("anna", 1),
        ("anna", 1),
        ("emil", 2),  # Bob has gone
        ("fred", 9),
    ]
