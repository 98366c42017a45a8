"""What scripts push and are told, in the old server's words. No framework here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from pydantic import BaseModel

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.devices import parse_serial_number

INCORRECT_AUTHORIZATION: Final = "Incorrect authorization."
INCOMPLETE_DATA: Final = "Incomplete or incorrect data."
NO_RESPONSE: Final = "No response."

REBOOT: Final = "reboot"

_MAX_PARTS = 20_000
"""Commas and opening brackets in one body. The largest lock settings of a terminal have some 500; ten million
empty lists would hold up the interpreter, and so every request, for seconds."""


class StatusMessage(BaseModel):
    """Every answer that is not a terminal's own."""

    status: str


@dataclass(frozen=True, slots=True)
class Push:
    """A command for one terminal; `body` is the whole object, `sn` and `cmd` included."""

    serial_number: str
    word: str
    body: Mapping[str, object] = field(repr=False)


def parse_push(content: bytes) -> Push:
    """The command in a JSON body. An `sn` that is a whole number is taken for its digits.

    Raises:
        InvalidInput: not JSON, no object, or without an `sn` and a `cmd` that can be ones.
    """
    body = _parsed(content)
    if not isinstance(body, dict):
        raise _incomplete()
    serial_number, word = body.get("sn"), body.get("cmd")
    if type(serial_number) is int:
        serial_number = str(serial_number)
    if not isinstance(serial_number, str) or not isinstance(word, str) or not word:
        raise _incomplete()
    try:
        return Push(parse_serial_number(serial_number), word, body)
    except InvalidInput as error:
        raise _incomplete() from error


def reply_text(reply: Mapping[str, object]) -> str:
    """The terminal's answer as JSON, ASCII alone: halves of characters, too, which firmware sends."""
    return json.dumps(dict(reply), separators=(",", ":"))


def _parsed(content: bytes) -> object:
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > _MAX_PARTS:
        raise _incomplete()
    try:
        parsed: object = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _incomplete() from error
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _incomplete() -> InvalidInput:
    return InvalidInput(INCOMPLETE_DATA, field="body")
