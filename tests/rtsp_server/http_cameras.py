"""A camera that is a web server: MJPEG in its many forms, files, passwords, redirections, garbage."""

import base64
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Page = Callable[["Asked"], None]


class Asked(BaseHTTPRequestHandler):
    """One request; pages write their answer to it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        camera = self.server
        assert isinstance(camera, _Server)
        path = self.path.partition("?")[0]
        camera.asked.append((path, self.headers.get("Authorization", "")))
        self.close_connection = True
        page = camera.pages.get(path)
        try:
            if page is None:
                self.send_error(404)
            else:
                page(self)
        except OSError:
            pass  # whoever watched has gone

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; names of headers are written with `_` for `-`."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self, content_type: str) -> None:
        """The head of an answer without end."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal of tests."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str]] = []


class HttpCamera:
    """Pages by path on a free port of 127.0.0.1; `asked` holds path and Authorization of each request."""

    def __init__(self) -> None:
        self._server = _Server()
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def asked(self) -> list[tuple[str, str]]:
        return self._server.asked

    def show(self, path: str, page: Page, host: str = "127.0.0.1") -> str:
        """The address of the page."""
        self._server.pages[path] = page
        return f"http://{host}:{self.port}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def running_http_camera() -> Iterator[HttpCamera]:
    camera = HttpCamera()
    try:
        yield camera
    finally:
        camera.close()


def mjpeg(
    pictures: Sequence[bytes],
    *,
    fps: float = 25.0,
    boundary: str = "frame",
    told_boundary: str | None = None,
    content_type: str = "image/jpeg",
    tells_length: bool = True,
    is_muted: Callable[[], bool] = lambda: False,
    loops: bool = True,
) -> Page:
    """Pictures one after the other; a told boundary may differ from the true one by its dashes."""

    def page(asked: Asked) -> None:
        asked.begin(f"multipart/x-mixed-replace; boundary={told_boundary or boundary}")
        number = 0
        while loops or number < len(pictures):
            if not is_muted():
                asked.wfile.write(_part(pictures[number % len(pictures)]))
                number += 1
            time.sleep(1 / fps)

    def _part(picture: bytes) -> bytes:
        length = f"Content-Length: {len(picture)}\r\n" if tells_length else ""
        head = f"--{boundary}\r\nContent-Type: {content_type}\r\n{length}\r\n"
        return head.encode() + picture + b"\r\n"

    return page


def recording(content: bytes, content_type: str = "video/mp4") -> Page:
    """A file, at once."""
    return lambda asked: asked.answer(200, content, Content_Type=content_type)


def redirecting(location: str) -> Page:
    """Somewhere else."""
    return lambda asked: asked.answer(302, Location=location)


def failing(status: int) -> Page:
    """An error."""
    return lambda asked: asked.answer(status, b"no")


def silent(asked: Asked) -> None:
    """Never answers."""
    time.sleep(30)


def with_basic_password(user: str, password: str, page: Page) -> Page:
    """For those who know it alone."""
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def asking(asked: Asked) -> None:
        if asked.headers.get("Authorization") == expected:
            page(asked)
        else:
            asked.answer(401, WWW_Authenticate='Basic realm="camera"')

    return asking


def with_digest_password(user: str, password: str, page: Page) -> Page:
    """The same by digest (RFC 7616 with MD5, as cameras have it)."""

    def asking(asked: Asked) -> None:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', asked.headers.get("Authorization", "")))
        if given and given.get("response") == _digest(user, password, given):
            page(asked)
        else:
            asked.answer(401, WWW_Authenticate='Digest realm="camera", nonce="abcdef", qop="auth"')

    return asking


def _digest(user: str, password: str, given: dict[str, str]) -> str | None:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    if given.get("username") != user:
        return None
    secret, request = md5(f"{user}:camera:{password}"), md5(f"GET:{given.get('uri')}")
    return md5(f"{secret}:abcdef:{given.get('nc')}:{given.get('cnonce')}:auth:{request}")
