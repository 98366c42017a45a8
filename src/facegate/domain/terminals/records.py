"""Records of scans as terminals write them, read leniently: `sendlog` and the log pages share this.

Firmware differs: numbers may be texts, keys may be missing, pictures may carry a `data:` prefix. What a
record says is kept raw; only what no store could hold is cut or refused.
"""

import binascii
import json
import math
import re
from collections.abc import Mapping

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.activity import ActivityRecord, Scan

_RECORD_KEYS = ("record", "records", "data", "log", "logs")
_ID_KEYS = ("enrollid", "userid", "pin")

_MAX_ID = 2**63 - 1
_MAX_CODE = 2**31 - 1
_DECIMAL = re.compile(r"\s*[+-]?[0-9]{1,20}\s*", re.ASCII)
_MAX_TEXT_CHARS = 255
_MAX_TIME_CHARS = 64
_MAX_NOTE_CHARS = 4000
_MAX_SHOWN_CHARS = 64

_CODES = ("mode", "inout", "event", "verifymode")


def record_rows(body: Mapping[str, object]) -> object:
    """What a message holds of records, under whichever of the known names; None when there is nothing."""
    return next((body[key] for key in _RECORD_KEYS if body.get(key) is not None), None)


def parse_records(value: object) -> tuple[list[Scan], int]:
    """The records of a list or of a bare object, and how many could not be read."""
    if value is None:
        return [], 0
    scans = []
    bad_count = 0
    for row in value if isinstance(value, list) else [value]:
        try:
            scans.append(Scan(*parse_record(row)))
        except InvalidInput:
            bad_count += 1
    return scans, bad_count


def parse_record(value: object) -> tuple[ActivityRecord, bytes | None]:
    """The record and its picture, encoded; a picture that is no base64 is none.

    Raises:
        InvalidInput: no object, no person's number, or a number that no store can hold.
    """
    if not isinstance(value, Mapping):
        raise InvalidInput("a record is an object", field="record")
    codes = {name: _code(value.get(name)) for name in _CODES}
    unreadable = {name: _shown(value.get(name)) for name, code in codes.items() if code is None}
    record = ActivityRecord(
        enroll_id=parse_enroll_id(value),
        time_text=clean_text(value.get("time"), _MAX_TIME_CHARS),
        mode=codes["mode"] or 0,
        in_out=codes["inout"] or 0,
        event=codes["event"] or 0,
        alias_id=clean_text(value.get("aliasid")),
        name=clean_text(value.get("name")),
        verify_mode=None if value.get("verifymode") in (None, "") else codes["verifymode"],
        temperature_c=_temperature_c(value.get("temp")),
        note=_note(value.get("note"), unreadable),
    )
    return record, decode_picture(value.get("image"))


def parse_enroll_id(row: Mapping[str, object]) -> int:
    """The person's number, under whichever of the known names.

    Raises:
        InvalidInput: it is missing, negative or beyond 63 bits.
    """
    value = next((row[key] for key in _ID_KEYS if row.get(key) is not None), None)
    if value is None:
        raise InvalidInput("a record needs an enrollid", field="enrollid")
    number = whole_number(value, field="enrollid")
    if not 0 <= number <= _MAX_ID:
        raise InvalidInput("an enrollid is not negative and has at most 63 bits", field="enrollid")
    return number


def whole_number(value: object, *, field: str) -> int:
    """A number that may be written as a decimal text, as `8.0` or as a boolean.

    Raises:
        InvalidInput: it is none.
    """
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return int(value)
    raise InvalidInput(f"{field} is a whole number", field=field)


def clean_text(value: object, max_chars: int = _MAX_TEXT_CHARS) -> str:
    """A text that every store takes: no NUL, no half characters, not too long. Numbers become text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)[:max_chars].replace("\0", "")
    return text.encode("utf-8", "replace").decode()


def decode_picture(value: object) -> bytes | None:
    """The bytes of base64, with or without a `data:` prefix; None for what is none, or is empty."""
    if not isinstance(value, str):
        return None
    text = value.lstrip()
    if text[:5].lower() == "data:":
        text = text.partition(",")[2]
    text = "".join(text.split())
    padding = "=" * (-len(text) % 4)  # some leave it out
    try:
        return binascii.a2b_base64(text + padding, strict_mode=True) or None
    except ValueError:  # binascii.Error is one; plain ValueError is raised for non-ASCII text
        return None


def _code(value: object) -> int | None:
    """0 where there is none; None for what is no code. A record is kept without it: it was made once."""
    if value is None or value == "":
        return 0
    try:
        number = whole_number(value, field="code")
    except InvalidInput:
        return None
    return number if abs(number) <= _MAX_CODE else None


def _shown(value: object) -> str:
    """What stands in the note for a code that cannot be read."""
    return clean_text(value, _MAX_SHOWN_CHARS) or type(value).__name__


def _temperature_c(value: object) -> float | None:
    """Firmware says 36.5, 365 or 3650, and 0 for nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number) or number <= 0:
        return None
    if number > 1000:
        return number / 100
    return number / 10 if number > 100 else number


def _note(value: object, unreadable: Mapping[str, str]) -> str:
    """The terminal's own note as JSON, with the codes of the record that could not be read."""
    text = _json(value) if value not in (None, "") else "{}"
    # Cut JSON is no JSON: a note that is too long is kept as a text that says so.
    if len(text) > _MAX_NOTE_CHARS:
        value, text = {"too_long": len(text)}, json.dumps({"too_long": len(text)})
    if unreadable:
        own = {} if value in (None, "") else value if isinstance(value, dict) else {"note": value}
        text = _json({**own, "unreadable": unreadable})
    return clean_text(text, 2 * _MAX_NOTE_CHARS)


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return "{}"
