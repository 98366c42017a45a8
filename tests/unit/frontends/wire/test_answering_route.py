import logging
from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, File, Form, Query, Request, Security, UploadFile, params
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response
from tests.protocols.in_process import InProcessClient

from facegate.domain.errors import (
    EngineFailed,
    EngineOverloaded,
    FacegateError,
    InvalidInput,
    NotAuthenticated,
    RateLimited,
)
from facegate.frontends.wire.answering_route import answering_route, takes_the_request_alone
from facegate.frontends.wire.body_limit import BodyLimit, BodyLimits, BodyTooSlow


class _Body(BaseModel):
    count: int


def _answer(request: Request, error: FacegateError) -> Response:
    field = error.field if isinstance(error, InvalidInput) else None
    return JSONResponse({"kind": error.kind, "message": error.message, "field": field}, 418)


def _client(error: Exception | None = None, *, is_admitted: bool = True) -> InProcessClient:
    async def admit(request: Request) -> None:
        if not is_admitted:
            raise NotAuthenticated("who are you?")

    router = APIRouter(route_class=answering_route(_answer, admit=admit))

    @router.get("/raise")
    async def fail(limit: Annotated[int, Query()] = 1) -> int:
        if error is not None:
            raise error
        return limit

    @router.post("/json")
    async def take_json(body: _Body) -> int:
        return body.count

    @router.post("/form")
    async def take_form(name: Annotated[str, Form()], file: Annotated[UploadFile, File()]) -> str:
        return name

    app = FastAPI()
    app.include_router(router)
    app.add_middleware(BodyLimit, limits=BodyLimits(max_bytes=2000))
    return InProcessClient(app)


@pytest.mark.parametrize(
    ("error", "kind", "headers"),
    [
        (RateLimited("slow down", retry_after_s=7), "rate_limited", {"retry-after": "7"}),
        (EngineOverloaded("full"), "overloaded", {"retry-after": "1"}),
        (NotAuthenticated("who?"), "not_authenticated", {"www-authenticate": "Bearer"}),
        (InvalidInput("wrong", field="x"), "invalid_input", {}),
        (RuntimeError("a bug"), "internal", {}),
    ],
)
def test_errors_take_the_rooms_form_with_the_headers_of_http(
    error: Exception, kind: str, headers: dict[str, str]
) -> None:
    with _client(error) as client:
        answer = client.get("/raise")
    assert answer.status_code == 418
    assert answer.json()["kind"] == kind
    assert headers.items() <= dict(answer.headers).items()


def test_a_slow_body_is_408_in_the_rooms_form() -> None:
    with _client(BodyTooSlow("too slow", field="body")) as client:
        answer = client.get("/raise")
    assert answer.status_code == 408
    assert answer.json() == {"kind": "invalid_input", "message": "too slow", "field": "body"}


def test_a_bug_is_logged_with_its_place_and_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="facegate.faults")
    with _client(RuntimeError("subject ada")) as client:
        assert "ada" not in client.get("/raise").text
    assert "RuntimeError at " in caplog.text
    assert "test_answering_route.py" in caplog.text
    assert "ada" not in caplog.text


def test_an_engine_fault_is_logged_with_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="facegate.faults")
    error = EngineFailed("the runtime broke")
    error.__cause__ = ValueError("bytes of a face")
    with _client(error) as client:
        client.get("/raise")
    assert "EngineFailed (the runtime broke)" in caplog.text
    assert "caused by ValueError" in caplog.text
    assert "bytes of a face" not in caplog.text


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"{", "body"),
        (b"", "body"),
        (b'{"count": "ada"}', "count"),
        (b"{}", "count"),
        (b"\xff\xfe", "body"),
        (b"[" * 100_00, "body"),
        (b'{"count": 1e999}', "count"),
    ],
)
def test_wrong_json_names_the_field_and_repeats_nothing(content: bytes, field: str) -> None:
    with _client() as client:
        answer = client.post("/json", content=content[:1900], headers={"content-type": "application/json"})
    assert answer.status_code == 418
    assert answer.json()["kind"] == "invalid_input"
    assert answer.json()["field"] == field
    assert "ada" not in answer.text


def test_a_wrong_query_names_its_field() -> None:
    with _client() as client:
        assert client.get("/raise?limit=x").json()["field"] == "limit"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"anything", "multipart/form-data"),
        (b"name=ada", "application/x-www-form-urlencoded"),
        (b"\x00\x01", "image/jpeg"),
    ],
)
def test_broken_forms_are_input_errors(content: bytes, content_type: str) -> None:
    with _client() as client:
        answer = client.post("/form", content=content, headers={"content-type": content_type})
    assert answer.json()["kind"] == "invalid_input"


@pytest.mark.parametrize("path", ["/form", "/json"])
def test_a_body_beyond_the_limit_keeps_its_kind(path: str) -> None:
    with _client() as client:
        if path == "/form":
            answer = client.post(path, data={"name": "x"}, files={"file": b"x" * 3000})
        else:
            answer = client.post(path, json={"count": 1, "pad": "x" * 3000})
    assert answer.json()["kind"] == "image_too_large"


def test_nobody_is_asked_for_a_body_who_is_not_let_in() -> None:
    with _client(is_admitted=False) as client:
        answer = client.post("/json", content=b"x" * 5000, headers={"content-type": "application/json"})
    assert answer.json()["kind"] == "not_authenticated"


async def _takes_it(request: Request) -> Response:
    return JSONResponse(request.method)


async def _takes_a_parameter(request: Request, limit: int = 1) -> Response:
    return JSONResponse(limit)


async def _takes_a_body(body: _Body) -> Response:
    return JSONResponse(body.count)


async def _takes_what_nobody_describes(request) -> Response:  # type: ignore[no-untyped-def]
    return JSONResponse(request)


async def _answers_what_has_to_be_made_json(request: Request) -> int:
    return 1


async def _takes_it_by_name(*, request: Request) -> Response:
    return JSONResponse(request.method)


def _blocks(request: Request) -> Response:
    return JSONResponse(1)


@pytest.mark.parametrize(
    ("endpoint", "dependencies", "is_alone"),
    [
        (_takes_it, [], True),
        (_takes_it, [Security(HTTPBearer(auto_error=False))], True),
        (_takes_it, [Security(HTTPBearer())], False),
        (_takes_it, [Depends(_blocks)], False),
        (_takes_it_by_name, [], False),
        (_takes_a_parameter, [], False),
        (_takes_a_body, [], False),
        (_takes_what_nobody_describes, [], False),
        (_answers_what_has_to_be_made_json, [], False),
        (_blocks, [], False),
    ],
)
def test_only_endpoints_that_need_nothing_of_fastapi_do_without_it(
    endpoint: Callable[..., object], dependencies: list[params.Depends], is_alone: bool
) -> None:
    route = APIRoute("/", endpoint, dependencies=dependencies, response_model=None)
    assert takes_the_request_alone(route) is is_alone
