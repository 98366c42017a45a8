import pytest
from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from tests.protocols.in_process import InProcessClient

from facegate.frontends.wire.unrouted import answer_unrouted


def _client() -> InProcessClient:
    router = APIRouter(prefix="/v1")

    @router.get("/tokens")
    async def list_tokens() -> None: ...

    @router.post("/tokens")
    async def make_token() -> None: ...

    app = FastAPI()
    app.include_router(router)
    app.add_exception_handler(HTTPException, answer_unrouted)
    return InProcessClient(app)


def test_an_unknown_path_is_404_in_our_form() -> None:
    with _client() as client:
        answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.json()["error"]["kind"] == "not_found"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "BREW"])
def test_a_wrong_method_names_all_right_ones(method: str) -> None:
    with _client() as client:
        answer = client.request(method, "/v1/tokens")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert answer.json()["error"]["kind"] == "method_not_allowed"
