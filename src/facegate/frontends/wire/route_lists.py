"""One flat list of routes out of routers, and a table of those with a fixed path. No route is known here."""

from collections.abc import Iterable, Sequence
from typing import Never

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send
from typing_extensions import override

_CHOSEN_KEY = "facegate.route"


def take_routes(router: APIRouter, others: Iterable[APIRouter]) -> None:
    """The routes of the others as the router's own, in order.

    A route has its own router's class, prefix, tags and dependencies from its making; what the router that
    takes it has of these is not added. FastAPI's `include_router` asks each included router in turn, and
    the one that knows the path twice: a tenth of all that the event loop did for a request.
    """
    for other in others:
        router.routes.extend(other.routes)


class FixedPaths(BaseRoute):
    """Finds a route of the list by its path where that is fixed, instead of trying one after the other.

    Stands before the routes it was made of, which answer as before whatever it does not know: paths with
    parameters, methods that are not served. A fixed path that an earlier route's parameters cover is left to
    that route.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._route_of: dict[tuple[str, str], Route] = {}
        earlier: list[BaseRoute] = []
        for route in routes:
            if isinstance(route, Route) and route.methods and not route.param_convertors:
                for method in route.methods:
                    scope = {"type": "http", "method": method, "path": route.path, "headers": []}
                    if not any(serves(other, scope) for other in earlier):
                        self._route_of.setdefault((method, route.path), route)
            else:
                earlier.append(route)

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope.get("root_path"):
            return Match.NONE, {}
        route = self._route_of.get((scope["method"], scope["path"]))
        if route is None:
            return Match.NONE, {}
        match, child_scope = route.matches(scope)
        return match, {**child_scope, _CHOSEN_KEY: route}

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope[_CHOSEN_KEY].handle(scope, receive, send)

    @override
    def url_path_for(self, name: str, /, **path_params: object) -> Never:
        # The routes behind know their names.
        raise NoMatchFound(name, path_params)


def serves(route: BaseRoute, scope: Scope) -> bool:
    """Whether the route answers this method at this path."""
    return route.matches(scope)[0] is Match.FULL
