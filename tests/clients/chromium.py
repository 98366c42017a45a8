"""Headless Chromium with a camera that shows pictures of ours, and pages from this machine."""

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright
from typing_extensions import override

CHROMIUM = "FACEGATE_TEST_CHROMIUM"

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # It asks nobody but the page's server.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium_path() -> str:
    """Skips the test where there is no Chromium."""
    path = os.environ.get(CHROMIUM) or shutil.which("chromium") or ""
    if not Path(path).is_file():
        pytest.skip(f"Chromium: no server answers ({CHROMIUM} names the browser's program)")
    return path


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
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*_OPTIONS, f"--use-file-for-fake-video-capture={clip}"]
        )
        try:
            yield browser
        finally:
            browser.close()


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
