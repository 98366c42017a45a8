"""From a terminal's text to a JSON value, as lenient as field reports ask for. No I/O.

The parser lets no other thread run while it reads, so whatever makes it slow is bounded before.
"""

import json
import math
import re
from collections.abc import Collection

MAX_PARTS = 20_000
"""Commas and opening brackets in one message. A page of logs has a few thousand; millions of empty lists
would hold the interpreter for seconds."""

MAX_QUOTES = 100_000
MAX_BACKSLASHES = 200_000
"""Some firmware writes `\\/` in base64, which makes one in 64 characters; millions are no picture."""

MAX_DEPTH = 64
"""Of values inside values. Real messages have four; whoever walks through one later must not fail."""

_MAX_NUMBER_CHARS = 400
"""Of a number with a point or an exponent; no double needs more."""

_SURPLUS_COMMA = re.compile(r",\s*+[\]}]")

_STRING_OR_SURPLUS_COMMA = re.compile(
    # A string, also one that never ends, is passed over in one go: time stays linear.
    r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|,(?=\s*+[\]}])',
    re.DOTALL,
)


class NotJson(Exception):
    """It is no JSON, even when mended; the text says why and repeats nothing of it."""


def read_json(content: str | bytes) -> object:
    """The value; commas before a closing bracket are passed over, as some firmware sends them.

    Numbers that are infinite or none become null: no store and no JSON could hold them.

    Raises:
        NotJson: it cannot be read.
    """
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    # Firmware in C may send the NUL at the end of its text along.
    text = text.strip("\ufeff\0 \t\r\n")
    if part_count(text) > MAX_PARTS or text.count('"') > MAX_QUOTES or text.count("\\") > MAX_BACKSLASHES:
        raise NotJson("more parts than any message has")
    try:
        value = _parse(text)
    except NotJson:
        if _SURPLUS_COMMA.search(text) is None:
            raise
        value = _parse(_STRING_OR_SURPLUS_COMMA.sub(lambda found: found[1] or "", text))
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(value):
        raise NotJson("nested too deeply")
    return value


def part_count(content: str | bytes) -> int:
    """How many values there can be at most, nearly: the measure of the work that a message makes."""
    if isinstance(content, bytes):
        return content.count(b",") + content.count(b"[") + content.count(b"{")
    return content.count(",") + content.count("[") + content.count("{")


def _parse(text: str) -> object:
    try:
        # Not strict: a raw tab or line break inside a text does no harm.
        return json.loads(text, strict=False, parse_constant=lambda _: None, parse_float=_finite)
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
    except ValueError as error:
        raise NotJson("not JSON") from error


def _finite(text: str) -> float | None:
    number = float(text) if len(text) <= _MAX_NUMBER_CHARS else math.inf
    return number if math.isfinite(number) else None


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: object) -> Collection[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
