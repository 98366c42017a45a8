"""What services answered. Apprise itself says only whether all went well."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, SSLError

from facegate.adapters.apprise_alerts.wire import Outcome, Report

_COMES_BACK = frozenset({408, 425, 429})
_LONGEST_RETRY_AFTER_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request over HTTP: a status, or None where none came and `was_sent` says whether it went out."""

    is_reading: bool
    status: int | None
    was_sent: bool
    retry_after: str | None = None


class Exchanges:
    """All requests that were made with the library that nearly every plugin uses."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    def watch(self) -> None:
        """From here on, until the process ends."""
        original = HTTPAdapter.send

        def send(
            adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any
        ) -> requests.Response:
            is_reading = (request.method or "").upper() in ("GET", "HEAD", "OPTIONS")
            try:
                response = original(adapter, request, **options)
            except requests.RequestException as error:
                self.seen.append(Exchange(is_reading, None, was_sent=_was_sent(error)))
                raise
            headers: Mapping[str, str] = response.headers
            self.seen.append(Exchange(is_reading, response.status_code, True, headers.get("Retry-After")))
            return response

        HTTPAdapter.send = send  # type: ignore[method-assign,assignment]


def judge_failure(seen: list[Exchange], *, has_connected: bool) -> Report:
    """Why Apprise said no, as far as can be told.

    Where one request had been taken before another failed, some may have heard already: a service with
    several receivers. A log-in counts as one too. The message is then not sent again.
    """
    if not seen:
        if has_connected:
            return _failed(
                "the service broke off or refused; the message may have arrived", may_have_arrived=True
            )
        return _failed("the service cannot be reached")
    *earlier, last = seen
    has_effect = any(not one.is_reading and one.status is not None and one.status < 300 for one in earlier)
    if last.status is None:
        if last.was_sent:
            return _failed("the service did not answer", may_have_arrived=True)
        return _failed("the service cannot be reached", may_have_arrived=has_effect)
    if last.status >= 500 or last.status in _COMES_BACK:
        return Report(
            Outcome.FAILED,
            f"the service answered with HTTP {last.status}",
            may_have_arrived=has_effect or (last.status >= 500 and last.status not in (500, 503)),
            retry_after_s=_retry_after_s(last.retry_after),
        )
    if last.status < 300:
        sentence = "the service answered, but with a refusal: check the Apprise URL"
    elif last.status < 400:
        sentence = "the service sends us to another address, which is not followed"
    else:
        sentence = f"the service refused the message with HTTP {last.status}: check the Apprise URL"
    return Report(Outcome.FAILED, sentence, is_permanent=True, may_have_arrived=has_effect)


def _failed(sentence: str, *, may_have_arrived: bool = False) -> Report:
    return Report(Outcome.FAILED, sentence, may_have_arrived=may_have_arrived)


def _was_sent(error: requests.RequestException) -> bool:
    """False where it is certain that no connection came about."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return False
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return not isinstance(reason, NewConnectionError | ConnectTimeoutError | SSLError | PermissionError)


def _retry_after_s(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S) if math.isfinite(seconds) else None
