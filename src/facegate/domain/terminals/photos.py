"""Photos of people as terminals keep them: JPEG or PNG, told apart by their content alone."""

import base64

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.records import decode_picture

PHOTO_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")

MAX_PHOTO_BYTES = 2**20
"""Manuals ask for less than 150 kB; far beyond it terminals fail without saying why."""


def decode_photo(value: object) -> bytes | None:
    """The encoded picture in a terminal's `record`; None when there is none in it."""
    photo = decode_picture(value)
    return photo if photo is not None and photo.startswith(PHOTO_SIGNATURES) else None


def encode_photo(photo: bytes) -> str:
    """Plain base64, as every terminal takes it.

    Raises:
        InvalidInput: the photo is neither JPEG nor PNG, or larger than 1 MiB.
    """
    if not photo.startswith(PHOTO_SIGNATURES):
        raise InvalidInput("terminals take photos as JPEG or PNG", field="photo")
    if len(photo) > MAX_PHOTO_BYTES:
        raise InvalidInput("the photo is too large for a terminal: send a JPEG under 150 kB", field="photo")
    return base64.b64encode(photo).decode("ascii")
