"""Records of scans, read as leniently as firmware writes them."""

import base64
import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.activity import ActivityKind
from facegate.domain.terminals.records import decode_picture, parse_record, parse_records, record_rows

PICTURE = b"\xff\xd8\xff\xe0 a picture"
ENCODED = base64.b64encode(PICTURE).decode()

values: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just({}), st.just([1])
)

KEYS = "enrollid aliasid name time mode inout event temp verifymode note image".split()  # noqa: SIM905


def test_a_record_of_aiface() -> None:
    record, picture = parse_record(
        {
            "enrollid": 4,
            "aliasid": "",
            "name": "Ana",
            "time": "2024-05-02 09:01:10",
            "mode": 8,
            "inout": 1,
            "event": 0,
            "temp": 36.5,
            "verifymode": 13,
            "note": {"msg": "ok"},
            "image": "data:image/jpeg;base64," + ENCODED,
        }
    )
    assert record.key == (4, "2024-05-02 09:01:10", 8, 0)
    assert (record.in_out, record.verify_mode, record.temperature_c) == (1, 13, 36.5)
    assert json.loads(record.note) == {"msg": "ok"}
    assert picture == PICTURE


def test_old_firmware_leaves_things_out_and_writes_numbers_as_text() -> None:
    record, picture = parse_record({"pin": " 7 ", "mode": "3", "inout": "", "aliasid": 12})
    assert (record.enroll_id, record.mode, record.in_out, record.alias_id) == (7, 3, 0, "12")
    assert (record.name, record.time_text, record.note) == ("", "", "{}")
    assert record.verify_mode is None
    assert picture is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (36.5, 36.5),
        (365, 36.5),
        (3650, 36.5),
        ("36.5", 36.5),
        (0, None),
        (None, None),
        ("x", None),
    ],
)
def test_temperatures(written: object, meant: float | None) -> None:
    assert parse_record({"enrollid": 1, "temp": written})[0].temperature_c == meant


@pytest.mark.parametrize(
    "row",
    [
        "x",
        None,
        [],
        {},
        {"enrollid": -1},
        {"enrollid": 2**63},
        {"enrollid": 1.5},
        {"enrollid": "1_0"},
    ],
)
def test_what_is_no_record(row: object) -> None:
    with pytest.raises(InvalidInput):
        parse_record(row)


def test_a_record_is_kept_without_the_codes_that_cannot_be_read() -> None:
    row = {
        "enrollid": 1,
        "mode": 2**31,
        "inout": [1],
        "event": "door" * 50,
        "verifymode": "?",
        "aliasid": "7",
    }
    record, _ = parse_record(row)
    assert (record.mode, record.in_out, record.event, record.verify_mode) == (0, 0, 0, None)
    assert record.alias_id == "7"
    raw = {"mode": str(2**31), "inout": "list", "event": ("door" * 50)[:64], "verifymode": "?"}
    assert json.loads(record.note) == {"unreadable": raw}


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ({"msg": "ok"}, {"msg": "ok"}),
        ("late", {"note": "late"}),
        ([1], {"note": [1]}),
        ("x" * 5000, {"too_long": 5002}),
    ],
)
def test_what_could_not_be_read_stands_beside_the_terminals_own_note(note: object, kept: object) -> None:
    record, _ = parse_record({"enrollid": 1, "mode": "\x01" * 64, "event": "\x01" * 64, "note": note})
    assert isinstance(kept, dict)
    shown = json.loads(record.note)
    assert shown.pop("unreadable").keys() == {"mode", "event"}
    assert shown == kept


def test_a_bad_record_does_not_cost_the_others() -> None:
    scans, bad_count = parse_records([{"enrollid": 1}, "x", {"enrollid": 2}])
    assert [scan.record.enroll_id for scan in scans] == [1, 2]
    assert bad_count == 1


def test_a_bare_object_and_nothing() -> None:
    assert len(parse_records({"enrollid": 0})[0]) == 1
    assert parse_records({"enrollid": 0})[0][0].record.kind is ActivityKind.DEVICE_EVENT
    assert parse_records(None) == ([], 0)


@pytest.mark.parametrize("key", ["record", "records", "data", "log", "logs"])
def test_the_known_names_of_the_list(key: str) -> None:
    assert record_rows({key: [1]}) == [1]
    assert record_rows({}) is None


def test_pictures() -> None:
    assert decode_picture(ENCODED) == PICTURE
    assert decode_picture(ENCODED.rstrip("=")) == PICTURE
    assert decode_picture(f"DATA:image/png;base64,{ENCODED[:8]}\r\n{ENCODED[8:]}") == PICTURE
    for none in ("", "data:", "not base64!", "Ümlaut", None, 5, "A"):
        assert decode_picture(none) is None


@given(st.dictionaries(st.sampled_from(KEYS), values))
def test_whatever_comes_every_store_can_hold_it(row: dict[str, object]) -> None:
    try:
        record, _ = parse_record(row)
    except InvalidInput:
        return
    for text in (record.name, record.alias_id, record.time_text, record.note):
        assert "\0" not in text
        text.encode("utf-8")
    assert 0 <= record.enroll_id < 2**63
    assert all(abs(code) < 2**31 for code in (record.mode, record.in_out, record.event))
    json.loads(record.note)
