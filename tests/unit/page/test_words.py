"""Both languages say everything, and everything that is asked for is there."""

import ast
import string
from pathlib import Path

import pytest

from facegate.domain.errors import ErrorKind
from facegate.page import words
from facegate.page.words import Language, say, tables

PAGE = Path(words.__file__).parent.parent


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def used_words() -> set[tuple[str, str]]:
    """Every `words("view", "key")` in the sources; keys that are put together are not seen here."""
    used = set()
    for path in PAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"words", "session.words", "say"}:
                given = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                if len(given) == 2 and all(isinstance(one, str) for one in given):
                    used.add((str(given[0]), str(given[1])))
    return used


@pytest.mark.parametrize("view", sorted(tables()))
def test_both_languages_say_the_same_with_the_same_values(view: str) -> None:
    for key, (english, indonesian) in tables()[view].items():
        assert english.strip() == english != "", key
        assert indonesian.strip() == indonesian != "", key
        assert placeholders(english) == placeholders(indonesian), key
        assert english.endswith((".", "?", "!")) == indonesian.endswith((".", "?", "!")), key


def test_every_word_that_a_view_asks_for_is_there() -> None:
    known = {(view, key) for view, table in tables().items() for key in table}

    assert used_words() - known == set()


def test_every_error_of_the_server_has_a_sentence() -> None:
    assert {kind.value for kind in ErrorKind} - set(tables()["troubles"]) == set()


def test_words_are_filled_in() -> None:
    assert say(Language.ENGLISH, "shared", "ago", span="2 days") == "2 days ago"
    assert say(Language.INDONESIAN, "shared", "ago", span="2 hari") == "2 hari yang lalu"
