"""Every view as people see it, on a desk and on a phone, in both languages; pictures of all in build/."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser
from tests.bot_api.server import CHAT_ID, TOKEN
from tests.browser.conftest import CLIP_FPS, Site
from tests.browser.scene import V1, wait_until
from tests.browser.visitor import DESKTOP, PHONE, Visitor, visiting
from tests.end_to_end.workstation import connected
from tests.real_pictures import RealPictures
from tests.rtsp_server.launcher import RtspServer

pytestmark = [pytest.mark.models, pytest.mark.slow]

VIEWS = (
    "identify",
    "enrol",
    "people",
    "review",
    "cameras",
    "workstations",
    "terminals",
    "events",
    "alerts",
    "matching",
    "system",
)

LANGUAGES = {"en": "en-US", "id": "id-ID"}


@pytest.fixture(scope="module")
def furnished(
    _site: Site, real_pictures: RealPictures, rtsp_server: RtspServer, walk_in: Path
) -> Iterator[Site]:
    """Something of everything."""
    headers = {"Authorization": f"Bearer {_site.server.token}"}
    with httpx.Client(
        base_url=f"{_site.server.url}/v1", headers=headers, timeout=60, trust_env=False
    ) as client:
        v1 = V1(client)
        v1.clear()
        _people_and_workstations(_site, v1, real_pictures)
        _cameras(v1, rtsp_server.show("/every_view", walk_in, fps=CLIP_FPS), walk_in)
        v1.post("/terminals", {"serial_number": "ZXRB22001001", "name": "Gate 1"})
        photo = base64.b64encode(real_pictures.read("astronaut.png")).decode()
        v1.post("/terminals/placements", {"subject_id": "ada", "image": photo})
        v1.identify(real_pictures.read("group.jpg"))
        wait_until(lambda: [one for one in v1.events(kind="seen", review="pending") if one["has_shot"]])
        wait_until(lambda: v1.get("/alerts/messages")["messages"])
        yield _site
        v1.clear()


def _people_and_workstations(site: Site, v1: V1, pictures: RealPictures) -> None:
    for subject_id, name, photo in (
        ("barack", "Barack Obama", "obama2.jpg"),
        ("joe", "Joe Biden", "biden.jpg"),
        ("ada", "Ada Lovelace", "astronaut.png"),
    ):
        v1.enrol(subject_id, name, pictures.read(photo))
        v1.post("/presence/clients", {"user_name": subject_id})
    v1.post("/presence/clients/joe/pause", {"note": "on leave until Monday"})
    with connected(site.server, "ada") as workstation:
        workstation.log_in()
        for photo in ("astronaut.png", "coffee.png", "biden.jpg"):
            workstation.show(pictures.read(photo))


def _cameras(v1: V1, address: str, clip: Path) -> None:
    channel = {"kind": "telegram", "name": "Family chat", "options": {"chat_id": CHAT_ID}}
    told = v1.post("/alerts/channels", {**channel, "secrets": {"token": TOKEN}})["channel_id"]
    rule = {"who": "known", "channel_ids": [told], "tells_leaving": True}
    v1.post("/cameras", {"nickname": "Front door", "source": address, "alerts": rule})
    v1.post(
        "/cameras",
        {"nickname": "Hall", "source": f"file://{clip}", "watch": {"threshold": 1.0}, "alerts": rule},
    )
    v1.post("/cameras", {"nickname": "Warehouse", "source": "rtsp://127.0.0.1:9/nothing"})
    v1.post("/cameras", {"nickname": "Parking lot", "source": "rtsp://192.0.2.1/live", "is_enabled": False})


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_view_fits_and_complains_of_nothing(
    furnished: Site, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    with visiting(browser, furnished.page_url, locale=LANGUAGES[language], size=size) as visitor:
        visitor.open()
        visitor.shoot(_name("sign-in", language, size))
        words = ("Access token", "Sign in") if language == "en" else ("Token akses", "Masuk")
        visitor.sign_in(furnished.server.token, *words)
        visitor.close_menu()
        _look_at(visitor, "overview", language, size)
        for view in VIEWS:
            visitor.go(view)
            _look_at(visitor, view, language, size)
            for number in range(1, visitor.page.get_by_role("tab").count()):
                visitor.page.get_by_role("tab").nth(number).click()
                visitor.settle()
                _look_at(visitor, f"{view}-{number}", language, size)
        _a_camera(visitor, language, size)
        _a_decision(visitor, language, size)


def _a_camera(visitor: Visitor, language: str, size: tuple[int, int]) -> None:
    visitor.go("cameras")
    visitor.press(re.compile("^(Open|Buka)$"))
    visitor.page.get_by_test_id("stMetric").first.wait_for()
    for number in range(3):
        visitor.page.get_by_role("tab").nth(number).click()
        visitor.settle()
        _look_at(visitor, f"camera-{number}", language, size)
    visitor.press(re.compile("All cameras|Semua kamera"))
    visitor.press(re.compile("Add a camera|Tambah kamera"))
    _look_at(visitor, "camera-new", language, size)


def _a_decision(visitor: Visitor, language: str, size: tuple[int, int]) -> None:
    visitor.go("events")
    visitor.press(re.compile("Who was it|Siapa itu"))
    visitor.page.get_by_role("dialog").wait_for()
    _look_at(visitor, "events-decision", language, size)


def _look_at(visitor: Visitor, view: str, language: str, size: tuple[int, int]) -> None:
    visitor.shoot(_name(view, language, size))
    assert not visitor.is_wider_than_the_screen(), view
    assert visitor.page.get_by_test_id("stAlertContentError").count() == 0, view


def _name(view: str, language: str, size: tuple[int, int]) -> str:
    return f"{view}-{language}-{size[0]}"
