"""Names of what can go wrong, and what all errors are; the errors themselves are in `errors.py`."""

from enum import StrEnum
from typing import ClassVar


class ErrorKind(StrEnum):
    """Stable names of what can go wrong; every room has an answer for each."""

    INVALID_INPUT = "invalid_input"
    UNREADABLE_IMAGE = "unreadable_image"
    UNSUPPORTED_IMAGE = "unsupported_image"
    IMAGE_TOO_LARGE = "image_too_large"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    POOR_QUALITY = "poor_quality"
    NOT_LIVE = "not_live"
    SUBJECT_NOT_FOUND = "subject_not_found"
    TEMPLATE_NOT_FOUND = "template_not_found"
    TOKEN_NOT_FOUND = "token_not_found"  # noqa: S105 - a kind, not a secret
    CLIENT_NOT_FOUND = "client_not_found"
    EVIDENCE_NOT_FOUND = "evidence_not_found"
    TERMINAL_NOT_FOUND = "terminal_not_found"
    ENROLMENT_NOT_FOUND = "enrolment_not_found"
    CAMERA_NOT_FOUND = "camera_not_found"
    CHANNEL_NOT_FOUND = "channel_not_found"
    EVENT_NOT_FOUND = "event_not_found"
    SUBJECT_EXISTS = "subject_exists"
    CLIENT_CONFLICT = "client_conflict"
    TERMINAL_OFFLINE = "terminal_offline"
    COMMAND_TIMED_OUT = "command_timed_out"
    TERMINAL_REFUSED = "terminal_refused"
    CAMERA_FAILED = "camera_failed"
    CHANNEL_FAILED = "channel_failed"
    NOT_AUTHENTICATED = "not_authenticated"
    NOT_PERMITTED = "not_permitted"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    CAPABILITY_MISSING = "capability_missing"
    ENGINE_FAILED = "engine_failed"
    STORE_FAILED = "store_failed"
    BUS_FAILED = "bus_failed"
    GALLERY_IN_USE = "gallery_in_use"
    INTERNAL = "internal"


class FacegateError(Exception):
    """Base of all our errors: a stable kind and one sentence for people.

    The sentence never holds image data, templates, file paths or secrets; it may be sent to clients.
    """

    kind: ClassVar[ErrorKind]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
