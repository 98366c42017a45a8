"""The rules of a client's log-in: who is let in, and what is written down of it. No store is touched here."""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from facegate.domain.access import hash_token
from facegate.domain.presence.clients import ClientStatus, PresenceClient, StatusCommand, changed_status
from facegate.domain.presence.networks import is_listed

_SEEN_PRECISION = timedelta(minutes=1)


class LogInRefusal(StrEnum):
    """Why a client is not let in."""

    UNKNOWN_CLIENT = "unknown_client"
    WRONG_ADDRESS = "wrong_address"
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - a reason, not a secret
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class LogIn:
    """Either `client`, who may be paused, or `refusal`; `session_id` when a session was opened with it."""

    client: PresenceClient | None
    refusal: LogInRefusal | None = None
    session_id: str | None = None


def refusal_of(client: PresenceClient | None, token: str | None, address: str) -> LogInRefusal | None:
    """Address and token come before the status, so that a stranger does not learn it."""
    if client is None:
        return LogInRefusal.UNKNOWN_CLIENT
    if client.networks and not is_listed(address, client.networks):
        return LogInRefusal.WRONG_ADDRESS
    if client.token_hash is not None and not hmac.compare_digest(client.token_hash, hash_token(token or "")):
        return LogInRefusal.WRONG_TOKEN
    return LogInRefusal.BLOCKED if client.status is ClientStatus.BLOCKED else None


def is_worth_writing(client: PresenceClient | None, now: datetime) -> bool:
    """False for a client seen within the last minute: one that comes again and again costs no disk."""
    if client is None:
        return False
    is_first = client.status is ClientStatus.REGISTERED or client.last_seen_at is None
    return is_first or now - (client.last_seen_at or now) >= _SEEN_PRECISION


def logged_in(client: PresenceClient, now: datetime) -> PresenceClient:
    """The record after a log-in at this time; a blocked one stays as it is."""
    if client.status is ClientStatus.BLOCKED:
        return client
    status = changed_status(client.status, StatusCommand.LOG_IN)
    updated_at = client.updated_at if status is client.status else now
    return replace(client, status=status, last_seen_at=now, updated_at=updated_at)
