"""The server as the page sees it: /v1 over HTTP, and what it says when something does not work."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx

_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_PATIENT = httpx.Timeout(3600.0, connect=5.0)

File = tuple[str, tuple[str, bytes, str]]
Files = Sequence[File]
"""Pairs of field name and (file name, content, media type)."""


class ServerSaid(Exception):
    """The server, or the way to it, did not do what was asked.

    `kind` is the server's stable name, `unreachable` where it did not answer, `too_slow` where not in time,
    `no_facegate` where something else answers; the sentence is for people.
    """

    def __init__(self, kind: str, sentence: str, status: int = 0) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.status = status


def in_path(an_id: str) -> str:
    """An id as one part of a path, whatever is in it."""
    return quote(an_id, safe="")


@dataclass(frozen=True, slots=True)
class Server:
    """One server with one token. Cheap to make; connections are not kept between reruns of the page."""

    root: str
    token: str = field(repr=False)

    def get(self, path: str, **query: object) -> Any:
        """The JSON answer of a GET under /v1; None in the query is left out."""
        return self._json("GET", path, params=_given(query))

    def post(self, path: str, body: object | None = None, *, is_long: bool = False) -> Any:
        """The JSON answer of a POST; None where there is no content. `is_long` waits up to an hour for it."""
        return self._json("POST", path, json=body, timeout=_PATIENT if is_long else _TIMEOUT)

    def put(self, path: str, body: object) -> Any:
        """The JSON answer of a PUT."""
        return self._json("PUT", path, json=body)

    def patch(self, path: str, body: object) -> Any:
        """The JSON answer of a PATCH."""
        return self._json("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """Deletes; raises where there is nothing."""
        self._request("DELETE", path)

    def send_files(
        self, path: str, files: Files, fields: Mapping[str, str] | None = None, *, is_long: bool = False
    ) -> Any:
        """The JSON answer to a form with files; `is_long` waits up to an hour for it."""
        timeout = _PATIENT if is_long else _TIMEOUT
        return self._json("POST", path, files=list(files), data=dict(fields or {}), timeout=timeout)

    def content(self, path: str, **query: object) -> bytes:
        """A picture or a file."""
        return self._request("GET", path, params=_given(query)).content

    def _json(self, method: str, path: str, **options: Any) -> Any:
        response = self._request(method, path, **options)
        if response.status_code == httpx.codes.NO_CONTENT or not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            raise ServerSaid("no_facegate", f"HTTP {response.status_code}", response.status_code) from None

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        if not self.token.isascii() or not self.token.isprintable():
            # Such a token cannot be sent, and no server has made it.
            raise ServerSaid("not_authenticated", "the token has letters that no token has")
        headers = {"Authorization": f"Bearer {self.token}"}
        options.setdefault("timeout", _TIMEOUT)
        try:
            with httpx.Client(base_url=self.root, verify=_trusted(), trust_env=False) as client:
                response = client.request(method, f"/v1{path}", headers=headers, **options)
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise ServerSaid("too_slow", type(error).__name__) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Only its kind: the message may hold the address with what somebody typed into it.
            raise ServerSaid("unreachable", type(error).__name__) from None
        if response.is_success:
            return response
        raise _refusal(response)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust, read once: it takes 20 ms, several times in each run of the page."""
    return ssl.create_default_context()


def _given(query: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _refusal(response: httpx.Response) -> ServerSaid:
    try:
        detail = response.json()["error"]
        return ServerSaid(str(detail["kind"]), str(detail["message"]), response.status_code)
    except (ValueError, KeyError, TypeError):
        return ServerSaid("no_facegate", f"HTTP {response.status_code}", response.status_code)
