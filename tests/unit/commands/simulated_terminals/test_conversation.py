"""What is printed: readable, and never a secret or a photo."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.commands.simulated_terminals.conversation import Conversation, readable
from facegate.commands.simulated_terminals.device.photos import SAMPLE_PHOTO, drawn_photo

SECRET = "s3cr3t-7391"


@pytest.mark.parametrize(
    "message",
    [
        {"cmd": "setuserinfo", "enrollid": 1, "backupnum": 10, "record": SECRET},
        {"cmd": "setuserinfo", "enrollid": 1, "backupnum": 11, "record": 739173917391},
        {"cmd": "setuserinfo", "enrollid": 1, "backupnum": 50, "pwd": SECRET, "card": SECRET},
        {"ret": "getuserinfo", "backupnum": 0, "record": SECRET},
        {"cmd": "senduser", "enrollid": 1, "record": SECRET},
        {"cmd": "sendqrcode", "record": SECRET},
        {"cmd": "sendpin", "pin": SECRET},
        {"ret": "getdevinfo", "wlanpassword": SECRET, "compassword": 73917391},
        {"cmd": "setdevinfo", "devinfo": {"WlanPassword": SECRET}},
        {"cmd": "x", "record": [{"enrollid": 1, "password": SECRET}, SECRET]},
    ],
)
def test_secrets_are_masked(message: dict[str, object]) -> None:
    line = readable(json.dumps(message))
    assert SECRET not in line
    assert "7391" not in line
    assert "***" in line


def test_photos_are_told_by_their_size() -> None:
    photo = drawn_photo()
    for message in (
        {"cmd": "setuserinfo", "backupnum": 50, "record": photo},
        {"cmd": "sendlog", "record": [{"enrollid": 4, "image": f"data:image/jpeg;base64,{photo}"}]},
    ):
        line = readable(json.dumps(message))
        assert "<photo, " in line
        assert photo[20:60] not in line
    assert readable(json.dumps({"cmd": "x", "image": SAMPLE_PHOTO})).count("33 bytes") == 1


def test_what_is_no_secret_is_shown() -> None:
    shown = readable('{"ret":"getusername","result":true,"record":"Zoë"}')
    assert shown == '{"ret": "getusername", "result": true, "record": "Zoë"}'
    assert (
        readable('{"devinfo":{"pwdsize":5000,"usedcard":3}}')
        == '{"devinfo": {"pwdsize": 5000, "usedcard": 3}}'
    )


def test_long_things_are_short() -> None:
    assert len(readable(json.dumps({"note": "x" * 10_000}))) < 100
    assert len(readable(json.dumps({"record": [{"enrollid": n} for n in range(1000)]}))) < 700
    assert len(readable("x" * 10_000)) < 120
    assert readable(b"\x00" * 1234) == "<binary, 1,234 bytes>"


@given(st.one_of(st.text(), st.binary(), st.recursive(st.floats() | st.text(), st.lists).map(json.dumps)))
def test_anything_can_be_shown(content: str | bytes) -> None:
    assert readable(content)


def test_deep_nesting_can_be_shown() -> None:
    assert readable("[" * 100_000)
    assert readable('{"a":' * 900 + "1" + "}" * 900)


def test_lines_say_who_said_it() -> None:
    lines: list[str] = []
    conversation = Conversation(lines.append, names_terminal=True)
    conversation.sent("X1", '{"cmd": "reg"}')
    conversation.heard("X1", '{"ret": "reg"}')
    conversation.noted("X1", "hangs up")
    assert [line[8:] for line in lines] == [' X1 → {"cmd": "reg"}', ' X1 ← {"ret": "reg"}', " X1 · hangs up"]
