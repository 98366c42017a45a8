"""Every kind of failure means something to a terminal."""

import inspect

import pytest

from facegate.domain.errors import ErrorKind
from facegate.frontends.terminals import errors
from facegate.frontends.terminals.messages import BAD_REQUEST, NOT_REGISTERED


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_has_a_reason_that_terminals_know(kind: ErrorKind) -> None:
    assert errors.reason_of(kind) in {BAD_REQUEST, NOT_REGISTERED}


def test_trouble_of_ours_keeps_the_records_on_the_terminal() -> None:
    for kind in (ErrorKind.STORE_FAILED, ErrorKind.OVERLOADED, ErrorKind.INTERNAL):
        assert errors.reason_of(kind) == 1


def test_a_new_kind_fails_the_type_check() -> None:
    assert "assert_never(" in inspect.getsource(errors)
