"""What a terminal says when it does not do what it was asked."""

from collections.abc import Mapping

from facegate.domain.errors import TerminalRefused
from facegate.domain.terminals.commands import CommandReply, has_succeeded

MAX_TOLD_CHARS = 100

_PHOTO_REASONS: Mapping[str, str] = {
    "5": "no face on the photo",
    "6": "several faces on the photo",
    "7": "the photo has too many pixels",
    "8": "the face is too large on the photo",
    "9": "the face is too small on the photo",
    "10": "the photo is too poor",
    "11": "the face is partly hidden or turned away",
    "12": "this face is enrolled already",
}
"""One manual says so, for photos alone; what the same codes mean elsewhere is not known."""

_PHOTO_WORD = "setuserinfo"


def check_reply(word: str, reply: CommandReply) -> CommandReply:
    """The reply of a terminal that did it.

    Raises:
        TerminalRefused: it did not.
    """
    if not has_succeeded(reply):
        raise refusal(word, reply)
    return reply


def refusal(word: str, reply: CommandReply) -> TerminalRefused:
    """The error for a reply that says no: the terminal's `reason` and `msg` are handed on."""
    reason = _told(reply.get("reason"))
    message = _told(reply.get("msg"))
    meaning = _PHOTO_REASONS.get(reason, "") if word == _PHOTO_WORD else ""
    said = ", ".join(part for part in (reason and f"reason {reason}", meaning, message) if part)
    return TerminalRefused(
        f"the terminal refused {word}" + (f": {said}" if said else ""), reason=reason or None
    )


def has_no_data(reply: CommandReply) -> bool:
    """Whether the person has no such credential; that the person is unknown is another refusal."""
    return not has_succeeded(reply) and "no data" in _told(reply.get("msg")).lower()


def _told(value: object) -> str:
    """A short printable form of what the terminal wrote; nothing for what is neither text nor number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).strip()[:MAX_TOLD_CHARS]
    return "".join(character if character.isprintable() else "?" for character in text)
