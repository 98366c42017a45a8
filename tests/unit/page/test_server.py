"""The server over HTTP: what is sent, and what becomes of every kind of answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from facegate.page.server import Server, ServerSaid, in_path

TOKEN = "a-secret-token"


class _Stub(BaseHTTPRequestHandler):
    """Answers as its path says, and remembers what it was asked."""

    asked: list[tuple[str, str, str]] = []  # noqa: RUF012 - emptied by the fixture

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, self.headers["Authorization"]))
        if self.path.startswith("/v1/refused"):
            self._answer(409, json.dumps({"error": {"kind": "subject_exists", "message": "taken"}}))
        elif self.path.startswith("/v1/page"):
            self._answer(200, "<html>hello</html>")
        elif self.path.startswith("/v1/elsewhere"):
            self.send_response(302)
            self.send_header("Location", "/v1/subjects")
            self.end_headers()
        elif self.path.startswith("/v1/nothing"):
            self._answer(204, "")
        elif self.path.startswith("/v1/odd"):
            self._answer(500, '{"error": "no details"}')
        else:
            self._answer(200, json.dumps({"path": self.path}))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names of the standard library

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def root() -> Iterator[str]:
    _Stub.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stub) as stub:
        thread = threading.Thread(target=stub.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{stub.server_port}"
        stub.shutdown()
        thread.join()


def refusal(root: str, path: str) -> ServerSaid:
    with pytest.raises(ServerSaid) as caught:
        Server(root, TOKEN).get(path)
    return caught.value


def test_the_token_goes_in_its_header_and_nowhere_else(root: str) -> None:
    server = Server(root, TOKEN)

    assert server.get("/subjects", limit=2, after=None, state=["a", "b"]) == {
        "path": "/v1/subjects?limit=2&state=a&state=b"
    }
    assert _Stub.asked == [("GET", "/v1/subjects?limit=2&state=a&state=b", f"Bearer {TOKEN}")]
    assert TOKEN not in repr(server)


def test_an_id_is_one_part_of_the_path(root: str) -> None:
    Server(root, TOKEN).delete(f"/subjects/{in_path('a/b?c#d ü')}")

    assert _Stub.asked[0][:2] == ("DELETE", "/v1/subjects/a%2Fb%3Fc%23d%20%C3%BC")


def test_an_answer_without_content_is_none(root: str) -> None:
    assert Server(root, TOKEN).post("/nothing") is None


def test_a_refusal_keeps_kind_and_sentence(root: str) -> None:
    error = refusal(root, "/refused")

    assert (error.kind, error.sentence, error.status) == ("subject_exists", "taken", 409)


@pytest.mark.parametrize("path", ["/page", "/elsewhere", "/odd"])
def test_something_else_that_answers_is_no_facegate(root: str, path: str) -> None:
    assert refusal(root, path).kind == "no_facegate"


@pytest.mark.parametrize(
    "root_of_none", ["http://127.0.0.1:9", "ftp://127.0.0.1", "http://", "http://a b", "http://[::1"]
)
def test_an_address_where_nobody_answers_is_told_without_itself(root_of_none: str) -> None:
    error = refusal(root_of_none, "/subjects")

    assert error.kind == "unreachable"
    assert TOKEN not in str(error)


@pytest.mark.parametrize("token", ["ключ", "a\r\nX-Other: b", "tab\t"])
def test_a_token_that_cannot_be_sent_is_a_wrong_one(root: str, token: str) -> None:
    with pytest.raises(ServerSaid) as caught:
        Server(root, token).get("/subjects")

    assert caught.value.kind == "not_authenticated"
    assert _Stub.asked == []
