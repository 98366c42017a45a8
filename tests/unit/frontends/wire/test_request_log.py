import logging

import pytest
from fastapi import APIRouter, FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from tests.protocols.in_process import InProcessClient

from facegate.frontends.wire.request_log import (
    DOOR_KEY,
    NO_ROUTE,
    FinishedRequest,
    RequestLog,
    current_request_id,
    request_id_from,
)


def _app(seen: list[FinishedRequest]) -> FastAPI:
    router = APIRouter(prefix="/v1")

    @router.get("/subjects/{subject_id:id}")
    async def show(subject_id: str, request: Request) -> dict[str, str]:
        request.scope[DOOR_KEY] = "rest_v1"
        return {"request_id": current_request_id()}

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("a secret in a message")

    app = FastAPI()
    app.include_router(router)
    app.add_middleware(RequestLog, observe=seen.append)
    return app


def test_one_line_per_request_without_the_id_of_anybody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="facegate.requests")
    seen: list[FinishedRequest] = []
    with InProcessClient(_app(seen)) as client:
        answer = client.get("/v1/subjects/ada%20lovelace/x?name=ada", headers={"X-Request-ID": "abc-1"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "abc-1"
    (finished,) = seen
    assert (finished.method, finished.route, finished.status) == (
        "GET",
        "/v1/subjects/{subject_id:id}",
        200,
    )
    assert finished.door == "rest_v1"
    (record,) = [record for record in caplog.records if record.name == "facegate.requests"]
    assert "ada" not in repr(vars(record))
    assert vars(record)["request_id"] == "abc-1"
    assert current_request_id() == "-"


def test_unknown_paths_and_methods_do_not_become_labels() -> None:
    seen: list[FinishedRequest] = []
    with InProcessClient(_app(seen)) as client:
        client.get("/secret-of-ada")
        client.request("BREW", "/v1/broken")
    assert [finished.route for finished in seen] == [NO_ROUTE, "/v1/broken"]
    assert [finished.method for finished in seen] == ["GET", "OTHER"]


def test_a_broken_application_counts_as_500() -> None:
    seen: list[FinishedRequest] = []
    with InProcessClient(_app(seen), raise_app_exceptions=False) as client:
        assert client.get("/v1/broken").status_code == 500
    assert [finished.status for finished in seen] == [500]


@pytest.mark.parametrize("sane", ["a", "A-b_c.9", "x" * 64])
def test_sane_ids_are_kept(sane: str) -> None:
    assert request_id_from(sane) == sane


@pytest.mark.parametrize("odd", [None, "", " ", "a b", "a\nb", "x" * 65, "ä", "<script>", "a;b"])
def test_other_ids_are_replaced(odd: str | None) -> None:
    assert len(request_id_from(odd)) == 32


@given(st.text())
def test_an_id_never_carries_anything_odd(text: str) -> None:
    request_id = request_id_from(text)
    assert request_id.isascii()
    assert request_id.isprintable()
    assert len(request_id) <= 64
