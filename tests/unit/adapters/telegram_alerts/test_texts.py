"""Cutting words to Telegram's lengths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.alert_senders import make_message

from facegate.adapters.telegram_alerts.texts import cut, utf16_units, words_of


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(min_value=2, max_value=80)
)
def test_what_is_cut_fits_and_is_the_beginning(text: str, max_units: int) -> None:
    shown = cut(text, max_units)
    assert len(shown.encode("utf-16-le")) // 2 == utf16_units(shown) <= max_units
    if utf16_units(text) <= max_units:
        assert shown == text
    else:
        assert shown.endswith("…")
        assert text.startswith(shown[:-1])


@pytest.mark.parametrize(
    ("text", "max_units", "shown"),
    [
        ("Alice was seen", 14, "Alice was seen"),
        ("Alice was seen", 12, "Alice was…"),
        ("Alice was seen", 10, "Alice was…"),
        ("x" * 60, 10, "xxxxxxxxx…"),
        ("ab👩‍🚀", 5, "ab…"),
        ("abé" + "e\u0301" * 5, 5, "abé…"),
        ("🚪🚪🚪", 4, "🚪…"),
    ],
)
def test_where_it_is_cut(text: str, max_units: int, shown: str) -> None:
    assert cut(text, max_units) == shown


def test_halves_of_characters_and_nothing_at_all_become_something() -> None:
    assert words_of(make_message("a\ud83d", "")) == "a?"
    assert words_of(make_message(" ", "\n")) == "seen"
