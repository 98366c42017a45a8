"""Which HTTP status the operations door gives, and the form of its errors: that of /v1, of three kinds."""

from typing import assert_never

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from facegate.domain.errors import ErrorKind, FacegateError
from facegate.frontends.wire.request_log import current_request_id


class OperationsErrorDetail(BaseModel):
    """`kind` is stable and meant for programs, `message` for people."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(examples=[ErrorKind.NOT_AUTHENTICATED.value])
    message: str
    request_id: str


class OperationsError(BaseModel):
    """Every error of this door."""

    model_config = ConfigDict(frozen=True)

    error: OperationsErrorDetail


def status_of(kind: ErrorKind) -> int:
    """The HTTP status."""
    match kind:
        case ErrorKind.NOT_AUTHENTICATED:
            return 401
        case ErrorKind.NOT_PERMITTED:
            return 403
        case ErrorKind.RATE_LIMITED:
            return 429
        case (
            ErrorKind.OVERLOADED
            | ErrorKind.CAPABILITY_MISSING
            | ErrorKind.STORE_FAILED
            | ErrorKind.BUS_FAILED
            | ErrorKind.TERMINAL_OFFLINE
            | ErrorKind.GALLERY_IN_USE
        ):
            return 503
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
            | ErrorKind.TERMINAL_NOT_FOUND
            | ErrorKind.ENROLMENT_NOT_FOUND
            | ErrorKind.CAMERA_NOT_FOUND
            | ErrorKind.CHANNEL_NOT_FOUND
            | ErrorKind.EVENT_NOT_FOUND
            | ErrorKind.COMMAND_TIMED_OUT
            | ErrorKind.TERMINAL_REFUSED
            | ErrorKind.CAMERA_FAILED
            | ErrorKind.CHANNEL_FAILED
            | ErrorKind.SUBJECT_EXISTS
            | ErrorKind.CLIENT_CONFLICT
        ):
            return 400
        case ErrorKind.ENGINE_FAILED | ErrorKind.INTERNAL:
            return 500
        case _:
            assert_never(kind)


def answer(request: Request, error: FacegateError) -> Response:
    """The error in this door's form."""
    detail = OperationsErrorDetail(
        kind=error.kind.value, message=error.message, request_id=current_request_id()
    )
    return JSONResponse(OperationsError(error=detail).model_dump(), status_of(error.kind))
