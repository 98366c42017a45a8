"""Secrets at rest with Fernet: AES-128-CBC and HMAC-SHA256."""

from facegate.adapters.fernet_secrets.key_file import KEY_FILE_NAME, load_or_make_key
from facegate.adapters.fernet_secrets.secret_box import FernetSecretBox, new_key

__all__ = ["KEY_FILE_NAME", "FernetSecretBox", "load_or_make_key", "new_key"]
