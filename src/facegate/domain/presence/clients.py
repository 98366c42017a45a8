"""Workstation users as the presence door knows them. Whether somebody is enrolled is the gallery's affair."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ClientStatus(StrEnum):
    """`registered` has never logged in; `paused` is not judged; `blocked` is turned away."""

    REGISTERED = "registered"
    ACTIVE = "active"
    PAUSED = "paused"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class PresenceClient:
    """A registered client; its id is the subject's.

    `token_hash` is the SHA-256 of the client's own token, None when it needs none. `networks` are the only
    addresses it may come from, as CIDR texts; empty means any that the door lets in.
    """

    client_id: str
    status: ClientStatus
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None = None
    token_hash: str | None = None
    networks: tuple[str, ...] = ()
    status_note: str = ""
