"""Fixed paths are looked up, and every request is answered by the route that a search would have found."""

import pytest
from fastapi import APIRouter, FastAPI
from starlette.datastructures import URLPath
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send
from tests.protocols.in_process import InProcessClient

from facegate.frontends.wire.route_lists import FixedPaths, take_routes

PATHS = (
    ("GET", "/people"),
    ("POST", "/people"),
    ("GET", "/people/{id:path}"),
    ("DELETE", "/people/{id:path}"),
    ("GET", "/people/count"),
    ("POST", "/people/merge"),
    ("GET", "/health"),
)


class Unwilling(BaseRoute):
    """Stands in a list and fails when it is asked."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        raise AssertionError(f"asked for {scope['path']}")

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        raise AssertionError(name)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError


def room() -> APIRouter:
    router = APIRouter(tags=["people"])
    for method, path in PATHS:

        async def endpoint(request: Request, name: str = f"{method} {path}") -> Response:
            return PlainTextResponse(f"{name} {request.path_params.get('id', '')}".strip())

        router.add_api_route(path, endpoint, methods=[method], name=f"{method} {path}")
    return router


def app_of(*, has_table: bool) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    take_routes(app.router, [room()])
    if has_table:
        app.router.routes.insert(0, FixedPaths(app.router.routes))
    return app


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/people", "/people/", "/people/count", "/people/merge", "/people/a/b", "/health", "/healt", "/"]
)
def test_a_table_changes_no_answer(method: str, path: str) -> None:
    with InProcessClient(app_of(has_table=False)) as plain, InProcessClient(app_of(has_table=True)) as quick:
        without, found = (client.request(method, path) for client in (plain, quick))
    assert (found.status_code, found.text) == (without.status_code, without.text)
    assert dict(found.headers) == dict(without.headers)


def test_a_fixed_path_is_not_searched_for() -> None:
    app = app_of(has_table=False)
    app.router.routes[:] = [FixedPaths(app.router.routes), Unwilling()]
    with InProcessClient(app) as client:
        assert client.get("/health").text == "GET /health"
        with pytest.raises(AssertionError, match="asked for /people/count"):
            client.get("/people/count")


def test_routes_keep_what_their_router_gave_them() -> None:
    router = APIRouter()
    take_routes(router, [room(), room()])
    assert [getattr(route, "tags", None) for route in router.routes] == [["people"]] * 2 * len(PATHS)


def test_names_are_still_turned_into_paths() -> None:
    assert app_of(has_table=True).url_path_for("GET /health") == "/health"
