"""The first view: what is there, what needs somebody, who was seen."""

import time

import httpx
from tests.protocols.drawn_faces import picture_of
from tests.unit.page.conftest import TIMEOUT_S, OpenView


def metrics(page: object) -> dict[str, str]:
    return {one.label: one.value for one in page.metric}  # type: ignore[attr-defined]


def enrol(v1: httpx.Client, subject_id: str, *people: int) -> None:
    files = [("image", (f"{person}.png", picture_of(person), "image/png")) for person in people]
    v1.post("/enrol", data={"subject_id": subject_id}, files=files).raise_for_status()


def test_an_empty_server_shows_the_first_steps(open_view: OpenView) -> None:
    page = open_view("overview")

    assert "First steps" in [one.value for one in page.subheader]
    assert metrics(page)["People"] == "0"
    assert metrics(page)["Cameras live"] == "0 of 0"
    # The models of this server are stood in for, so the real ones are missing.
    assert "These models are missing" in page.warning[0].value


def test_people_and_templates_are_counted(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada", 1, 2)

    page = open_view("overview")

    assert "First steps" not in [one.value for one in page.subheader]
    assert (metrics(page)["People"], metrics(page)["Templates"]) == ("1", "2")


def test_who_was_identified_is_among_the_latest_events(open_view: OpenView, v1: httpx.Client) -> None:
    # A name of its own: who is identified again within a minute is no new event.
    enrol(v1, "ada seen", 1)
    v1.post("/identify", files={"image": ("a.png", picture_of(1), "image/png")}).raise_for_status()
    deadline = time.monotonic() + TIMEOUT_S
    while not v1.get("/events", params={"subject_id": "ada seen"}).json()["events"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)

    page = open_view("overview")

    assert any(one.value.startswith("**ada seen**") for one in page.markdown)
    assert page.subheader[-1].value == "Latest events"


def test_the_period_can_be_changed(open_view: OpenView) -> None:
    page = open_view("overview")

    page.button_group[0].set_value("last_month").run()

    assert not page.exception
    assert not page.error
