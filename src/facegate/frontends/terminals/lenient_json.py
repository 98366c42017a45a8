"""From a terminal's text to a JSON value, as lenient as field reports ask for. No I/O."""

import json
import re

MAX_MARKS = 200_000
"""Commas and opening brackets in one message. A page of logs has a few thousand; millions of empty lists
would hold the interpreter for seconds."""

_STRING_OR_SURPLUS_COMMA = re.compile(
    # A string, also one that never ends, is passed over in one go: time stays linear.
    r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|,(?=\s*+[\]}])',
    re.DOTALL,
)


class NotJson(Exception):
    """It is no JSON, even when mended; the text says why and repeats nothing of it."""


def read_json(content: str | bytes) -> object:
    """The value; commas before a closing bracket are passed over, as some firmware sends them.

    Raises:
        NotJson: it cannot be read.
    """
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    # Firmware in C may send the NUL at the end of its text along.
    text = text.strip("\ufeff\0 \t\r\n")
    if sum(text.count(mark) for mark in ",[{") > MAX_MARKS:
        raise NotJson("more parts than any message has")
    try:
        return _parse(text)
    except NotJson:
        mended = _STRING_OR_SURPLUS_COMMA.sub(lambda found: found[1] or "", text)
        if mended == text:
            raise
        return _parse(mended)


def _parse(text: str) -> object:
    try:
        # Not strict: a raw tab or line break inside a text does no harm.
        return json.loads(text, strict=False, parse_constant=lambda _: None)
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
    except ValueError as error:
        raise NotJson("not JSON") from error
