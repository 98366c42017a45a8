"""Every kind of failure in this door's own form, `{"status": "..."}`."""

from typing import assert_never

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from facegate.domain.errors import ErrorKind, FacegateError
from facegate.frontends.admin_push.messages import (
    INCOMPLETE_DATA,
    INCORRECT_AUTHORIZATION,
    NO_RESPONSE,
    StatusMessage,
)

_NO_ANSWER = frozenset(
    {ErrorKind.TERMINAL_OFFLINE, ErrorKind.COMMAND_TIMED_OUT, ErrorKind.TERMINAL_NOT_FOUND}
)


def answer(request: Request, error: FacegateError) -> Response:
    """The answer to a request that failed."""
    status = status_of(error.kind)
    return JSONResponse(StatusMessage(status=_text_of(error, status)).model_dump(), status)


def _text_of(error: FacegateError, status: int) -> str:
    if status == 401:
        return INCORRECT_AUTHORIZATION
    if status == 400:
        return INCOMPLETE_DATA
    return NO_RESPONSE if error.kind in _NO_ANSWER else error.message


def status_of(kind: ErrorKind) -> int:
    """The HTTP status of each kind: the old server knew 400, 401 and 500, the rest it did not foresee."""
    match kind:
        case ErrorKind.INVALID_INPUT | ErrorKind.UNREADABLE_IMAGE:
            return 400
        case ErrorKind.NOT_AUTHENTICATED | ErrorKind.NOT_PERMITTED:
            return 401
        case ErrorKind.IMAGE_TOO_LARGE:
            return 413
        case ErrorKind.UNSUPPORTED_IMAGE:
            return 415
        case ErrorKind.RATE_LIMITED:
            return 429
        case ErrorKind.OVERLOADED:
            return 503
        case ErrorKind.TERMINAL_OFFLINE | ErrorKind.COMMAND_TIMED_OUT | ErrorKind.TERMINAL_NOT_FOUND:
            return 500
        case (
            ErrorKind.BUS_FAILED
            | ErrorKind.STORE_FAILED
            | ErrorKind.TERMINAL_REFUSED
            | ErrorKind.CAMERA_FAILED
            | ErrorKind.CHANNEL_FAILED
            | ErrorKind.ENGINE_FAILED
            | ErrorKind.INTERNAL
        ):
            return 500
        case (
            ErrorKind.NO_FACE
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
            | ErrorKind.CAPABILITY_MISSING
            | ErrorKind.GALLERY_IN_USE
        ):
            # Nothing behind this door raises them.
            return 500
        case _:
            assert_never(kind)
