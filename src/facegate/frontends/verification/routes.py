"""The verification door's one route: reads the form, hands over to workers, writes."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse

from facegate.domain.access import Door
from facegate.domain.errors import ImageTooLarge, InvalidInput
from facegate.frontends.verification import errors, translate
from facegate.frontends.verification.messages import Refusal, RefusalMessage, VerdictMessage, as_json
from facegate.frontends.verification.translate import VerificationOptions
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.answering_route import answering_route
from facegate.frontends.wire.forms import FormLimits, open_form
from facegate.frontends.wire.images import read_upload
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.verify_face import VerifyFace

_MAX_FILES = 4
_MAX_FIELDS = 16

_FORM_DESCRIPTION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "user_id"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "The picture as a file, or as base64 text (bare or a data URI).",
                        },
                        "user_id": {"type": "string", "description": "Whom the picture is said to show."},
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True)
class VerificationParts:
    """What the verification door stands on."""

    verify_face: VerifyFace
    gate: AccessGate
    engine_workers: BoundedWorkers
    options: VerificationOptions


def make_router(parts: VerificationParts) -> APIRouter:
    """The one route of the contract."""
    router = APIRouter(
        route_class=answering_route(errors.answer, admit=parts.gate.guard(Door.VERIFICATION)),
        tags=["verification"],
    )
    # FastAPI's own form parameters cannot be used: they refuse text fields above 1 MB, such as base64.
    limits = FormLimits(_MAX_FILES, _MAX_FIELDS, max_text_bytes=parts.options.max_image_bytes * 3 // 2)

    @router.post(
        "/",
        response_model=VerdictMessage | RefusalMessage,
        responses={status: {"model": RefusalMessage} for status in (400, 401, 403, 413, 429, 500, 503)},
        openapi_extra=_FORM_DESCRIPTION,
    )
    async def verify(request: Request) -> JSONResponse:
        """Whether the picture shows the claimed user: one of the seven outcomes, always with HTTP 200."""
        async with open_form(request, limits) as form:
            message = await _outcome(form, parts)
        return JSONResponse(as_json(message))

    return router


async def _outcome(form: FormData, parts: VerificationParts) -> VerdictMessage:
    """The checks in the contract's order: user id, file name, picture."""
    user_id = form.get("user_id")
    if not isinstance(user_id, str) or not user_id.strip():
        return translate.refusal_message(Refusal.NO_USER_ID)
    subject_id = translate.parse_claimed_id(user_id)
    picture = await _picture(form, parts.options)
    if picture is None:
        return translate.refusal_message(Refusal.FILENAME_NOT_SUPPORTED)
    return await parts.engine_workers.run(lambda: _check(picture, subject_id, parts))


async def _picture(form: FormData, options: VerificationOptions) -> bytes | str | None:
    """The upload's bytes, the text of a plain field, or None where the file name rules it out."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return file
    if not translate.has_supported_suffix(file.filename or ""):
        return None
    return await read_upload(file, max_bytes=options.max_image_bytes)


def _check(picture: bytes | str, subject_id: str, parts: VerificationParts) -> VerdictMessage:
    options = parts.options
    try:
        encoded = (
            translate.bytes_of_text(picture, options.max_image_bytes) if isinstance(picture, str) else picture
        )
        result = parts.verify_face(translate.check_request(encoded, subject_id, options))
    except ImageTooLarge:
        raise
    except InvalidInput:
        # No picture, whatever its name says: like a wrong name, and unlike outcome 3, this asks the user for
        # another file and not for another pose.
        return translate.refusal_message(Refusal.FILENAME_NOT_SUPPORTED)
    return translate.outcome_message(result)
