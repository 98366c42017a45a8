"""Debian's Chromium without a window, as all tests that need a browser start it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

PROGRAM = "FACEGATE_TEST_CHROMIUM"

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    # It asks nobody but the page's server.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str:
    """Skips the test where there is no Chromium."""
    path = os.environ.get(PROGRAM) or shutil.which("chromium") or ""
    if not Path(path).is_file():
        pytest.skip(f"Chromium: no server answers ({PROGRAM} names the browser's program)")
    return path


@contextmanager
def running_chromium(*options: str) -> Iterator[Browser]:
    """A browser for many pages, with further options of the command line."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_OPTIONS, *options])
        try:
            yield browser
        finally:
            browser.close()
