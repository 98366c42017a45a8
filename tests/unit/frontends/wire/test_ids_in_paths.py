"""Ids in paths reach their route whatever they hold."""

import pytest
from fastapi import APIRouter, FastAPI
from tests.protocols.in_process import InProcessClient

from facegate.frontends.wire.ids_in_paths import IdConvertor


@pytest.mark.parametrize(
    ("sent", "received"),
    [("ada", "ada"), ("a/b", "a/b"), ("a%2Fb", "a/b"), ("a%0Ab", "a\nb"), ("%0D%0A", "\r\n"), ("%00", "\0")],
)
def test_the_route_gets_every_id(sent: str, received: str) -> None:
    router = APIRouter()

    @router.get("/status/{user_id:id}")
    def status(user_id: str) -> dict[str, str]:
        return {"id": user_id}

    app = FastAPI()
    app.include_router(router)
    with InProcessClient(app) as client:
        answer = client.get(f"/status/{sent}")
        described = client.get("/openapi.json").json()
    assert answer.json() == {"id": received}
    assert list(described["paths"]) == ["/status/{user_id}"]


def test_ids_go_into_addresses_as_they_are() -> None:
    assert IdConvertor().to_string("a/b") == "a/b"
