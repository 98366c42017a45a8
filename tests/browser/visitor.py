"""A visitor in a browser: what they do, and whatever the browser complains of."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect

WAIT_MS = 20_000
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"

DESKTOP, PHONE = (1280, 900), (390, 844)

_PAST_LAST_RUN = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@dataclass
class Visitor:
    """One person at the page, with cookies and a language of their own."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, view: str = "") -> None:
        """Loads a view by its address, which is a new visit."""
        self.page.goto(f"{self.address}/{view}")
        self.settle()

    def settle(self) -> None:
        """Until the page has drawn what was asked for."""
        self.page.wait_for_selector(_PAST_LAST_RUN, state="attached")
        self.page.wait_for_timeout(250)
        self.page.wait_for_selector(_PAST_LAST_RUN, state="attached")

    def sign_in(self, token: str, label: str = "Access token", button: str = "Sign in") -> None:
        """By the form."""
        self.fill(label, token)
        self.page.get_by_role("button", name=button, exact=True).click()
        expect(self.page.get_by_test_id("stSidebar")).to_be_attached()
        self.settle()

    def go(self, view: str) -> None:
        """Over the menu, as people do: the visit goes on."""
        if not self._is_menu_open():
            self.page.get_by_test_id("stExpandSidebarButton").click()
            self.page.wait_for_timeout(400)
        self.page.get_by_test_id("stSidebarNav").locator(f'a[href$="/{view}"]').click()
        self.page.wait_for_url(re.compile(f"/{view}$"))
        self.settle()
        self.close_menu()

    def close_menu(self) -> None:
        """On a phone the menu lies over the view."""
        size = self.page.viewport_size
        if size is not None and size["width"] < 700 and self._is_menu_open():
            self.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
            self.page.wait_for_timeout(400)

    def _is_menu_open(self) -> bool:
        return self.page.get_by_test_id("stExpandSidebarButton").count() == 0

    def fill(self, label: str, text: str) -> None:
        """Types into a field, and leaves it so that the page hears of it."""
        box = self.page.get_by_label(label, exact=True).first
        box.fill(text)
        box.press("Tab")
        self.settle()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Clicks the first button of this name and waits for what comes of it."""
        self.page.get_by_role("button", name=name).first.click()
        self.settle()

    def choose(self, label: str, option: str | re.Pattern[str]) -> None:
        """An option of a select box."""
        self.page.get_by_label(label).first.click()
        self.page.get_by_role("option", name=option).first.click()
        self.settle()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Waits for these words."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def shoot(self, name: str) -> Path:
        """A picture of the whole view, kept as build output."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        main = self.page.get_by_test_id("stMain")
        size = self.page.viewport_size
        assert size is not None
        height_px = main.evaluate("main => main.scrollHeight")
        self.page.set_viewport_size(
            {"width": size["width"], "height": min(6000, max(size["height"], height_px))}
        )
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
        return path

    def is_wider_than_the_screen(self) -> bool:
        """Whether something has to be scrolled sideways."""
        return bool(
            self.page.get_by_test_id("stMain").evaluate("main => main.scrollWidth > main.clientWidth + 1")
        )


@contextmanager
def visiting(
    browser: Browser, address: str, *, locale: str = "en-US", size: tuple[int, int] = DESKTOP
) -> Iterator[Visitor]:
    """A visitor who, at the end, must not have seen an error: not in the console, not on the page."""
    context = browser.new_context(
        locale=locale,
        timezone_id="Asia/Jakarta",
        viewport={"width": size[0], "height": size[1]},
        is_mobile=size[0] < 700,
        has_touch=size[0] < 700,
    )
    context.set_default_timeout(WAIT_MS)
    visitor = Visitor(context.new_page(), address)
    _listen(visitor)
    try:
        yield visitor
        if visitor.complaints:
            pytest.fail("\n".join(visitor.complaints))
        assert visitor.page.get_by_test_id("stException").count() == 0
    finally:
        context.close()


def _listen(visitor: Visitor) -> None:
    own_host = urlsplit(visitor.address).netloc

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            visitor.complaints.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != own_host:
            visitor.complaints.append(f"asked elsewhere: {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            visitor.complaints.append(f"{response.status}: {response.url}")

    page = visitor.page
    page.on("console", said)
    page.on("pageerror", lambda error: visitor.complaints.append(f"page error: {error}"))
    page.on("request", asked)
    page.on("response", answered)
