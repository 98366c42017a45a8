"""Workstations and terminals on the page."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest
from tests.protocols.drawn_faces import picture_of
from tests.unit.page.conftest import OpenView

NUMBER = "ZXRB22001001"


@pytest.fixture(autouse=True)
def _no_terminals(v1: httpx.Client) -> Iterator[None]:
    yield
    for terminal in v1.get("/terminals").json()["terminals"]:
        v1.delete(f"/terminals/{terminal['serial_number']}")


@pytest.fixture
def ada(v1: httpx.Client) -> str:
    """Enrolled, with an id that is hard on addresses."""
    subject_id = "ada/of *London*"
    files = {"image": ("photo.png", picture_of(1), "image/png")}
    v1.post("/enrol", data={"subject_id": subject_id}, files=files).raise_for_status()
    return subject_id


@pytest.fixture
def client(v1: httpx.Client, ada: str) -> str:
    v1.post("/presence/clients", json={"user_name": ada}).raise_for_status()
    return ada


def clients(v1: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = v1.get("/presence/clients").raise_for_status().json()["clients"]
    return found


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.markdown, *page.caption))


def labelled(elements: Any, label: str) -> Any:
    return next(one for one in elements if one.label == label)


def with_key(elements: Any, key: str) -> Any:
    return next(one for one in elements if one.key == key)


def test_a_view_without_anybody_tells_the_next_step(open_view: OpenView) -> None:
    page = open_view("workstations")

    assert "No workstation user" in said(page)
    assert "Nobody is connected" in said(page)
    assert "No evidence" in said(page)


def test_somebody_is_registered_with_a_token_that_is_shown_once(
    open_view: OpenView, v1: httpx.Client, ada: str
) -> None:
    page = open_view("workstations")
    with_key(page.selectbox, "register client one").set_value(ada)
    with_key(page.text_input, "register networks").set_value("10.1.0.0/16, 192.0.2.7")
    with_key(page.toggle, "register token").set_value(True).run()
    labelled(page.button, "Register").click().run()

    assert not page.exception
    (registered,) = clients(v1)
    assert registered["networks"] == ["10.1.0.0/16", "192.0.2.7/32"]
    token = page.code[0].value
    assert registered["has_token"]
    assert token

    labelled(page.button, "I have copied it").click().run()
    assert token not in str(page.session_state)
    assert not page.code


def test_wrong_addresses_are_told_in_one_sentence(open_view: OpenView, v1: httpx.Client, ada: str) -> None:
    page = open_view("workstations")
    with_key(page.selectbox, "register client one").set_value(ada)
    with_key(page.text_input, "register networks").set_value("somewhere").run()
    labelled(page.button, "Register").click().run()

    assert "The server does not take this as it is" in page.error[0].value
    assert not page.exception
    assert clients(v1) == []


def test_a_user_is_paused_with_a_note_resumed_blocked_and_let_in_again(
    open_view: OpenView, v1: httpx.Client, client: str
) -> None:
    page = open_view("workstations")
    with_key(page.text_input, f"note {client}").set_value("on *leave*").run()
    labelled(page.button, "Pause with this note").click().run()
    assert (clients(v1)[0]["status"], clients(v1)[0]["status_note"]) == ("paused", "on *leave*")
    assert "on \\*leave\\*" in said(page)

    labelled(page.button, "Resume").click().run()
    assert clients(v1)[0]["status"] == "active"

    labelled(page.button, "Block").click().run()
    assert clients(v1)[0]["status"] == "blocked"

    labelled(page.button, "Unblock").click().run()
    assert clients(v1)[0]["status"] == "active"
    assert not page.exception


def test_a_registration_ends_after_a_second_yes(open_view: OpenView, v1: httpx.Client, client: str) -> None:
    page = open_view("workstations")
    labelled(page.button, "End the registration").click().run()
    assert clients(v1)

    labelled(page.button, "Yes, delete").click().run()

    assert clients(v1) == []


def test_users_are_shown_by_state(open_view: OpenView, v1: httpx.Client, client: str) -> None:
    page = open_view("workstations")
    with_key(page.get("button_group"), "client state").set_value("blocked").run()
    assert "No workstation user" in said(page)

    with_key(page.get("button_group"), "client state").set_value("registered").run()
    assert "ada/of \\*London\\*" in said(page)


def test_a_terminal_is_added_named_blocked_and_let_in(open_view: OpenView, v1: httpx.Client) -> None:
    page = open_view("terminals")
    assert "No terminal yet" in said(page)
    labelled(page.text_input, "Serial number").set_value(NUMBER)
    labelled(page.text_input, "Name").set_value("Gate 1").run()
    labelled(page.button, "Add").click().run()
    assert "**Gate 1**" in said(page)

    with_key(page.text_input, f"zone {NUMBER}").set_value("Asia/Jakarta").run()
    with_key(page.button, f"save {NUMBER}").click().run()
    labelled(page.button, "Block").click().run()

    found = v1.get(f"/terminals/{NUMBER}").json()
    assert (found["name"], found["zone"], found["status"]) == ("Gate 1", "Asia/Jakarta", "blocked")
    labelled(page.button, "Let in").click().run()
    assert v1.get(f"/terminals/{NUMBER}").json()["status"] == "allowed"
    assert not page.exception


def test_somebody_is_put_on_terminals_and_taken_off(open_view: OpenView, v1: httpx.Client, ada: str) -> None:
    v1.post("/terminals", json={"serial_number": NUMBER, "name": "Gate 1"}).raise_for_status()
    page = open_view("terminals")
    assert "Nobody on terminals" in said(page)
    with_key(page.selectbox, "place person one").set_value(ada).run()
    labelled(page.button, "Put there").click().run()
    # The gallery keeps no photos: the server says what is missing.
    assert "no picture of this person is kept" in page.error[0].value

    with_key(page.file_uploader, "place photo").set_value(("ada.png", picture_of(1), "image/png")).run()
    labelled(page.button, "Put there").click().run()
    assert not page.exception
    (placement,) = v1.get("/terminals/placements").json()["placements"]
    assert (placement["serial_number"], placement["state"]) == (NUMBER, "wanted")

    labelled(page.button, "Take off").click().run()
    placements = v1.get("/terminals/placements").json()["placements"]
    assert [one["state"] for one in placements] in ([], ["unwanted"])
