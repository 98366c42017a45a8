"""Every kind of failure in the attendance door's own form: `{"success": false, "message": ...}`."""

from typing import assert_never

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from facegate.domain.errors import ErrorKind, FacegateError
from facegate.frontends.attendance.messages import NO_FACE_DETECTED, FailureMessage


def answer(request: Request, error: FacegateError) -> Response:
    """The answer to a request that failed."""
    message = NO_FACE_DETECTED if error.kind is ErrorKind.NO_FACE else error.message
    return JSONResponse(FailureMessage(message=message).model_dump(), status_code=status_of(error.kind))


def status_of(kind: ErrorKind) -> int:  # noqa: C901 - one flat table
    """The HTTP status of each kind."""
    match kind:
        case (
            ErrorKind.INVALID_INPUT
            | ErrorKind.UNREADABLE_IMAGE
            | ErrorKind.UNSUPPORTED_IMAGE
            | ErrorKind.NO_FACE
            | ErrorKind.SEVERAL_FACES
        ):
            return 400
        case ErrorKind.NOT_AUTHENTICATED:
            return 401
        case ErrorKind.NOT_PERMITTED:
            return 403
        case (
            ErrorKind.SUBJECT_NOT_FOUND
            | ErrorKind.TEMPLATE_NOT_FOUND
            | ErrorKind.TOKEN_NOT_FOUND
            | ErrorKind.CLIENT_NOT_FOUND
            | ErrorKind.EVIDENCE_NOT_FOUND
            | ErrorKind.TERMINAL_NOT_FOUND
            | ErrorKind.ENROLMENT_NOT_FOUND
            | ErrorKind.CAMERA_NOT_FOUND
            | ErrorKind.CHANNEL_NOT_FOUND
            | ErrorKind.EVENT_NOT_FOUND
        ):
            return 404
        case ErrorKind.SUBJECT_EXISTS | ErrorKind.CLIENT_CONFLICT | ErrorKind.TERMINAL_REFUSED:
            return 409
        case ErrorKind.CAMERA_FAILED | ErrorKind.CHANNEL_FAILED:
            return 502
        case ErrorKind.COMMAND_TIMED_OUT:
            return 504
        case ErrorKind.IMAGE_TOO_LARGE:
            return 413
        case ErrorKind.POOR_QUALITY | ErrorKind.NOT_LIVE:
            return 422
        case ErrorKind.RATE_LIMITED:
            return 429
        case ErrorKind.ENGINE_FAILED | ErrorKind.INTERNAL:
            return 500
        case (
            ErrorKind.OVERLOADED
            | ErrorKind.CAPABILITY_MISSING
            | ErrorKind.STORE_FAILED
            | ErrorKind.BUS_FAILED
            | ErrorKind.TERMINAL_OFFLINE
            | ErrorKind.GALLERY_IN_USE
        ):
            return 503
        case _:
            assert_never(kind)
