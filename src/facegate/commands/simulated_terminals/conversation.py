"""What terminals and server say to each other, for people to read: photos by their size, secrets masked."""

import base64
import binascii
import json
import math
from collections.abc import Callable
from datetime import datetime

from facegate.commands.simulated_terminals.device.people import PHOTO

_LONGEST_TEXT = 80
_LONGEST_LINE = 600
_SECRET_WORDS = ("password", "secret", "token")
_SECRET_KEYS = frozenset({"card", "pin", "pwd"})
_PHOTO_KEYS = frozenset({"image", "photo"})
_MASK = "***"
_PHOTO_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n")


class Conversation:
    """One line for each message; `say` prints a line."""

    def __init__(self, say: Callable[[str], None], *, names_terminal: bool) -> None:
        self._say = say
        self._names_terminal = names_terminal

    def sent(self, serial_number: str, content: str | bytes) -> None:
        """To the server."""
        self._line(serial_number, "→", readable(content))

    def heard(self, serial_number: str, content: str | bytes) -> None:
        """From the server."""
        self._line(serial_number, "←", readable(content))

    def noted(self, serial_number: str, sentence: str) -> None:
        """About the connection."""
        self._line(serial_number, "·", sentence)

    def _line(self, serial_number: str, sign: str, text: str) -> None:
        moment = f"{datetime.now().astimezone():%H:%M:%S}"
        who = f" {serial_number}" if self._names_terminal else ""
        self._say(f"{moment}{who} {sign} {text}")


def readable(content: str | bytes) -> str:
    """The message on one line without what nobody should see."""
    if isinstance(content, bytes):
        return f"<binary, {len(content):,} bytes>"
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        return f"<no JSON> {shortened(content)!r}"
    try:
        text = json.dumps(_masked(message, "", _record_meaning(message)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"<odd JSON> {shortened(content)!r}"
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}… ({len(text):,} characters)"


def shortened(text: str) -> str:
    """At most 80 characters."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _record_meaning(message: object) -> str:
    """What a plain `record` holds: the key under which a value of that kind would stand."""
    if not isinstance(message, dict):
        return "password"
    word = message.get("cmd", message.get("ret"))
    if word == "getusername":
        return "name"
    return "photo" if message.get("backupnum") in (PHOTO, str(PHOTO)) else "password"


def _masked(value: object, key: str, record_meaning: str) -> object:
    if isinstance(value, dict):
        return {name: _masked(part, str(name), record_meaning) for name, part in value.items()}
    if isinstance(value, list):
        return [_masked(part, key, record_meaning) for part in value]
    meaning = record_meaning if key == "record" else key.lower()
    if meaning in _PHOTO_KEYS and isinstance(value, str):
        return _photo_words(value)
    if value not in ("", None) and (
        meaning in _SECRET_KEYS or any(word in meaning for word in _SECRET_WORDS)
    ):
        return _MASK
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"<text, {len(value):,} characters>"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _photo_words(value: str) -> str:
    text = value.partition(",")[2] if value.startswith("data:") else value
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return f"<no photo, {len(value):,} characters>"
    kind = "photo" if content.startswith(_PHOTO_STARTS) else "no photo"
    return f"<{kind}, {len(content):,} bytes>"
