"""The rule for ids: one spelling, nothing that breaks a URL or a log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.errors import InvalidInput
from facegate.domain.subjects import (
    is_canonical_decimal,
    new_subject_id,
    parse_display_name,
    parse_subject_id,
)


@pytest.mark.parametrize("text", ["42", "alice", "DOMAIN/user", "日本", "😀", "a b", "x" * 128])
def test_ids_that_are_accepted(text: str) -> None:
    assert parse_subject_id(text) == text


def test_an_id_has_one_spelling() -> None:
    assert parse_subject_id("  Ame\u0301lie ") == "Am\u00e9lie"


@pytest.mark.parametrize(
    "text", ["", "   ", "a\nb", "a\x00b", "\ud800", "a\N{REPLACEMENT CHARACTER}", "x" * 129, "x" * 10_000]
)
def test_ids_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_subject_id(text)


@pytest.mark.parametrize("text", [".", "..", "a/../b", "a/./b", "../b", "a/.."])
def test_an_id_that_a_url_would_fold_into_another_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="between slashes"):
        parse_subject_id(text)


@pytest.mark.parametrize("text", ["a..b", "...", "a/.hidden", "v1.2/x"])
def test_dots_elsewhere_are_fine(text: str) -> None:
    assert parse_subject_id(text) == text


@pytest.mark.parametrize("text", ["unknown", "Unknown", " UNKNOWN "])
def test_nobody_can_take_the_strangers_name(text: str) -> None:
    with pytest.raises(InvalidInput, match="strangers"):
        parse_subject_id(text)


@given(st.text(max_size=300))
def test_any_text_is_an_id_or_a_clear_refusal_and_parsing_twice_changes_nothing(text: str) -> None:
    try:
        subject_id = parse_subject_id(text)
    except InvalidInput:
        return
    assert parse_subject_id(subject_id) == subject_id
    subject_id.encode()


@pytest.mark.parametrize(("text", "expected"), [("0", True), ("42", True), ("007", False), ("-1", False)])
def test_canonical_decimals(text: str, expected: bool) -> None:
    assert is_canonical_decimal(text) is expected


def test_digits_of_other_scripts_are_no_canonical_decimals() -> None:
    assert not is_canonical_decimal("٤٢")
    assert not is_canonical_decimal("²")


def test_a_name_is_trimmed_and_bounded() -> None:
    assert parse_display_name("  Alice ") == "Alice"
    with pytest.raises(InvalidInput):
        parse_display_name("x" * 201)


def test_generated_ids_differ() -> None:
    assert new_subject_id() != new_subject_id()
