"""Turns every failure of a route into the answer of its room. How the answer looks is the room's choice."""

import inspect
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, get_type_hints

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from facegate.domain.errors import (
    CapabilityMissing,
    EngineFailed,
    EngineOverloaded,
    FacegateError,
    ImageTooLarge,
    InternalFault,
    InvalidInput,
    NotAuthenticated,
    RateLimited,
    StoreFailed,
)
from facegate.frontends.wire.body_limit import BodyTooSlow
from facegate.frontends.wire.request_log import current_request_id

Answer = Callable[[Request, FacegateError], Response]
Admit = Callable[[Request], Awaitable[object]]

_LOGGER = logging.getLogger("facegate.faults")


def answering_route(answer: Answer, *, admit: Admit | None = None) -> type[APIRoute]:
    """A route class for `APIRouter(route_class=...)` that answers errors in the room's own form.

    `admit` (a guard of the gate) runs before the body is read, so that nobody can make the server take in
    a large body without being let in; a dependency would run after.
    """

    class AnsweringRoute(APIRoute):
        """A route whose failures become answers."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """The route's own work inside the net that catches what it raises."""
            # FastAPI would look for parameters and dependencies, and find none: a tenth of a request's time
            # on the event loop.
            is_plain = takes_the_request_alone(self)
            handle = self.endpoint if is_plain else super().get_route_handler()

            async def handle_or_answer(request: Request) -> Response:
                try:
                    if admit is not None:
                        await admit(request)
                    return await handle(request)
                except ClientDisconnect:
                    # Nobody is there to read it; the status says in the log whose choice that was.
                    return Response(status_code=499)
                except Exception as error:  # noqa: BLE001 - the outermost layer of every HTTP door
                    known = known_error(error)
                    log_fault(error, known)
                    return with_headers(answer(request, known), known)

            return handle_or_answer

    return AnsweringRoute


def takes_the_request_alone(route: APIRoute) -> bool:
    """Whether all that the endpoint wants is the request, and its answer is sent as it is.

    Schemes of a description that refuse nobody count for nothing: `admit` has decided before.
    """
    hints = get_type_hints(route.endpoint)
    answer = hints.pop("return", None)
    is_plain = list(hints.values()) == [Request] and isinstance(answer, type) and issubclass(answer, Response)
    parameters = inspect.signature(route.endpoint).parameters.values()
    schemes = [dependency.dependency for dependency in route.dependencies]
    return (
        is_plain
        and inspect.iscoroutinefunction(route.endpoint)
        and [one.kind for one in parameters] == [inspect.Parameter.POSITIONAL_OR_KEYWORD]
        and all(isinstance(scheme, HTTPBearer) and not scheme.auto_error for scheme in schemes)
    )


def known_error(error: Exception) -> FacegateError:
    """The error of our tree that says what happened; a bug becomes InternalFault."""
    if isinstance(error, FacegateError):
        return error
    if isinstance(error, RequestValidationError):
        return _from_validation(error)
    if isinstance(error, HTTPException):
        # FastAPI wraps whatever broke while the body was read, our own size limit too.
        if isinstance(error.__cause__, FacegateError):
            return error.__cause__
        if error.status_code == 413:
            return ImageTooLarge("the request body is too large")
        if error.status_code in {400, 422}:
            return InvalidInput(f"the request body cannot be read: {error.detail}", field="body")
    return InternalFault("an internal fault; the server's log has it under this request's id")


def with_headers(response: Response, error: FacegateError) -> Response:
    """Adds the headers that HTTP wants beside some statuses, whatever the room; a slow body's is 408."""
    if isinstance(error, BodyTooSlow):
        response.status_code = 408
        response.headers["Connection"] = "close"
    if isinstance(error, RateLimited | EngineOverloaded):
        response.headers["Retry-After"] = str(max(1, error.retry_after_s))
    if isinstance(error, NotAuthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _from_validation(error: RequestValidationError) -> InvalidInput:
    """The first complaint, without the value that was sent."""
    complaints = error.errors()
    if not complaints:
        return InvalidInput("the request is not valid")
    first = complaints[0]
    if first.get("type") == "json_invalid":
        return InvalidInput("the body is not valid JSON", field="body")
    names = [str(part) for part in first.get("loc", ()) if part not in {"body", "query", "path", "header"}]
    field = ".".join(names) or "body"
    return InvalidInput(f"{field}: {first.get('msg', 'not valid')}", field=field)


def log_fault(error: Exception, known: FacegateError) -> None:
    """Logs what the operator has to look at; a caller's own mistake is none."""
    if isinstance(known, InternalFault | EngineFailed | StoreFailed | CapabilityMissing):
        _LOGGER.error("%s: %s", known.kind, _trace_of(error), extra={"request_id": current_request_id()})


def _trace_of(error: BaseException) -> str:
    """Where it happened, as types and lines. Messages of foreign errors may quote ids or image data."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < 5:
        frames = traceback.extract_tb(seen.__traceback__)[-6:]
        places = " > ".join(
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames
        )
        said = f" ({seen.message})" if isinstance(seen, FacegateError) else ""
        parts.append(f"{type(seen).__name__}{said} at {places}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "; caused by ".join(parts)
