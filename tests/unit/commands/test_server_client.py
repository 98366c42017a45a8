"""HTTP to a server: retries, error answers, and what is no facegate at all."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from facegate.commands.galleries.server_client import ServerAddress, ServerClient
from facegate.commands.output.outcomes import CommandRefused
from facegate.domain.errors import EngineOverloaded, ErrorKind, FacegateError
from facegate.frontends.rest_v1.admin_answers import TokenList

Canned = tuple[int, bytes, dict[str, str]]


@contextmanager
def answering(*answers: Canned) -> Iterator[tuple[ServerClient, list[str | None]]]:
    """A client of a server that gives these answers in turn, and the tokens that it was shown."""
    left = list(answers)
    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            status, body, headers = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    client = ServerClient(ServerAddress(f"http://127.0.0.1:{server.server_port}", "secret", is_own=True))
    try:
        yield client, seen
    finally:
        client.close()
        server.shutdown()
        server.server_close()
        thread.join()


def refusal(kind: str) -> Canned:
    body = {"error": {"kind": kind, "message": "because", "field": "f", "request_id": "1"}}
    return 503, json.dumps(body).encode(), {"Retry-After": "0"}


GOOD: Canned = (200, b'{"tokens": []}', {})


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_error_of_the_server_is_our_own_again(kind: ErrorKind) -> None:
    with answering(refusal(kind)) as (client, _):
        with pytest.raises(FacegateError, match="because") as caught:
            client.send("GET", "/v1/tokens")
        assert caught.value.kind is kind


def test_a_busy_server_is_asked_again_and_the_token_goes_along() -> None:
    busy = refusal("overloaded")
    with answering(busy, busy, GOOD) as (client, seen):
        assert client.ask(TokenList, "GET", "/v1/tokens").tokens == []
        assert seen == ["Bearer secret"] * 3


def test_a_server_that_stays_busy_is_given_up() -> None:
    with (
        answering(refusal("overloaded")) as (client, seen),
        pytest.raises(EngineOverloaded),
    ):
        client.send("GET", "/v1/tokens")
    assert 2 < len(seen) < 20


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>hello</html>", {}),
        (200, b'{"something": "else"}', {}),
        (404, b"<html>not found</html>", {}),
        (404, b'["error"]', {}),
        (500, b'{"error": {"kind": "of_the_future", "message": "m"}}', {}),
        (302, b"", {"Location": "http://127.0.0.1:1/"}),
    ],
)
def test_what_is_no_facegate_is_said(answer: Canned) -> None:
    with answering(answer) as (client, _), pytest.raises(CommandRefused, match="is no facegate server"):
        client.ask(TokenList, "GET", "/v1/tokens")
