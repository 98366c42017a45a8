"""The one error tree. No HTTP status and no close code lives here: each room maps kinds.

FacegateError
├── InvalidInput            a field is missing, of the wrong type or out of range
│   ├── UnreadableImage     the bytes are no complete image
│   ├── UnsupportedImage    an image, but of a format that is not accepted
│   └── ImageTooLarge       beyond the byte or pixel limit
├── FaceRefused             a picture that can be read but not used for this purpose
│   ├── NoFace
│   ├── SeveralFaces
│   ├── PoorQuality
│   └── NotLive
├── NotFound
│   ├── SubjectNotFound
│   ├── TemplateNotFound
│   ├── TokenNotFound
│   ├── ClientNotFound      no workstation user is registered under this id
│   ├── EvidenceNotFound
│   ├── TerminalNotFound    no terminal has this serial number
│   └── EnrolmentNotFound   no enrolment from a terminal waits under this name
├── SubjectExists
├── ClientConflict          the registered client's state does not allow this
├── TerminalOffline         the terminal is not connected
├── CommandTimedOut         the terminal did not answer in time
├── TerminalRefused         the terminal answered that it does not do this
├── AccessRefused
│   ├── NotAuthenticated
│   ├── NotPermitted
│   └── RateLimited
├── EngineOverloaded        the queue is full: come back later
├── CapabilityMissing       a model or an optional part is not there
├── EngineFailed            the runtime broke: never to be read as "no face"
├── StoreFailed             the store could not answer
├── BusFailed               what carries messages between processes cannot be reached
├── GalleryInUse            another process holds the data folder
└── InternalFault           a bug: raised by the outermost layer of a front end alone
"""

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
    SUBJECT_EXISTS = "subject_exists"
    CLIENT_CONFLICT = "client_conflict"
    TERMINAL_OFFLINE = "terminal_offline"
    COMMAND_TIMED_OUT = "command_timed_out"
    TERMINAL_REFUSED = "terminal_refused"
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


class InvalidInput(FacegateError):
    """A field is missing, of the wrong type or out of range; `field` names it when known."""

    kind = ErrorKind.INVALID_INPUT

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnreadableImage(InvalidInput):
    """The bytes are no complete image."""

    kind = ErrorKind.UNREADABLE_IMAGE


class UnsupportedImage(InvalidInput):
    """An image, but of a format that is not accepted."""

    kind = ErrorKind.UNSUPPORTED_IMAGE


class ImageTooLarge(InvalidInput):
    """Beyond the limit of bytes or pixels."""

    kind = ErrorKind.IMAGE_TOO_LARGE


class FaceRefused(FacegateError):
    """The picture can be read, but not used for this purpose."""


class NoFace(FaceRefused):
    """No face was found."""

    kind = ErrorKind.NO_FACE


class SeveralFaces(FaceRefused):
    """More than one face where exactly one is needed."""

    kind = ErrorKind.SEVERAL_FACES


class PoorQuality(FaceRefused):
    """The face is too small, blurred or turned; `quality` and `min_quality` are on 0..1."""

    kind = ErrorKind.POOR_QUALITY

    def __init__(self, message: str, *, quality: float, min_quality: float) -> None:
        super().__init__(message)
        self.quality = quality
        self.min_quality = min_quality


class NotLive(FaceRefused):
    """The liveness check says that this is a picture of a picture."""

    kind = ErrorKind.NOT_LIVE


class NotFound(FacegateError):
    """Something that was asked for by id does not exist."""


class SubjectNotFound(NotFound):
    """No subject has this id."""

    kind = ErrorKind.SUBJECT_NOT_FOUND


class TemplateNotFound(NotFound):
    """No template has this id."""

    kind = ErrorKind.TEMPLATE_NOT_FOUND


class TokenNotFound(NotFound):
    """No stored token has this id."""

    kind = ErrorKind.TOKEN_NOT_FOUND


class ClientNotFound(NotFound):
    """No client of the presence door is registered under this id."""

    kind = ErrorKind.CLIENT_NOT_FOUND


class EvidenceNotFound(NotFound):
    """No evidence is kept under this id."""

    kind = ErrorKind.EVIDENCE_NOT_FOUND


class TerminalNotFound(NotFound):
    """No terminal has this serial number."""

    kind = ErrorKind.TERMINAL_NOT_FOUND


class EnrolmentNotFound(NotFound):
    """No enrolment that came from a terminal is kept under this name."""

    kind = ErrorKind.ENROLMENT_NOT_FOUND


class SubjectExists(FacegateError):
    """The id is taken."""

    kind = ErrorKind.SUBJECT_EXISTS


class ClientConflict(FacegateError):
    """The client's state does not allow this: it is registered already, or it is blocked."""

    kind = ErrorKind.CLIENT_CONFLICT


class TerminalOffline(FacegateError):
    """The terminal is not connected, or its connection ended before it answered."""

    kind = ErrorKind.TERMINAL_OFFLINE


class CommandTimedOut(FacegateError):
    """The terminal did not answer in time; it may have done what was asked all the same."""

    kind = ErrorKind.COMMAND_TIMED_OUT


class TerminalRefused(FacegateError):
    """The terminal answered that it does not do this; `reason` is its code or text, if it gave one."""

    kind = ErrorKind.TERMINAL_REFUSED

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason


class AccessRefused(FacegateError):
    """The caller may not do this (now)."""


class NotAuthenticated(AccessRefused):
    """No token, or one that is not known or has expired."""

    kind = ErrorKind.NOT_AUTHENTICATED


class NotPermitted(AccessRefused):
    """Known, but not allowed at this door or from this address."""

    kind = ErrorKind.NOT_PERMITTED


class RateLimited(AccessRefused):
    """Too many requests; `retry_after_s` says when to come back."""

    kind = ErrorKind.RATE_LIMITED

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class EngineOverloaded(FacegateError):
    """The bounded queue is full; nothing was done."""

    kind = ErrorKind.OVERLOADED

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class CapabilityMissing(FacegateError):
    """A model or an optional part is not there; `capability` names it, the sentence says the way out."""

    kind = ErrorKind.CAPABILITY_MISSING

    def __init__(self, message: str, *, capability: str) -> None:
        super().__init__(message)
        self.capability = capability


class EngineFailed(FacegateError):
    """The inference runtime failed. Never to be read as "no face"."""

    kind = ErrorKind.ENGINE_FAILED


class StoreFailed(FacegateError):
    """The store could not read or write."""

    kind = ErrorKind.STORE_FAILED


class BusFailed(FacegateError):
    """What carries messages between processes cannot be reached."""

    kind = ErrorKind.BUS_FAILED


class GalleryInUse(FacegateError):
    """Another process holds the data folder."""

    kind = ErrorKind.GALLERY_IN_USE


class InternalFault(FacegateError):
    """Something that nobody foresaw; the log holds it under the request's id."""

    kind = ErrorKind.INTERNAL
