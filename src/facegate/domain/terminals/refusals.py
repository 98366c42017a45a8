"""What a terminal says when it does not do what it was asked."""

from facegate.domain.errors import TerminalRefused
from facegate.domain.terminals.codes import reason_label
from facegate.domain.terminals.commands import CommandReply, has_succeeded
from facegate.domain.terminals.records import clean_text

MAX_TOLD_CHARS = 100


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
    # What a code means is known, if at all, for photos: elsewhere the number says more than a guess.
    meaning = reason_label(reason) if word == "setuserinfo" and reason.isdecimal() else ""
    said = ", ".join(
        part for part in (reason and f"reason {reason}", meaning, _told(reply.get("msg"))) if part
    )
    return TerminalRefused(
        f"the terminal refused {word}" + (f": {said}" if said else ""), reason=reason or None
    )


def has_no_data(reply: CommandReply) -> bool:
    """Whether the person has no such credential; that the person is unknown is another refusal."""
    return not has_succeeded(reply) and "no data" in _told(reply.get("msg")).lower()


def _told(value: object) -> str:
    """A short printable form of what the terminal wrote; nothing for what is neither text nor number."""
    text = clean_text(value, MAX_TOLD_CHARS).strip()
    return "".join(character if character.isprintable() else "?" for character in text)
