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
│   ├── SubjectNotFound, TemplateNotFound, TokenNotFound
│   ├── ClientNotFound      no workstation user is registered under this id
│   ├── EvidenceNotFound
│   ├── TerminalNotFound    no terminal has this serial number
│   ├── EnrolmentNotFound   no enrolment from a terminal waits under this name
│   └── CameraNotFound, ChannelNotFound, EventNotFound
├── SubjectExists
├── ClientConflict          the registered client's state does not allow this
├── TerminalOffline         the terminal is not connected
├── CommandTimedOut         the terminal did not answer in time
├── TerminalRefused         the terminal answered that it does not do this
├── CameraFailed            no picture comes from a camera; says why
├── ChannelFailed           an alert could not be sent; says whether it may have arrived
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

from facegate.domain.error_kinds import ErrorKind as ErrorKind
from facegate.domain.error_kinds import FacegateError as FacegateError


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


class CameraNotFound(NotFound):
    """No camera has this id."""

    kind = ErrorKind.CAMERA_NOT_FOUND


class ChannelNotFound(NotFound):
    """No channel for alerts has this id."""

    kind = ErrorKind.CHANNEL_NOT_FOUND


class EventNotFound(NotFound):
    """No event has this id, or it is older than events are kept."""

    kind = ErrorKind.EVENT_NOT_FOUND


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


class CameraFailed(FacegateError):
    """No picture comes; `fault` is a VideoFault's value. The sentence holds no address and no password."""

    kind = ErrorKind.CAMERA_FAILED

    def __init__(self, message: str, *, fault: str) -> None:
        super().__init__(message)
        self.fault = fault


class ChannelFailed(FacegateError):
    """An alert was not sent, or nobody knows.

    `is_permanent`: sending it again would fail again (a wrong token, a chat that is gone).
    `may_have_arrived`: the connection ended after everything was written. `retry_after_s`: when the other
    side wants to be asked again.
    """

    kind = ErrorKind.CHANNEL_FAILED

    def __init__(
        self,
        message: str,
        *,
        is_permanent: bool = False,
        may_have_arrived: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent
        self.may_have_arrived = may_have_arrived
        self.retry_after_s = retry_after_s


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
