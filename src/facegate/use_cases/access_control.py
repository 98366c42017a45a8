"""Tokens: made, listed, revoked and recognised."""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from facegate.domain.access import Door, TokenRecord, hash_token, new_token
from facegate.domain.errors import InvalidInput, TokenNotFound
from facegate.ports.clock import Clock
from facegate.ports.token_store import TokenStore

MAX_TOKEN_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """A new token; `secret` is shown once and kept nowhere."""

    record: TokenRecord
    secret: str


class AccessControl:
    """Recognises tokens in constant time.

    `configured` are records of tokens from the settings, which live as long as the process. The store's
    records are read at start and after every change made here; another process must not change them
    (the data folder's lock sees to that).
    """

    def __init__(self, store: TokenStore, clock: Clock, configured: Sequence[TokenRecord] = ()) -> None:
        self._store = store
        self._clock = clock
        self._configured = tuple(configured)
        self._known: tuple[TokenRecord, ...] = ()
        self.reload()

    def reload(self) -> None:
        """Reads the store again."""
        self._known = (*self._configured, *self._store.list_tokens())

    def recognise(self, token: str) -> TokenRecord | None:
        """The record of a current token, or None for an unknown or expired one.

        Every record is compared, found or not, so that the time taken tells nothing.
        """
        presented = hash_token(token)
        now = self._clock.now_utc()
        found: TokenRecord | None = None
        for record in self._known:
            is_same = hmac.compare_digest(record.token_hash, presented)
            is_current = record.expires_at is None or now < record.expires_at
            if is_same and is_current:
                found = record
        return found

    def allows(self, record: TokenRecord, door: Door) -> bool:
        """Whether the token opens this door now."""
        return record.allows(door, self._clock.now_utc())

    def create(
        self, name: str, *, doors: Sequence[Door] = (), lifetime: timedelta | None = None
    ) -> CreatedToken:
        """Makes and keeps a token. No doors means all.

        Raises:
            InvalidInput: an empty or overlong name, or a lifetime that is not positive.
        """
        name = name.strip()
        if not name or len(name) > MAX_TOKEN_NAME_CHARS or not name.isprintable():
            raise InvalidInput(
                f"a token's name is 1 to {MAX_TOKEN_NAME_CHARS} printable characters", field="name"
            )
        secret = new_token()
        now = self._clock.now_utc()
        record = TokenRecord(
            token_id=uuid.uuid4().hex,
            name=name,
            token_hash=hash_token(secret),
            doors=frozenset(doors),
            created_at=now,
            expires_at=_expiry(now, lifetime),
        )
        self._store.add_token(record)
        self.reload()
        return CreatedToken(record, secret)

    def list_tokens(self) -> list[TokenRecord]:
        """Stored tokens, oldest first, and those from the settings before them."""
        return list(self._known)

    def revoke(self, token_id: str) -> None:
        """Ends a stored token at once.

        Raises:
            TokenNotFound: there is none with this id; tokens from the settings end with the setting.
        """
        if not self._store.remove_token(token_id):
            raise TokenNotFound("no stored token has this id")
        self.reload()


def _expiry(now: datetime, lifetime: timedelta | None) -> datetime | None:
    if lifetime is None:
        return None
    if lifetime <= timedelta(0):
        raise InvalidInput("a token's lifetime is longer than nothing", field="expires_in_days")
    try:
        return now + lifetime
    except OverflowError as error:
        raise InvalidInput("a token's lifetime is too long", field="expires_in_days") from error
