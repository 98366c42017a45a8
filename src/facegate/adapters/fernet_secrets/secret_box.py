"""The `SecretBox` port with Fernet."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from typing_extensions import override

from facegate.domain.errors import CapabilityMissing, InvalidInput
from facegate.ports.alerts.secret_box import SecretBox


def new_key() -> str:
    """A random key of 44 characters."""
    return Fernet.generate_key().decode()


class FernetSecretBox(SecretBox):
    """Seals under the first of its keys and opens under any: a new key is put before the old one."""

    def __init__(self, keys: str) -> None:
        """One key, or several with commas, blanks or line breaks between, the newest first.

        Raises:
            InvalidInput: not a key; the sentence does not repeat it.
        """
        try:
            boxes = [Fernet(key) for key in keys.replace(",", " ").split()]
            self._box = MultiFernet(boxes)
        except (ValueError, TypeError):
            # Without its cause, which may hold the key.
            raise InvalidInput(
                "FACEGATE_ALERTS__SECRET_KEY must be 44 characters of base64: "
                "make one with `facegate secrets new-key`, or leave it out and one is generated",
                field="alerts.secret_key",
            ) from None

    @override
    def seal(self, secret: str) -> str:
        return self._box.encrypt(secret.encode("utf-8", "surrogatepass")).decode("ascii")

    @override
    def open(self, sealed: str) -> str:
        try:
            return self._box.decrypt(sealed.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
        except (InvalidToken, UnicodeDecodeError) as error:
            raise CapabilityMissing(
                "a stored secret was sealed under another key, or is damaged: put the earlier key back "
                "(FACEGATE_ALERTS__SECRET_KEY, or secrets.key in the data folder), or delete the camera or "
                "channel and add it again",
                capability="secrets",
            ) from error
