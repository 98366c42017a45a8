import pytest
from starlette.requests import Request

from facegate.domain.errors import ErrorKind, InvalidInput
from facegate.frontends.operations import errors as operations_errors
from facegate.frontends.rest_v1 import errors
from facegate.frontends.rest_v1.descriptions import PICTURE_ERRORS
from facegate.frontends.rest_v1.descriptions import errors as described


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_kind_has_a_status_in_both_doors(kind: ErrorKind) -> None:
    assert errors.status_of(kind) in {401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503, 504}
    assert operations_errors.status_of(kind) in {400, 401, 403, 429, 500, 503}


@pytest.mark.parametrize(
    "kind",
    [
        ErrorKind.NOT_AUTHENTICATED,
        ErrorKind.NOT_PERMITTED,
        ErrorKind.RATE_LIMITED,
        ErrorKind.OVERLOADED,
        ErrorKind.INTERNAL,
    ],
)
def test_what_can_happen_anywhere_is_described_everywhere(kind: ErrorKind) -> None:
    assert errors.status_of(kind) in described()


@pytest.mark.parametrize(
    "kind",
    [
        ErrorKind.UNREADABLE_IMAGE,
        ErrorKind.UNSUPPORTED_IMAGE,
        ErrorKind.IMAGE_TOO_LARGE,
        ErrorKind.NO_FACE,
        ErrorKind.NOT_LIVE,
        ErrorKind.CAPABILITY_MISSING,
    ],
)
def test_what_can_happen_to_pictures_is_described_there(kind: ErrorKind) -> None:
    assert errors.status_of(kind) in PICTURE_ERRORS


def test_the_field_at_fault_is_named() -> None:
    answer = errors.answer(Request({"type": "http"}), InvalidInput("wrong", field="image"))
    assert b'"field":"image"' in bytes(answer.body)
