"""From a terminal's text to what it asks. What it means to the gallery is the use cases' matter. No I/O."""

import json
from collections.abc import Mapping
from contextlib import suppress

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.commands import MAX_WORD_CHARS
from facegate.domain.terminals.device_parameters import is_secret_name
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
    Unkept,
    Unusable,
    UserPush,
)

_MAX_FACTS = 60
_MAX_FACT_CHARS = 64
_MAX_BACKUP_NUMBER = 255
_MAX_ECHO_CHARS = 64
_MAX_ECHO_NUMBER = 2**63

_PICTURE_HEADS = (b"\xff\xd8\xff", b"\x89PNG")


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
    facts: dict[str, str | int | float | bool] = {}
    if body.get("cpusn") is not None:
        facts["cpusn"] = clean_text(body["cpusn"], _MAX_FACT_CHARS)
    for name, given_value in info.items():
        value = None if is_secret_name(name) else _fact(name, given_value)
        if value is not None and len(facts) < _MAX_FACTS:
            facts[clean_text(name, _MAX_FACT_CHARS)] = value
    return DeviceInfo(
        model_name=clean_text(info.get("modelname"), _MAX_FACT_CHARS),
        firmware=clean_text(info.get("firmware"), _MAX_FACT_CHARS),
        mac_address=clean_text(info.get("mac"), _MAX_FACT_CHARS),
        time_text=clean_text(info.get("time"), _MAX_FACT_CHARS),
        facts=facts,
    )


def _fact(name: str, value: object) -> str | int | float | bool | None:
    """What is plain, whole numbers also where they are written as texts; None for the rest."""
    if isinstance(value, str) and (name.startswith("used") or name.endswith("size")):
        with suppress(InvalidInput):
            value = whole_number(value, field=name)
    if isinstance(value, str):
        return clean_text(value, _MAX_FACT_CHARS)
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    return value if isinstance(value, float) else None


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


def _user_push(body: Message) -> UserPush | Unkept:
    picture = decode_picture(body.get("record"))
    is_picture = picture is not None and picture.startswith(_PICTURE_HEADS)
    given = body.get("backupnum")
    # Some face readers leave the number out.
    fallback = PHOTO_BACKUP_NUMBER if is_picture else 0
    backup_number = fallback if given is None or given == "" else whole_number(given, field="backupnum")
    if not 0 <= backup_number <= _MAX_BACKUP_NUMBER:
        return Unkept("senduser", "no credential has this backupnum")
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
