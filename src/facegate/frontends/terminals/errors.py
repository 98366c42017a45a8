"""What each kind of failure means to a terminal whose message could not be served."""

from typing import assert_never

from facegate.domain.errors import ErrorKind
from facegate.frontends.terminals.messages import BAD_REQUEST, NOT_REGISTERED


def reason_of(kind: ErrorKind) -> int | str:
    """The `reason` beside `result: false`. The terminal keeps what it sent and sends it again.

    Terminals know the number 1 for everything, and that they are not registered. No failure ends the
    connection: the terminal would only come back with the same message.
    """
    match kind:
        case ErrorKind.TERMINAL_NOT_FOUND | ErrorKind.NOT_AUTHENTICATED | ErrorKind.NOT_PERMITTED:
            return NOT_REGISTERED
        case (
            ErrorKind.INVALID_INPUT
            | ErrorKind.UNREADABLE_IMAGE
            | ErrorKind.UNSUPPORTED_IMAGE
            | ErrorKind.IMAGE_TOO_LARGE
            | ErrorKind.NO_FACE
            | ErrorKind.SEVERAL_FACES
            | ErrorKind.POOR_QUALITY
            | ErrorKind.NOT_LIVE
            | ErrorKind.SUBJECT_NOT_FOUND
            | ErrorKind.TEMPLATE_NOT_FOUND
            | ErrorKind.TOKEN_NOT_FOUND
            | ErrorKind.CLIENT_NOT_FOUND
            | ErrorKind.EVIDENCE_NOT_FOUND
            | ErrorKind.ENROLMENT_NOT_FOUND
            | ErrorKind.CAMERA_NOT_FOUND
            | ErrorKind.CHANNEL_NOT_FOUND
            | ErrorKind.EVENT_NOT_FOUND
            | ErrorKind.SUBJECT_EXISTS
            | ErrorKind.CLIENT_CONFLICT
            | ErrorKind.TERMINAL_OFFLINE
            | ErrorKind.COMMAND_TIMED_OUT
            | ErrorKind.TERMINAL_REFUSED
            | ErrorKind.CAMERA_FAILED
            | ErrorKind.CHANNEL_FAILED
            | ErrorKind.RATE_LIMITED
            | ErrorKind.OVERLOADED
            | ErrorKind.CAPABILITY_MISSING
            | ErrorKind.ENGINE_FAILED
            | ErrorKind.STORE_FAILED
            | ErrorKind.BUS_FAILED
            | ErrorKind.GALLERY_IN_USE
            | ErrorKind.INTERNAL
        ):
            return BAD_REQUEST
        case _:
            assert_never(kind)
