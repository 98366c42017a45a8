"""Cameras on the page: added, changed, switched, removed; what is wrong with one and what to do about it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from tests.unit.page.conftest import OpenView

from facegate.page.views.cameras.zone_form import parse_corners

ADDRESS = "rtsp://admin:never-to-be-seen@192.0.2.1/live"


@pytest.fixture(autouse=True)
def _no_cameras(v1: httpx.Client) -> Iterator[None]:
    yield
    for camera in v1.get("/cameras").json()["cameras"]:
        v1.delete(f"/cameras/{camera['camera_id']}")


@pytest.fixture
def camera_id(v1: httpx.Client) -> str:
    """One that is stopped: nothing is at its address."""
    body = {"nickname": "Back *gate*", "source": ADDRESS, "is_enabled": False}
    added = v1.post("/cameras", json=body).raise_for_status()
    return str(added.json()["camera_id"])


def camera(v1: httpx.Client, camera_id: str) -> dict[str, Any]:
    found: dict[str, Any] = v1.get(f"/cameras/{camera_id}").raise_for_status().json()
    return found


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.markdown, *page.caption, *page.title))


def labelled(elements: Any, label: str) -> Any:
    return next(one for one in elements if one.label == label)


def opened(open_view: OpenView) -> AppTest:
    page = open_view("cameras")
    labelled(page.button, "Open").click().run()
    assert not page.exception
    return page


def test_without_a_camera_the_next_step_is_told(open_view: OpenView) -> None:
    page = open_view("cameras")

    assert "No camera yet" in said(page)
    assert "Add one with its address" in said(page)


def test_a_camera_is_added_and_its_password_shown_nowhere(open_view: OpenView, v1: httpx.Client) -> None:
    page = open_view("cameras")
    labelled(page.button, "Add a camera").click().run()
    assert labelled(page.button, "Add and watch").disabled
    labelled(page.text_input, "Name").set_value("Front door")
    labelled(page.text_input, "Address").set_value(ADDRESS).run()
    labelled(page.selectbox, "Tell about").set_value("everybody").run()
    labelled(page.button, "Add and watch").click().run()

    assert not page.exception
    (added,) = v1.get("/cameras").json()["cameras"]
    assert (added["nickname"], added["alerts"]["who"]) == ("Front door", "everybody")
    assert page.title[0].value == "Front door"
    assert page.code[0].value == "rtsp://***@192.0.2.1/live"
    assert "never-to-be-seen" not in str(page.session_state)


def test_an_address_inside_the_server_is_refused_in_one_sentence(
    open_view: OpenView, v1: httpx.Client
) -> None:
    page = open_view("cameras")
    labelled(page.button, "Add a camera").click().run()
    labelled(page.text_input, "Name").set_value("Files")
    labelled(page.text_input, "Address").set_value("file:///etc/passwd").run()
    labelled(page.button, "Try this address").click().run()
    assert "The server does not allow this" in page.error[0].value

    labelled(page.button, "Add and watch").click().run()

    assert "The server does not allow this" in page.error[0].value
    assert not page.exception
    assert v1.get("/cameras").json()["cameras"] == []


def test_a_name_is_no_markdown(open_view: OpenView, camera_id: str) -> None:
    assert "**Back \\*gate\\***" in said(open_view("cameras"))


def test_what_is_changed_is_kept_and_all_else_stays(
    open_view: OpenView, v1: httpx.Client, camera_id: str
) -> None:
    before = camera(v1, camera_id)
    page = opened(open_view)
    labelled(page.number_input, "Looks per second").set_value(2.5)
    labelled(page.slider, "Smallest face (px)").set_value(64)
    labelled(page.toggle, "Look only while something moves").set_value(False)
    next(one for one in page.button if one.key == f"watch {camera_id} save").click().run()

    assert not page.exception
    after = camera(v1, camera_id)
    wanted = before["watch"] | {"frames_per_s": 2.5, "min_face_px": 64, "has_motion_gate": False}
    assert after["watch"] == wanted
    assert (after["source"], after["alerts"]) == (before["source"], before["alerts"])


def test_hours_are_kept_with_their_days_and_taken_away_again(
    open_view: OpenView, v1: httpx.Client, camera_id: str
) -> None:
    page = opened(open_view)
    key = f"watch {camera_id}"
    labelled(page.toggle, "Only at certain hours").set_value(True).run()
    labelled(page.button, "More hours").click().run()
    assert len(page.time_input) == 4
    next(one for one in page.button if one.key == f"{key} save").click().run()
    assert [one["begins"] for one in camera(v1, camera_id)["watch"]["schedule"]] == ["08:00", "08:00"]

    labelled(page.toggle, "Only at certain hours").set_value(False).run()
    next(one for one in page.button if one.key == f"{key} save").click().run()

    assert camera(v1, camera_id)["watch"]["schedule"] is None


def test_who_is_told_is_chosen_among_people_and_groups(
    open_view: OpenView, v1: httpx.Client, camera_id: str
) -> None:
    page = opened(open_view)
    labelled(page.selectbox, "Tell about").set_value("unknown").run()
    labelled(page.number_input, "Silence after an alert (min)").set_value(15.0)
    labelled(page.toggle, "Quiet hours").set_value(True).run()
    next(one for one in page.button if one.key == f"alert {camera_id} save").click().run()

    rule = camera(v1, camera_id)["alerts"]
    assert (rule["who"], rule["cooldown_seconds"]) == ("unknown", 900)
    assert rule["quiet_hours"] == [{"begins": "22:00", "ends": "06:00", "days": [0, 1, 2, 3, 4, 5, 6]}]


def test_a_camera_is_started_stopped_and_snoozed(
    open_view: OpenView, v1: httpx.Client, camera_id: str
) -> None:
    page = opened(open_view)
    labelled(page.button, "Start").click().run()
    assert camera(v1, camera_id)["is_enabled"]

    labelled(page.button, "Stop").click().run()
    assert not camera(v1, camera_id)["is_enabled"]

    labelled(page.button, "4 hours").click().run()
    assert camera(v1, camera_id)["alerts"]["snoozed_until"]
    labelled(page.button, "Tell again now").click().run()
    assert camera(v1, camera_id)["alerts"]["snoozed_until"] is None


def test_a_camera_is_removed_after_a_second_yes(
    open_view: OpenView, v1: httpx.Client, camera_id: str
) -> None:
    page = opened(open_view)
    labelled(page.button, "Remove this camera").click().run()
    assert "Remove Back \\*gate\\* for good?" in page.warning[0].value
    assert camera(v1, camera_id)

    labelled(page.button, "Yes, delete").click().run()

    assert v1.get(f"/cameras/{camera_id}").status_code == 404
    assert "No camera yet" in said(page)


def test_a_camera_that_somebody_else_removed_is_told_calmly(
    open_view: OpenView, v1: httpx.Client, camera_id: str
) -> None:
    page = opened(open_view)
    v1.delete(f"/cameras/{camera_id}")
    page.run()

    assert not page.exception
    assert "This camera is not there any more" in said(page)


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=3, max_size=32),
    st.sampled_from(["{}, {}", "{},{}", " {} ; {} ", "{} %, {} %"]),
)
def test_corners_are_read_as_they_are_written(corners: list[tuple[int, int]], form: str) -> None:
    text = "\n".join(form.format(x, y) for x, y in corners)

    assert parse_corners(text) == [(x / 100, y / 100) for x, y in corners]


@pytest.mark.parametrize(
    "text",
    ["", "1, 2\n3, 4", "1, 2, 3\n4, 5\n6, 7", "a, b\n1, 2\n3, 4", "1, 2\n3, 101\n4, 5", "nan, 1\n2, 3\n4, 5"],
)
def test_what_are_no_corners_is_not_sent(text: str) -> None:
    assert parse_corners(text) is None
