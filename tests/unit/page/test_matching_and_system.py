"""What the numbers mean, and how the machine is."""

import httpx
import pytest
from streamlit.testing.v1 import AppTest
from tests.protocols.drawn_faces import DrawnFace, picture_of
from tests.unit.page.conftest import OpenView

from facegate.domain.matching import search_rate
from facegate.page.views.matching import searches_that_err


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.markdown, *page.caption))


def enrol(v1: httpx.Client, subject_id: str, *faces: DrawnFace) -> None:
    files = [("image", ("a.png", picture_of(face), "image/png")) for face in faces]
    v1.post("/enrol", data={"subject_id": subject_id}, files=files).raise_for_status()


@pytest.mark.parametrize("tolerance", [0.4, 0.5, 0.6, 0.8])
def test_the_page_tells_the_rate_that_the_server_uses(tolerance: float) -> None:
    assert searches_that_err(tolerance) == pytest.approx(search_rate(tolerance))


def test_with_few_people_the_next_step_is_told(open_view: OpenView) -> None:
    page = open_view("matching")

    assert "1 search in 100" in said(page)
    assert "too few photos" in said(page)


def test_the_spread_of_the_own_gallery_is_drawn(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada", DrawnFace(1), DrawnFace(1, 95))
    enrol(v1, "bob", DrawnFace(2))

    page = open_view("matching")

    assert "1 pairs of one person, 2 pairs of two persons" in said(page)
    assert len(page.get("vega_lite_chart")) == 2
    assert "too few photos" not in said(page)


def test_the_machine_is_shown_and_its_charts_grow(open_view: OpenView) -> None:
    page = open_view("system")
    page.run()

    metrics = {one.label: one.value for one in page.metric}
    assert metrics["Version"]
    assert "cores" in metrics["CPU"]
    assert len(page.session_state["machine samples"]) == 2
    assert "It has not run yet" in said(page)


def test_the_nightly_work_starts_after_a_second_yes(open_view: OpenView, v1: httpx.Client) -> None:
    page = open_view("system")

    page.button(key="nightly work first").click().run()
    assert v1.get("/maintenance").json()["report"] is None
    page.button(key="nightly work second").click().run()

    assert not page.exception
    assert v1.get("/maintenance").json()["report"] is not None
    assert "No template looks wrong." in said(page)
