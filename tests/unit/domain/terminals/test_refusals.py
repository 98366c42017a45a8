"""What a caller learns when a terminal says no."""

import pytest

from facegate.domain.errors import TerminalRefused
from facegate.domain.terminals.refusals import check_reply, has_no_data, refusal


def test_a_reply_that_says_yes_goes_through() -> None:
    for reply in ({"ret": "gettime", "time": "2026-05-02 09:00:01"}, {"ret": "gettime", "result": True}):
        assert check_reply("gettime", reply) is reply


@pytest.mark.parametrize(
    ("word", "reply", "told", "reason"),
    [
        ("opendoor", {"result": False}, "the terminal refused opendoor", None),
        ("opendoor", {"result": False, "reason": 6}, "the terminal refused opendoor: reason 6", "6"),
        ("opendoor", {"reason": 1}, "the terminal refused opendoor: reason 1", "1"),
        (
            "reg",
            {"result": 0, "reason": "did not reg"},
            "the terminal refused reg: reason did not reg",
            "did not reg",
        ),
        ("opendoor", {"result": "false", "msg": "no door"}, "the terminal refused opendoor: no door", None),
        ("opendoor", {"result": False, "reason": None, "msg": [1]}, "the terminal refused opendoor", None),
    ],
)
def test_reason_and_words_are_handed_on(
    word: str, reply: dict[str, object], told: str, reason: str | None
) -> None:
    with pytest.raises(TerminalRefused) as caught:
        check_reply(word, reply)
    assert (caught.value.message, caught.value.reason) == (told, reason)


def test_why_a_photo_was_refused_is_explained() -> None:
    assert "several faces" in refusal("setuserinfo", {"result": False, "reason": 6}).message
    assert "several faces" in refusal("setuserinfo", {"result": False, "reason": "6"}).message


def test_what_the_terminal_writes_is_cut_and_made_printable() -> None:
    told = refusal("gettime", {"result": False, "msg": "a\nb\x1b[2J" + "x" * 500}).message
    assert told.isprintable()
    assert len(told) < 200


def test_no_data_and_no_such_user_are_told_apart() -> None:
    assert has_no_data({"ret": "getuserinfo", "result": False, "msg": "Have no data"})
    assert not has_no_data({"ret": "getuserinfo", "result": False, "msg": "can not find the user"})
    assert not has_no_data({"ret": "getuserinfo", "result": True, "msg": "have no data"})
