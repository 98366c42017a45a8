"""Headless Chromium with a camera that shows pictures of ours, and pages from this machine."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Error, Page
from tests.debian_chromium import running_chromium
from typing_extensions import override


class _Quiet(SimpleHTTPRequestHandler):
    @override
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's files as pages of this machine; their origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def browser_with_camera(clip: Path) -> Iterator[Browser]:
    """Chromium whose camera shows a `.mjpeg` file again and again, 30 frames a second."""
    with running_chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    ) as browser:
        yield browser


@contextmanager
def quiet_page(browser: Browser, url: str) -> Iterator[Page]:
    """A page that may use the camera; at the end nothing may have gone wrong in it."""
    complaints: list[str] = []

    def complain(error: Error) -> None:
        complaints.append(str(error))

    def complain_in_console(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            complaints.append(said.text)

    page = browser.new_page()
    page.on("pageerror", complain)
    page.on("console", complain_in_console)
    page.goto(url)
    yield page
    page.close()
    assert complaints == []
