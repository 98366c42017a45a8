"""One flat list of routes out of routers. Which routes there are is the rooms' business."""

from collections.abc import Iterable

from fastapi import APIRouter


def take_routes(router: APIRouter, others: Iterable[APIRouter]) -> None:
    """The routes of the others as the router's own, in order.

    A route has its router's class, tags and dependencies from its making. FastAPI's own `include_router`
    asks each included router in turn, and the one that knows the path twice: a tenth of all that the event
    loop did for a request.
    """
    for other in others:
        router.routes.extend(other.routes)
