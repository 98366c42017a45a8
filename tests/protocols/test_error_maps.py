"""Every kind of failure has an answer in every contract door's own form."""

import json

import pytest
from starlette.requests import Request

from facegate.domain.errors import ErrorKind, FacegateError
from facegate.frontends.attendance import errors as attendance
from facegate.frontends.persons import errors as persons
from facegate.frontends.verification import errors as verification
from facegate.frontends.wire.answering_route import Answer

ANSWERS: dict[str, tuple[Answer, set[str]]] = {
    "attendance": (attendance.answer, {"success", "message"}),
    "persons": (persons.answer, {"detail"}),
    "verification": (
        verification.answer,
        {"faceDetected", "confidence", "match-status", "error-status", "error-message"},
    ),
}

# Clients retry on these, so no door may use another status for them.
SAME_EVERYWHERE = {
    ErrorKind.NOT_AUTHENTICATED: 401,
    ErrorKind.NOT_PERMITTED: 403,
    ErrorKind.SUBJECT_NOT_FOUND: 404,
    ErrorKind.IMAGE_TOO_LARGE: 413,
    ErrorKind.RATE_LIMITED: 429,
    ErrorKind.ENGINE_FAILED: 500,
    ErrorKind.OVERLOADED: 503,
    ErrorKind.STORE_FAILED: 503,
}


def error_of(error_kind: ErrorKind) -> FacegateError:
    class SomeError(FacegateError):
        kind = error_kind

    return SomeError("one sentence")


@pytest.mark.parametrize("kind", ErrorKind)
@pytest.mark.parametrize(("answer", "fields"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_kind_is_answered(answer: Answer, fields: set[str], kind: ErrorKind) -> None:
    response = answer(Request({"type": "http"}), error_of(kind))
    assert 400 <= response.status_code < 600
    assert response.status_code == SAME_EVERYWHERE.get(kind, response.status_code)
    assert set(json.loads(bytes(response.body))) == fields
