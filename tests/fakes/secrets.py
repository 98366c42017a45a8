"""A secret box without cryptography: what it seals is not readable at a glance, and that is all."""

import hashlib
import secrets as random

from facegate.domain.errors import CapabilityMissing


class FakeSecretBox:
    """Two with the same `key` open what the other sealed."""

    def __init__(self, key: str = "key") -> None:
        self._key = key

    def seal(self, secret: str) -> str:
        hidden = secret.encode("utf-8", "surrogatepass")[::-1].hex()
        nonce = random.token_hex(4)
        return f"{nonce}.{hidden}.{self._proof(nonce, hidden)}"

    def open(self, sealed: str) -> str:
        nonce, _, rest = sealed.partition(".")
        hidden, _, proof = rest.partition(".")
        if proof != self._proof(nonce, hidden):
            raise CapabilityMissing(
                "a stored secret was sealed under another key: put the key back or enter it again",
                capability="secrets",
            )
        return bytes.fromhex(hidden)[::-1].decode("utf-8", "surrogatepass")

    def _proof(self, nonce: str, hidden: str) -> str:
        return hashlib.sha256(f"{self._key} {nonce} {hidden}".encode("utf-8", "replace")).hexdigest()[:16]
