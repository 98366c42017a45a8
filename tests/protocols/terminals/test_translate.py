"""Reading what terminals send: lenient, never surprised."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given
from tests.protocols.terminals.moments import message

from facegate.domain.terminals.activity import UNKNOWN_FACE_ENROLL_ID
from facegate.frontends.terminals.lenient_json import MAX_MARKS, NotJson, read_json
from facegate.frontends.terminals.messages import (
    BadRequest,
    CodeScan,
    DeviceAnswer,
    LogBatch,
    OtherRequest,
    Registration,
    Unusable,
    UserPush,
)
from facegate.frontends.terminals.translate import code_as_scan, read_message, wire_text

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
    ["", "{", '{"a": "', "[" * 50_000, "[" * MAX_MARKS + "[", '{"a": 1}}', "[1,,2]", "9" * 5_000, '"\\' * 9],
)
def test_what_cannot_be_mended(text: str) -> None:
    with pytest.raises(NotJson):
        read_json(text)


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
            "huge": 2**70,
        },
    )
    assert isinstance(read, Registration)
    assert read.serial_number == "ZX1"
    assert read.info.model_name == "AiFace"
    assert read.info.count("useduser") == 6
    assert read.info.facts["cpusn"] == "77"
    assert {"nested", "wlanpassword", "huge"}.isdisjoint(read.info.facts)


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


def test_codes_stand_for_a_number_or_for_a_stranger() -> None:
    assert code_as_scan(CodeScan("sendqrcode", "17"), "").record.enroll_id == 17
    for code in ("0", "", "x", "1" * 13, "\u0661"):
        assert code_as_scan(CodeScan("sendqrcode", code), "").record.enroll_id == UNKNOWN_FACE_ENROLL_ID


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
