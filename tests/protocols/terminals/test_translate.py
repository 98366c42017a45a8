"""Reading what terminals send: lenient, never surprised."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given
from tests.protocols.terminals.moments import message, record

from facegate.frontends.terminals import lenient_json
from facegate.frontends.terminals.lenient_json import MAX_DEPTH, MAX_PARTS, NotJson, read_json
from facegate.frontends.terminals.messages import (
    BadRequest,
    DeviceAnswer,
    LogBatch,
    OtherRequest,
    Registration,
    Unkept,
    Unusable,
    UserPush,
)
from facegate.frontends.terminals.translate import read_message, wire_text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)

FIELDS = ["sn", "devinfo", "record", "count", "logindex", "enrollid", "backupnum", "admin", "name", "pin"]


@given(st.text() | st.binary())
def test_no_text_surprises(content: str | bytes) -> None:
    assert read_message(content)


@given(
    st.sampled_from(["reg", "sendlog", "senduser", "sendqrcode", "sendpin", "new"]),
    st.dictionaries(st.sampled_from(FIELDS), values),
)
def test_no_value_surprises(word: str, fields: dict[str, object]) -> None:
    read = read_message(json.dumps({"cmd": word, **fields}))
    assert not isinstance(read, Unusable)


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(), max_size=3), max_size=4))
def test_commas_too_many_are_mended_and_nothing_else_is_changed(value: list[object]) -> None:
    text = json.dumps(value)
    assert read_json(text) == value
    assert read_json("{" + f'"a": {text} ,\n' + "}") == {"a": value}
    assert read_json(f"[{text},]") == [value]


def test_commas_inside_texts_stay() -> None:
    text = '{"name": "a,]b,}\\",]", "record": [1, 2 , ] , }'
    assert read_json(text) == {"name": 'a,]b,}",]', "record": [1, 2]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a": "',
        "[" * 50_000,
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        '{"a": 1}}',
        "[1,,2]",
        "9" * 5_000,
        '"\\' * 9,
    ],
)
def test_what_cannot_be_mended(text: str) -> None:
    with pytest.raises(NotJson):
        read_json(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" + "1," * MAX_PARTS + "1]",
        "[" + "[]," * (MAX_PARTS // 2) + "1]",
        '"' * 100_002,
        '["' + "\\n" * 200_001 + '"]',
    ],
)
def test_more_than_any_message_has_is_not_read_at_all(text: str) -> None:
    for content in (text, text.encode()):
        with pytest.raises(NotJson, match="more parts"):
            read_json(content)


def test_as_much_as_a_large_page_has_is_read() -> None:
    page = json.dumps([record(number, note={}) for number in range(1500)])
    assert len(read_json(page)) == 1500  # type: ignore[arg-type]
    photo = '{"record": "' + "A/" * 1_000_000 + '"}'
    assert read_json(photo)
    assert read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_only_a_text_with_commas_too_many_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    class Untouched:
        def sub(self, *_: object) -> str:
            raise AssertionError("a text that cannot be mended is not worked on")

    monkeypatch.setattr(lenient_json, "_STRING_OR_SURPLUS_COMMA", Untouched())
    with pytest.raises(NotJson):
        read_json('{"a": "b", "c" "d"}')


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "0." + "1" * 500])
def test_what_is_no_number_becomes_null(text: str) -> None:
    assert read_json(f'{{"temp": {text}, "ok": 36.5}}') == {"temp": None, "ok": 36.5}
    assert read_json(f'{{"temp": {text}, "ok": 36.5,}}') == {"temp": None, "ok": 36.5}


def test_a_byte_order_mark_and_the_end_of_a_text_in_c() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": 1}\x00\x00\r\n') == {"a": 1}


def test_broken_utf8_is_replaced() -> None:
    read = read_message(b'{"cmd": "senduser", "enrollid": 4, "name": "J\xf6rg"}')
    assert isinstance(read, UserPush)
    assert read.name == "J\ufffdrg"


@pytest.mark.parametrize("text", ["null", "[1]", "5", '"reg"', "{}", '{"cmd": ""}', '{"cmd": ["reg"]}'])
def test_no_message(text: str) -> None:
    assert isinstance(read_message(text), Unusable)


def test_a_word_that_is_too_long_is_not_repeated() -> None:
    assert isinstance(message(cmd="x" * 65), Unusable)


def test_ret_wins_over_cmd() -> None:
    assert isinstance(message(ret="gettime", cmd="gettime"), DeviceAnswer)
    assert isinstance(message(cmd="gettime"), OtherRequest)


def test_what_a_terminal_says_about_itself() -> None:
    read = message(
        cmd="reg",
        sn=" ZX1 ",
        cpusn="77",
        devinfo={
            "modelname": "AiFace",
            "firmware": "v4.40",
            "useduser": "6",
            "usersize": 5000,
            "time": "2024-05-02 09:00:00",
            "mac": "00-01",
            "nested": {"a": 1},
            "wlanpassword": "secret",
            "WifiPasswd": "secret",
            "sharedSecret": "secret",
            "pwd": "secret",
            "endless": float("inf"),
            "long" * 50: "x" * 500,
            "huge": 2**70,
        },
    )
    assert isinstance(read, Registration)
    assert read.serial_number == "ZX1"
    assert read.info.model_name == "AiFace"
    assert read.info.count("useduser") == 6
    assert read.info.facts["cpusn"] == "77"
    assert {"nested", "huge", "endless"}.isdisjoint(read.info.facts)
    assert "secret" not in read.info.facts.values()
    assert read.info.facts[("long" * 50)[:64]] == "x" * 64


def test_a_terminal_cannot_say_too_much_about_itself() -> None:
    read = message(cmd="reg", sn="ZX1", devinfo={f"fact{n}": n for n in range(500)} | {"firmware": "v" * 999})
    assert isinstance(read, Registration)
    assert len(read.info.facts) == 60
    assert read.info.firmware == "v" * 64


@pytest.mark.parametrize("info", [None, "x", [], 5])
def test_a_registration_needs_nothing_but_the_number(info: object) -> None:
    read = message(cmd="reg", sn="ZX1", devinfo=info)
    assert isinstance(read, Registration)
    assert read.info.facts == {}


def test_the_echo_is_exactly_what_came() -> None:
    read = message(cmd="sendlog", count="2", logindex=0, record=[])
    assert isinstance(read, LogBatch)
    assert read.echo == {"count": "2", "logindex": 0}
    assert isinstance(read.echo["logindex"], int)


def test_an_enrolment_without_a_possible_number_is_refused() -> None:
    for number in (0, -1, None, "x", 2**63):
        assert isinstance(message(cmd="senduser", enrollid=number, backupnum=50), BadRequest)


def test_only_a_picture_is_a_photo() -> None:
    read = message(cmd="senduser", enrollid=4, backupnum=50, record="AAAA")
    assert isinstance(read, UserPush)
    assert read.photo is None


def test_a_credential_beyond_a_byte_is_none() -> None:
    assert isinstance(message(cmd="senduser", enrollid=4, backupnum=255), UserPush)
    for number in (256, -1, 2**40):
        assert isinstance(message(cmd="senduser", enrollid=4, backupnum=number), Unkept)


def test_names_go_out_as_they_are_written() -> None:
    assert wire_text({"name": "Jörg 名"}) == '{"name":"Jörg 名"}'
    assert json.loads(wire_text({"name": "half \ud83d"})) == {"name": "half \ud83d"}
    wire_text({"name": "half \ud83d"}).encode()


def test_secrets_do_not_show() -> None:
    shown = repr(
        [
            message(cmd="senduser", enrollid=4, backupnum=10, record="987654"),
            message(cmd="sendqrcode", record="987654"),
            message(cmd="anything", password="987654"),
            message(ret="getdevinfo", wlanpassword="987654"),
        ]
    )
    assert "987654" not in shown
