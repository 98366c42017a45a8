"""Signing in, enrolling, identifying, and saying who it was, as a visitor does it with a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import Site, Visit
from tests.browser.scene import V1, wait_until
from tests.browser.visitor import visiting
from tests.real_pictures import RealPictures

pytestmark = [pytest.mark.models, pytest.mark.slow]


def test_signing_in_needs_the_token_and_shows_it_nowhere(site: Site, browser: Browser) -> None:
    token = site.server.token
    with visiting(browser, site.page_url) as visitor:
        visitor.open()
        visitor.fill("Access token", "wrong")
        visitor.press("Sign in")
        visitor.sees(re.compile("does not know this token"))

        visitor.sign_in(token)
        visitor.go("cameras")

        visitor.sees("No camera yet")
        assert token not in visitor.page.content()
        assert token not in visitor.page.url

        visitor.page.get_by_role("radio", name="Bahasa Indonesia").click()
        visitor.sees("Belum ada kamera")
    with visiting(browser, site.page_url) as another:
        another.open()
        expect(another.page.get_by_label("Access token", exact=True)).to_be_visible()


def test_somebody_who_is_enrolled_is_identified(
    site: Site, v1: V1, visit: Visit, real_pictures: RealPictures
) -> None:
    visitor = visit()
    visitor.go("enrol")
    visitor.fill("Id", "barack")
    visitor.fill("Name", "Barack Obama")
    visitor.page.locator('input[type="file"]').first.set_input_files(str(real_pictures.path("obama2.jpg")))
    visitor.settle()
    visitor.press("Enrol")
    visitor.sees(re.compile("Barack Obama is enrolled with 1 of 1"))
    assert v1.get("/subjects/barack")["template_count"] == 1

    visitor.go("identify")
    visitor.page.locator('input[type="file"]').first.set_input_files(str(real_pictures.path("obama.jpg")))
    visitor.settle()

    visitor.sees(re.compile("Barack Obama"))
    event = v1.newest_event(kind="identified")
    assert event["subject_id"] == "barack"
    assert event["door"] == "rest_v1"


def test_a_wrong_match_is_corrected_in_the_history(
    site: Site, v1: V1, visit: Visit, real_pictures: RealPictures
) -> None:
    # Somebody enrolled the wrong photo as Joe, so that another is taken for him.
    v1.enrol("joe", "Joe Biden", real_pictures.read("obama2.jpg"))
    v1.identify(real_pictures.read("obama.jpg"))
    wait_until(lambda: v1.events(subject_id="joe"))
    v1.enrol("barack", "Barack Obama", real_pictures.read("obama3.jpg"))
    visitor = visit()
    visitor.go("events")
    visitor.sees("Joe Biden")

    visitor.press("Who was it?")
    window = visitor.page.get_by_role("dialog")
    window.get_by_label("It was somebody else:").fill("barack")
    window.get_by_label("It was somebody else:").press("Tab")
    visitor.settle()
    window.get_by_role("combobox").click()
    visitor.page.get_by_role("option", name="Barack Obama (barack)").click()
    visitor.settle()
    window.get_by_role("button", name="It was this person").click()

    visitor.sees("Corrected")
    event = v1.newest_event(kind="identified")
    assert (event["subject_id"], event["review"]) == ("barack", "corrected")
    assert v1.events(subject_id="joe") == []

    with visitor.page.expect_download() as downloading:
        visitor.page.get_by_role("button", name="Table (CSV)").click()
    table = Path(downloading.value.path()).read_text(encoding="utf-8-sig")
    assert event["event_id"] in table
