"""HTTP to one facegate server: token, retries, and its error answers as our own errors. Knows no route."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from facegate.commands.output.outcomes import CommandRefused, ExitCode
from facegate.domain import errors
from facegate.domain.errors import ErrorKind, FacegateError

A = TypeVar("A", bound=BaseModel)

_CONNECT_TIMEOUT_S = 5.0
_ANSWER_TIMEOUT_S = 300.0
_MAX_ATTEMPTS = 8
_MAX_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """`token` may be None, then the server says that it wants one.

    `is_own` is the server of this machine's data folder: proxies of the environment are not asked, and
    `certificate_file`, if it has one, is trusted whatever name stands in it.
    """

    url: str
    token: str | None
    is_own: bool = False
    certificate_file: str | None = None


class ServerClient:
    """Safe to call from several threads. Waits and asks again when the server says that it is busy."""

    def __init__(self, address: ServerAddress) -> None:
        """Opens no connection yet.

        Raises:
            CommandRefused: the address is no http or https address.
        """
        parts = urlsplit(address.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise CommandRefused(
                f"{address.url!r} is no server's address: it looks like https://faces.example.com:8000."
            )
        self.url = address.url.rstrip("/")
        headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=httpx.Timeout(_ANSWER_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
            trust_env=not address.is_own,
            verify=_trust(address) if parts.scheme == "https" else True,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def ask(self, answer: type[A], method: str, path: str, **request: Any) -> A:
        """The checked answer.

        Raises:
            FacegateError: what the server refused with.
            CommandRefused: it cannot be reached, or is no facegate that this one understands.
        """
        response = self.send(method, path, **request)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise self._not_understood() from error

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer as it came, when it is a good one; raises as `ask`."""
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            with self._plain_failures():
                response = self._client.request(method, path, **request)
            if response.is_success:
                return response
            error = self._error_of(response)
            wait_s = _seconds_to_wait(error)
            if wait_s is None or attempt == _MAX_ATTEMPTS:
                raise error
            time.sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def stream(self, method: str, path: str) -> Iterator[httpx.Response]:
        """A long answer, to be read in pieces; raises as `ask`."""
        with self._plain_failures(), self._client.stream(method, path) as response:
            if not response.is_success:
                response.read()
                raise self._error_of(response)
            yield response

    @contextmanager
    def _plain_failures(self) -> Iterator[None]:
        try:
            yield
        except httpx.ConnectError as error:
            reason = "nothing answers there. Is the address right and the server running?"
            if _is_about_trust(error):
                reason = "its certificate is not trusted. Name the file of its authority with SSL_CERT_FILE."
            raise self._unreachable(reason) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise CommandRefused(f"{self.url!r} is no server's address: {error}.") from error
        except httpx.TimeoutException as error:
            raise self._unreachable("it took too long to answer.") from error
        except httpx.TransportError as error:
            raise self._unreachable(
                "the connection broke; what the server acknowledged before stays done."
            ) from error

    def _unreachable(self, reason: str) -> CommandRefused:
        return CommandRefused(f"The server at {self.url} cannot be used: {reason}", ExitCode.CANNOT_WORK)

    def _not_understood(self) -> CommandRefused:
        return CommandRefused(
            f"What answers at {self.url} is no facegate server of this version: compare its version with "
            "`facegate --version` here.",
            ExitCode.CANNOT_WORK,
        )

    def _error_of(self, response: httpx.Response) -> Exception:
        try:
            detail = response.json()["error"]
            kind, message = ErrorKind(detail["kind"]), str(detail["message"])
            field = detail.get("field")
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._not_understood()
        wait = response.headers.get("retry-after", "")
        return _as_our_error(kind, message, field, retry_after_s=int(wait) if wait.isdecimal() else 1)


def _as_our_error(kind: ErrorKind, message: str, field: str | None, *, retry_after_s: int) -> FacegateError:
    """The error that the server raised, without the numbers that its answer does not carry."""
    match kind:
        case ErrorKind.INVALID_INPUT:
            return errors.InvalidInput(message, field=field)
        case ErrorKind.POOR_QUALITY:
            return errors.PoorQuality(message, quality=0.0, min_quality=0.0)
        case ErrorKind.RATE_LIMITED:
            return errors.RateLimited(message, retry_after_s=retry_after_s)
        case ErrorKind.OVERLOADED:
            return errors.EngineOverloaded(message, retry_after_s=retry_after_s)
        case ErrorKind.CAMERA_FAILED:
            return errors.CameraFailed(message, fault="")
        case ErrorKind.CAPABILITY_MISSING:
            return errors.CapabilityMissing(message, capability="")
        case _:
            return _PLAIN_ERRORS[kind](message)


_PLAIN_ERRORS: dict[ErrorKind, type[FacegateError]] = {
    plain.kind: plain
    for plain in (
        errors.UnreadableImage,
        errors.UnsupportedImage,
        errors.ImageTooLarge,
        errors.NoFace,
        errors.SeveralFaces,
        errors.NotLive,
        errors.SubjectNotFound,
        errors.TemplateNotFound,
        errors.TokenNotFound,
        errors.ClientNotFound,
        errors.EvidenceNotFound,
        errors.TerminalNotFound,
        errors.EnrolmentNotFound,
        errors.SubjectExists,
        errors.ClientConflict,
        errors.TerminalOffline,
        errors.CommandTimedOut,
        errors.TerminalRefused,
        errors.CameraNotFound,
        errors.ChannelNotFound,
        errors.EventNotFound,
        errors.ChannelFailed,
        errors.NotAuthenticated,
        errors.NotPermitted,
        errors.EngineFailed,
        errors.StoreFailed,
        errors.BusFailed,
        errors.GalleryInUse,
        errors.InternalFault,
    )
}


def _seconds_to_wait(error: Exception) -> float | None:
    if isinstance(error, errors.RateLimited | errors.EngineOverloaded):
        return min(_MAX_WAIT_S, float(error.retry_after_s))
    return None


def _trust(address: ServerAddress) -> ssl.SSLContext:
    if address.certificate_file is None:
        return httpx.create_ssl_context(trust_env=not address.is_own)
    # Our own server is reached as 127.0.0.1, which its certificate need not name; the file is the proof.
    context = ssl.create_default_context(cafile=address.certificate_file)
    context.check_hostname = False
    return context


def _is_about_trust(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
