"""Words as Telegram takes them: plain, and no longer than it allows.

Nothing is marked up, so nothing has to be escaped: a person may be called `*_<b>`.
"""

import re

from facegate.domain.alerts.messages import OutboxMessage

MAX_CAPTION_UNITS = 1024
MAX_TEXT_UNITS = 4096

_ELLIPSIS = "…"
_JOINERS = "\u200d\ufe0e\ufe0f"
_LONGEST_TORN_WORD = 40
"""A cut goes back to the last blank if that is near; else a word is torn."""


def utf16_units(text: str) -> int:
    """The length by which Telegram counts: most emoji are two."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)


def words_of(message: OutboxMessage) -> str:
    """Title and body, one below the other; what cannot be written as UTF-8 is replaced."""
    text = "\n".join(part for part in (message.text.title.strip(), message.text.body.strip()) if part)
    return text.encode("utf-8", "replace").decode() or message.kind.value


def cut(text: str, max_units: int) -> str:
    """The text, or its beginning and an ellipsis, at a blank where one is near.

    An emoji that is put together of several keeps its parts or goes whole.
    """
    if utf16_units(text) <= max_units:
        return text
    kept = _first_units(text, max_units - 1)
    rest = text[len(kept) :]
    if not rest[0].isspace():
        blank = max((found.start() for found in re.finditer(r"\s", kept)), default=-1)
        if blank > 0 and len(kept) - blank <= _LONGEST_TORN_WORD:
            kept = kept[:blank]
        else:
            kept = _without_torn_emoji(kept, rest)
    return kept.rstrip() + _ELLIPSIS


def _first_units(text: str, max_units: int) -> str:
    used = 0
    for place, char in enumerate(text):
        used += 2 if ord(char) > 0xFFFF else 1
        if used > max_units:
            return text[:place]
    return text


def _without_torn_emoji(kept: str, rest: str) -> str:
    """Without the last character as long as it belongs together with what follows."""
    while kept and (rest[0] in _JOINERS or "\u0300" <= rest[0] <= "\u036f" or kept[-1] == "\u200d"):
        kept, rest = kept[:-1], kept[-1] + rest
    return kept
