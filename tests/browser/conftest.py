"""A real server with real nets, a real page process, a real browser: one of each for all journeys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
import pytest
from playwright.sync_api import Browser, expect
from tests.bot_api.server import BotApiServer, bot_api
from tests.browser.page_process import running_page
from tests.browser.scene import V1
from tests.browser.visitor import DESKTOP, WAIT_MS, Visitor, visiting
from tests.debian_chromium import running_chromium
from tests.end_to_end.server_process import ServerProcess, running_server
from tests.real_pictures import RealPictures
from tests.rtsp_server.clips import make_walk_in_clip
from tests.rtsp_server.fixtures import rtsp_server
from tests.rtsp_server.launcher import require_rtsp

from facegate.adapters.model_files import CachedModelFiles

__all__ = ["rtsp_server"]

CLIP_FPS = 12


@dataclass(frozen=True)
class Site:
    """The server, its page, and the Telegram that it speaks to."""

    server: ServerProcess
    page_url: str
    telegram: BotApiServer


class Visit(Protocol):
    """A visitor who is signed in; at the end nothing may have gone wrong in the browser."""

    def __call__(self, *, locale: str = "en-US", size: tuple[int, int] = DESKTOP) -> Visitor: ...


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=WAIT_MS)
    with running_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def walk_in(tmp_path_factory: pytest.TempPathFactory, real_pictures: RealPictures) -> Path:
    """Obama (`obama.jpg`) comes after 1 s, stays for 5 and goes."""
    require_rtsp()
    out = tmp_path_factory.mktemp("walk_in") / "walk_in.mp4"
    return make_walk_in_clip(real_pictures.path("obama.jpg"), out, 1.0, 5.0, (960, 540), CLIP_FPS)


@pytest.fixture(scope="session")
def _site(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, model_files: CachedModelFiles
) -> Iterator[Site]:
    """The browser first: without one nothing else is started."""
    folder = tmp_path_factory.mktemp("site")
    with (
        bot_api() as telegram,
        running_server(
            folder,
            FACEGATE_CAMERAS__ALLOWED_PLACES="loopback,files",
            FACEGATE_ALERTS__TELEGRAM_API_URL=telegram.url,
        ) as server,
        running_page(folder, server.url) as page_url,
    ):
        yield Site(server, page_url, telegram)


@pytest.fixture
def v1(_site: Site) -> Iterator[V1]:
    """The server as any client of /v1 has it: sets the scene, and tells what the page did."""
    with httpx.Client(
        base_url=f"{_site.server.url}/v1",
        headers={"Authorization": f"Bearer {_site.server.token}"},
        timeout=60,
        trust_env=False,
    ) as client:
        yield V1(client)


@pytest.fixture
def site(_site: Site, v1: V1) -> Site:
    """Nobody enrolled, no camera, no channel; the history goes on."""
    v1.clear()
    _site.telegram.sent.clear()
    _site.telegram.updates.clear()
    return _site


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Visit]:
    opened = []

    @contextmanager
    def signed_in(locale: str, size: tuple[int, int]) -> Iterator[Visitor]:
        with visiting(browser, site.page_url, locale=locale, size=size) as visitor:
            visitor.open()
            is_english = locale.startswith("en")
            words = ("Access token", "Sign in") if is_english else ("Token akses", "Masuk")
            visitor.sign_in(site.server.token, *words)
            visitor.close_menu()
            yield visitor

    def begin(*, locale: str = "en-US", size: tuple[int, int] = DESKTOP) -> Visitor:
        context = signed_in(locale, size)
        opened.append(context)
        return context.__enter__()

    yield begin
    for context in reversed(opened):
        context.__exit__(None, None, None)
