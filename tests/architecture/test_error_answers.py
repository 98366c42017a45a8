"""Every kind of error has an answer at every door."""

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest
from starlette.requests import Request

from facegate.domain import errors
from facegate.domain.errors import ErrorKind, FacegateError

ROOMS = ("admin_push", "attendance", "operations", "persons", "rest_v1", "verification")

FACTS = {
    "quality": 0.1,
    "min_quality": 0.5,
    "retry_after_s": 3,
    "capability": "liveness",
    "fault": "timed_out",
}


def error_classes() -> Iterator[type[FacegateError]]:
    for member in vars(errors).values():
        if inspect.isclass(member) and issubclass(member, FacegateError) and "kind" in vars(member):
            yield member


def an_error(kind: ErrorKind) -> FacegateError:
    of_kind = next(error for error in error_classes() if error.kind is kind)
    wanted = inspect.signature(of_kind).parameters
    return of_kind("a sentence", **{name: fact for name, fact in FACTS.items() if name in wanted})


def a_request() -> Request:
    return Request({"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""})


def errors_of(room: str) -> ModuleType:
    return importlib.import_module(f"facegate.frontends.{room}.errors")


def test_every_kind_belongs_to_one_error() -> None:
    kinds = [error.kind for error in error_classes()]
    assert sorted(kinds) == sorted(ErrorKind)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("kind", ErrorKind)
def test_every_door_answers_every_kind(room: str, kind: ErrorKind) -> None:
    answer = errors_of(room).answer(a_request(), an_error(kind))
    assert 200 <= answer.status_code < 600
    if kind is ErrorKind.INTERNAL:
        assert answer.status_code == 500
    if kind is ErrorKind.OVERLOADED:
        assert answer.status_code == 503


@pytest.mark.parametrize("room", ROOMS)
def test_a_new_kind_fails_the_type_check_in_every_room(room: str) -> None:
    assert "assert_never(" in inspect.getsource(errors_of(room))
