"""Secrets at rest."""

from typing import Protocol


class SecretBox(Protocol):
    """Encrypts with authentication under the server's key; safe from several threads."""

    def seal(self, secret: str) -> str:
        """Printable, and another text each time."""
        ...

    def open(self, sealed: str) -> str:
        """The secret.

        Raises:
            CapabilityMissing: sealed under another key, or damaged; says what to do.
        """
        ...
