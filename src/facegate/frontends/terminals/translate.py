"""From a terminal's text to what it asks. What it means to the gallery is the use cases' matter. No I/O."""

import json
from collections.abc import Mapping
from contextlib import suppress

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.activity import UNKNOWN_FACE_ENROLL_ID, ActivityRecord, Scan
from facegate.domain.terminals.commands import MAX_WORD_CHARS
from facegate.domain.terminals.devices import DeviceInfo, parse_serial_number
from facegate.domain.terminals.enrolments import PHOTO_BACKUP_NUMBER
from facegate.domain.terminals.records import (
    clean_text,
    decode_picture,
    parse_enroll_id,
    parse_records,
    record_rows,
    whole_number,
)
from facegate.frontends.terminals.lenient_json import NotJson, read_json
from facegate.frontends.terminals.messages import (
    BadRequest,
    CodeScan,
    DeviceAnswer,
    Incoming,
    LogBatch,
    Message,
    OtherRequest,
    Registration,
    Request,
    Unusable,
    UserPush,
)

_MAX_FACTS = 100
_MAX_FACT_CHARS = 200
_MAX_ECHO_CHARS = 64
_MAX_ECHO_NUMBER = 2**63

_PICTURE_HEADS = (b"\xff\xd8\xff", b"\x89PNG")

QR_VERIFY_MODE = 13


def read_message(content: str | bytes) -> Incoming:
    """What a message says. Megabytes take some milliseconds: call it for those on a worker thread."""
    try:
        body = read_json(content)
    except NotJson as error:
        return Unusable(str(error))
    if not isinstance(body, dict):
        return Unusable("no object")
    ret, word = body.get("ret"), body.get("cmd")
    if isinstance(ret, str) and ret:
        return DeviceAnswer(ret, body)
    if not isinstance(word, str) or not word:
        return Unusable("neither cmd nor ret")
    if len(word) > MAX_WORD_CHARS:
        return Unusable("a cmd that is too long")
    try:
        return _request(word, body)
    except InvalidInput as error:
        return BadRequest(word, error.message)


def wire_text(message: Message) -> str:
    """The text of a message: plain UTF-8, since not every firmware knows escapes."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a character, which a caller put into a command
        return json.dumps(message, separators=(",", ":"))
    return text


def code_as_scan(scan: CodeScan, time_text: str) -> Scan:
    """A code as a record of whoever has it as a number, else of a stranger: one policy decides both."""
    is_number = scan.code.isascii() and scan.code.isdecimal() and len(scan.code) <= 12
    enroll_id = int(scan.code) if is_number else 0
    return Scan(ActivityRecord(enroll_id or UNKNOWN_FACE_ENROLL_ID, time_text, verify_mode=QR_VERIFY_MODE))


def _request(word: str, body: Message) -> Request:
    match word:
        case "reg":
            return Registration(_serial_number(body.get("sn")), _device_info(body))
        case "sendlog":
            scans, bad_count = parse_records(record_rows(body))
            return LogBatch(tuple(scans), bad_count, _echo(body))
        case "senduser":
            return _user_push(body)
        case "sendqrcode":
            return CodeScan(word, clean_text(body.get("record")))
        case "sendpin":
            return CodeScan(word, clean_text(body.get("pin")))
        case _:
            return OtherRequest(word, body)


def _serial_number(value: object) -> str | None:
    try:
        return parse_serial_number(clean_text(value).strip())
    except InvalidInput:
        return None


def _device_info(body: Message) -> DeviceInfo:
    given = body.get("devinfo")
    info = given if isinstance(given, Mapping) else {}
    facts = {
        name[:_MAX_FACT_CHARS]: value
        for name, value in map(_fact, info.items())
        if value is not None and "password" not in name
    }
    if isinstance(body.get("cpusn"), str):
        facts["cpusn"] = clean_text(body["cpusn"], _MAX_FACT_CHARS)
    return DeviceInfo(
        model_name=clean_text(info.get("modelname")),
        firmware=clean_text(info.get("firmware")),
        mac_address=clean_text(info.get("mac")),
        time_text=clean_text(info.get("time")),
        facts=dict(list(facts.items())[:_MAX_FACTS]),
    )


def _fact(item: tuple[str, object]) -> tuple[str, str | int | float | bool | None]:
    name, value = clean_text(item[0]), item[1]
    if isinstance(value, str) and (name.startswith("used") or name.endswith("size")):
        with suppress(InvalidInput):
            value = whole_number(value, field=name)
    if isinstance(value, str):
        return name, clean_text(value, _MAX_FACT_CHARS)
    is_plain = isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**63)
    return name, value if is_plain else None  # type: ignore[return-value]


def _echo(body: Message) -> dict[str, int | str | float]:
    """Exactly as it came, unless nobody could mean it."""
    echo: dict[str, int | str | float] = {}
    for name in ("count", "logindex"):
        value = body.get(name)
        if isinstance(value, str):
            echo[name] = value[:_MAX_ECHO_CHARS]
        elif isinstance(value, int | float) and abs(value) < _MAX_ECHO_NUMBER:
            echo[name] = value
    return echo


def _user_push(body: Message) -> UserPush:
    picture = decode_picture(body.get("record"))
    is_picture = picture is not None and picture.startswith(_PICTURE_HEADS)
    given = body.get("backupnum")
    # Some face readers leave the number out.
    fallback = PHOTO_BACKUP_NUMBER if is_picture else 0
    backup_number = fallback if given is None or given == "" else whole_number(given, field="backupnum")
    if not 0 <= backup_number < 2**15:
        raise InvalidInput("a backupnum has at most 15 bits", field="backupnum")
    enroll_id = parse_enroll_id(body)
    if enroll_id == 0:
        raise InvalidInput("nobody has the number 0", field="enrollid")
    return UserPush(
        enroll_id=enroll_id,
        backup_number=backup_number,
        name=clean_text(body.get("name")),
        is_administrator=_is_administrator(body.get("admin")),
        photo=picture if is_picture and backup_number == PHOTO_BACKUP_NUMBER else None,
    )


def _is_administrator(value: object) -> bool:
    try:
        return whole_number(value, field="admin") > 0
    except InvalidInput:
        return False
