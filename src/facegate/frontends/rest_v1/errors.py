"""Which HTTP status /v1 gives to which kind of error, and the form of its error answers."""

from typing import assert_never

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from facegate.domain.errors import ErrorKind, FacegateError, InvalidInput
from facegate.frontends.rest_v1.answers import ErrorAnswer, ErrorDetail
from facegate.frontends.wire.request_log import current_request_id


def status_of(kind: ErrorKind) -> int:  # noqa: C901 - one line per kind is the point
    """The HTTP status; the kind in the body tells apart what shares one."""
    match kind:
        case ErrorKind.INVALID_INPUT | ErrorKind.UNREADABLE_IMAGE:
            return 422
        case ErrorKind.UNSUPPORTED_IMAGE:
            return 415
        case ErrorKind.IMAGE_TOO_LARGE:
            return 413
        case ErrorKind.NO_FACE | ErrorKind.SEVERAL_FACES | ErrorKind.POOR_QUALITY | ErrorKind.NOT_LIVE:
            return 422
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
        case ErrorKind.NOT_AUTHENTICATED:
            return 401
        case ErrorKind.NOT_PERMITTED:
            return 403
        case ErrorKind.RATE_LIMITED:
            return 429
        case ErrorKind.OVERLOADED | ErrorKind.CAPABILITY_MISSING:
            return 503
        case (
            ErrorKind.STORE_FAILED
            | ErrorKind.GALLERY_IN_USE
            | ErrorKind.BUS_FAILED
            | ErrorKind.TERMINAL_OFFLINE
        ):
            return 503
        case ErrorKind.ENGINE_FAILED | ErrorKind.INTERNAL:
            return 500
        case _:
            assert_never(kind)


def answer(request: Request, error: FacegateError) -> Response:
    """The error in /v1's form."""
    detail = ErrorDetail(
        kind=error.kind.value,
        message=error.message,
        field=error.field if isinstance(error, InvalidInput) else None,
        request_id=current_request_id(),
    )
    return JSONResponse(ErrorAnswer(error=detail).model_dump(), status_of(error.kind))
