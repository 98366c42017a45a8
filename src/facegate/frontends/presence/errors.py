"""What each kind of failure means on an open socket."""

from enum import StrEnum
from typing import assert_never

from facegate.domain.errors import ErrorKind


class Consequence(StrEnum):
    """What a failure does to the connection on which it happened; no other one hears of it.

    `bad_frame` answers INVALID_IMAGE_FORMAT and `try_again` PROCESSING_TIMEOUT, both leave the socket open;
    `turned_away` closes with 4001, `connection_ends` with 4000.
    """

    BAD_FRAME = "bad_frame"
    TRY_AGAIN = "try_again"
    TURNED_AWAY = "turned_away"
    CONNECTION_ENDS = "connection_ends"


def consequence_of(kind: ErrorKind) -> Consequence:
    """What follows from each kind. A broken engine is never an answer about a face."""
    match kind:
        case (
            ErrorKind.INVALID_INPUT
            | ErrorKind.UNREADABLE_IMAGE
            | ErrorKind.UNSUPPORTED_IMAGE
            | ErrorKind.IMAGE_TOO_LARGE
        ):
            return Consequence.BAD_FRAME
        case ErrorKind.OVERLOADED | ErrorKind.RATE_LIMITED:
            return Consequence.TRY_AGAIN
        case (
            ErrorKind.NOT_AUTHENTICATED
            | ErrorKind.NOT_PERMITTED
            | ErrorKind.SUBJECT_NOT_FOUND
            | ErrorKind.CLIENT_NOT_FOUND
        ):
            return Consequence.TURNED_AWAY
        case (
            ErrorKind.NO_FACE
            | ErrorKind.SEVERAL_FACES
            | ErrorKind.POOR_QUALITY
            | ErrorKind.NOT_LIVE
            | ErrorKind.TEMPLATE_NOT_FOUND
            | ErrorKind.TOKEN_NOT_FOUND
            | ErrorKind.EVIDENCE_NOT_FOUND
            | ErrorKind.TERMINAL_NOT_FOUND
            | ErrorKind.ENROLMENT_NOT_FOUND
            | ErrorKind.CAMERA_NOT_FOUND
            | ErrorKind.CHANNEL_NOT_FOUND
            | ErrorKind.EVENT_NOT_FOUND
            | ErrorKind.TERMINAL_OFFLINE
            | ErrorKind.COMMAND_TIMED_OUT
            | ErrorKind.TERMINAL_REFUSED
            | ErrorKind.CAMERA_FAILED
            | ErrorKind.CHANNEL_FAILED
            | ErrorKind.SUBJECT_EXISTS
            | ErrorKind.CLIENT_CONFLICT
            | ErrorKind.CAPABILITY_MISSING
            | ErrorKind.ENGINE_FAILED
            | ErrorKind.STORE_FAILED
            | ErrorKind.BUS_FAILED
            | ErrorKind.GALLERY_IN_USE
            | ErrorKind.INTERNAL
        ):
            return Consequence.CONNECTION_ENDS
        case _:
            assert_never(kind)
