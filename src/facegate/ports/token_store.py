"""Named access tokens, hashed."""

from typing import Protocol

from facegate.domain.access import TokenRecord


class TokenStore(Protocol):
    """Durable when a method returns. May raise StoreFailed."""

    def add_token(self, record: TokenRecord) -> None:
        """Keeps the record; a name may be used by several tokens, so that they overlap in rotation."""
        ...

    def list_tokens(self) -> list[TokenRecord]:
        """All records, oldest first, expired ones too."""
        ...

    def remove_token(self, token_id: str) -> bool:
        """False when there was none."""
        ...
