"""Workstation users as the presence door knows them. Whether somebody is enrolled is the gallery's affair."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from facegate.domain.errors import ClientConflict, InvalidInput


class ClientStatus(StrEnum):
    """`registered` waits for its first log-in; `paused` is not judged; `blocked` is turned away."""

    REGISTERED = "registered"
    ACTIVE = "active"
    PAUSED = "paused"
    BLOCKED = "blocked"


class StatusCommand(StrEnum):
    """What changes a status: four orders of an administrator, and the client's own log-in."""

    PAUSE = "pause"
    RESUME = "resume"
    BLOCK = "block"
    UNBLOCK = "unblock"
    LOG_IN = "log_in"


@dataclass(frozen=True, slots=True)
class PresenceClient:
    """A registered client; its id is the subject's.

    `token_hash` is the SHA-256 of the client's own token, None when it needs none. `networks` are the only
    addresses it may come from, as CIDR texts; empty means any that the door lets in. `last_seen_at` is its
    last log-in. `status_note` says why it is paused or blocked.
    """

    client_id: str
    status: ClientStatus
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None = None
    token_hash: str | None = None
    networks: tuple[str, ...] = ()
    status_note: str = ""


MAX_NOTE_CHARS = 500


def parse_status_note(text: str) -> str:
    """Why somebody is paused or blocked, in words: trimmed, at most 500 characters, no control characters.

    Raises:
        InvalidInput: with a sentence that says what is wrong.
    """
    note = text.strip()
    if len(note) > MAX_NOTE_CHARS:
        raise InvalidInput(f"the note is longer than {MAX_NOTE_CHARS} characters", field="note")
    if not {"Cc", "Cs"}.isdisjoint(unicodedata.category(char) for char in note):
        raise InvalidInput("the note holds a character that is not for reading", field="note")
    return note


_R, _A, _P, _B = ClientStatus.REGISTERED, ClientStatus.ACTIVE, ClientStatus.PAUSED, ClientStatus.BLOCKED

_REFUSED = None

_CHANGED: Mapping[StatusCommand, Mapping[ClientStatus, ClientStatus | None]] = {
    StatusCommand.PAUSE: {_R: _P, _A: _P, _P: _P, _B: _REFUSED},
    StatusCommand.RESUME: {_R: _R, _A: _A, _P: _A, _B: _REFUSED},
    StatusCommand.BLOCK: {_R: _B, _A: _B, _P: _B, _B: _B},
    StatusCommand.UNBLOCK: {_R: _R, _A: _A, _P: _P, _B: _A},
    StatusCommand.LOG_IN: {_R: _A, _A: _A, _P: _P, _B: _REFUSED},
}


def changed_status(status: ClientStatus, command: StatusCommand) -> ClientStatus:
    """The status after a command; only unblocking ends a block.

    Doing again what is done already changes nothing.

    Raises:
        ClientConflict: the client is blocked, and this command does not change that.
    """
    changed = _CHANGED[command][status]
    if changed is _REFUSED:
        raise ClientConflict("the client is blocked: unblock it first")
    return changed
