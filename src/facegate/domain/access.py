"""Who may enter which door: tokens and their scopes. Tokens themselves are never stored, only hashes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TOKEN_PREFIX = "fg_"  # noqa: S105 - a marker, not a secret


class Door(StrEnum):
    """The doors, as scopes of tokens name them."""

    REST_V1 = "rest_v1"
    PERSONS = "persons"
    ATTENDANCE = "attendance"
    VERIFICATION = "verification"
    PRESENCE = "presence"
    TERMINALS = "terminals"
    ADMIN_PUSH = "admin_push"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A named token. Empty `doors` means every door; `expires_at` None means never."""

    token_id: str
    name: str
    token_hash: str
    doors: frozenset[Door]
    created_at: datetime
    expires_at: datetime | None = None

    def allows(self, door: Door, at: datetime) -> bool:
        """Whether this token opens the door at this time."""
        is_current = self.expires_at is None or at < self.expires_at
        return is_current and (not self.doors or door in self.doors)


def new_token() -> str:
    """A fresh secret with 256 random bits, recognisable by its prefix in a leak scan."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """SHA-256 in hex. Our tokens carry 256 random bits, so a slow hash would protect nothing more."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
