"""Answers for paths and methods that no door knows, in the form of /v1's errors."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from facegate.frontends.wire.request_log import current_request_id
from facegate.frontends.wire.route_lists import serves

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


async def answer_unrouted(request: Request, error: Exception) -> Response:
    """An exception handler for Starlette's HTTPException: 404, or 405 with every method that is allowed."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == 405:
        # The router names the methods of the first route it met; a path may have several routes.
        headers["Allow"] = ", ".join(_allowed_methods(request))
        kind, message = "method_not_allowed", f"this path knows {headers['Allow']}"
    elif status == 404:
        kind, message = "not_found", "nothing is served at this path; /docs lists what is"
    else:
        kind, message = "invalid_input", "the request cannot be answered"
    detail = {"kind": kind, "message": message, "field": None, "request_id": current_request_id()}
    content = {"error": detail}
    return JSONResponse(content, status, headers)


def _allowed_methods(request: Request) -> list[str]:
    routes: list[BaseRoute] = request.app.router.routes
    return [
        method
        for method in _METHODS
        if any(serves(route, {**request.scope, "method": method}) for route in routes)
    ]
