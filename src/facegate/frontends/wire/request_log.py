"""One id and one log line per request, and the same facts for metrics. No personal data passes here.

The route's template is logged, never the path: paths hold subject ids.
"""

import contextvars
import logging
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOGGER = logging.getLogger("facegate.requests")
_REQUEST_ID = contextvars.ContextVar("facegate_request_id", default="-")
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

DOOR_KEY = "facegate.door"
CLIENT_KIND_KEY = "facegate.client_kind"
"""Keys of the ASGI scope under which the gate leaves what the log line says."""

NO_ROUTE = "(no route)"


@dataclass(frozen=True, slots=True)
class FinishedRequest:
    """What may be said about a request. `door` and `client_kind` are `-` where no gate was passed."""

    method: str
    route: str
    status: int
    took_ms: float
    door: str
    client_kind: str


def current_request_id() -> str:
    """The id of the request that this task or worker thread answers; `-` outside of one."""
    return _REQUEST_ID.get()


def request_id_from(header: str | None) -> str:
    """The client's id if it is 1..64 letters, digits, dots, dashes or underscores, else a fresh one."""
    if header is not None and _SANE_ID.fullmatch(header):
        return header
    return uuid.uuid4().hex


class RequestLog:
    """Pure ASGI middleware, the outermost of ours. `observe` hears of each finished request."""

    def __init__(self, app: ASGIApp, observe: Callable[[FinishedRequest], None] | None = None) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; only HTTP requests are logged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_from(Headers(scope=scope).get("x-request-id"))
        reset = _REQUEST_ID.set(request_id)
        started_s = time.perf_counter()
        # Nothing sent at all means that the application broke or the client went away.
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._finish(scope, status, (time.perf_counter() - started_s) * 1000.0)
            _REQUEST_ID.reset(reset)

    def _finish(self, scope: Scope, status: int, took_ms: float) -> None:
        method = scope["method"] if scope["method"] in _KNOWN_METHODS else "OTHER"
        finished = FinishedRequest(
            method=method,
            route=_route_template(scope),
            status=status,
            took_ms=took_ms,
            door=str(scope.get(DOOR_KEY, "-")),
            client_kind=str(scope.get(CLIENT_KIND_KEY, "-")),
        )
        if self._observe is not None:
            self._observe(finished)
        _LOGGER.info(
            "%s %s %d %.1f ms",
            finished.method,
            finished.route,
            finished.status,
            finished.took_ms,
            extra={
                "request_id": current_request_id(),
                "method": finished.method,
                "route": finished.route,
                "status": finished.status,
                "took_ms": round(finished.took_ms, 1),
                "door": finished.door,
                "client_kind": finished.client_kind,
            },
        )


def _route_template(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else NO_ROUTE
