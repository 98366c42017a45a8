"""Ids of the attendance door: any text is either refused or comes back as the same person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.errors import InvalidInput
from facegate.domain.subjects import parse_subject_id
from facegate.frontends.attendance.translate import parse_user_id, shown_user_id


@given(st.integers() | st.text(max_size=140))
def test_the_id_that_is_shown_leads_back_to_the_same_person(user_id: int | str) -> None:
    try:
        subject_id = parse_user_id(user_id)
    except InvalidInput:
        return
    assert parse_user_id(shown_user_id(subject_id)) == subject_id


@given(st.integers(min_value=0))
def test_numbers_come_back_as_numbers(number: int) -> None:
    try:
        assert shown_user_id(parse_user_id(number)) == number
    except InvalidInput:
        assert len(str(number)) > 128


@given(st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_a_text_is_never_shown_as_another_text(digits: str) -> None:
    assert str(shown_user_id(parse_subject_id(digits))) == digits


def test_a_number_too_long_to_write_out_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too long"):
        parse_user_id(10**5_000)
