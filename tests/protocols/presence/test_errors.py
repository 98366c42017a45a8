"""Every kind of failure has a consequence, and a broken engine is never one about a face."""

import inspect

import pytest

from facegate.domain.errors import ErrorKind
from facegate.frontends.presence import errors
from facegate.frontends.presence.errors import Consequence, consequence_of

LEAVE_THE_SOCKET_OPEN = {
    ErrorKind.INVALID_INPUT: Consequence.BAD_FRAME,
    ErrorKind.UNREADABLE_IMAGE: Consequence.BAD_FRAME,
    ErrorKind.UNSUPPORTED_IMAGE: Consequence.BAD_FRAME,
    ErrorKind.IMAGE_TOO_LARGE: Consequence.BAD_FRAME,
    ErrorKind.OVERLOADED: Consequence.TRY_AGAIN,
    ErrorKind.RATE_LIMITED: Consequence.TRY_AGAIN,
}


@pytest.mark.parametrize("kind", ErrorKind)
def test_only_these_leave_the_socket_open(kind: ErrorKind) -> None:
    consequence = consequence_of(kind)
    if kind in LEAVE_THE_SOCKET_OPEN:
        assert consequence is LEAVE_THE_SOCKET_OPEN[kind]
    else:
        assert consequence in (Consequence.TURNED_AWAY, Consequence.CONNECTION_ENDS)


def test_a_new_kind_fails_the_type_check() -> None:
    assert "assert_never(" in inspect.getsource(errors)
