"""The history and the review queue on the page: found, told apart, decided, corrected."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest
from tests.protocols.drawn_faces import picture_of
from tests.unit.page.conftest import OpenView
from tests.unit.page.small_server import SmallServer

from facegate.page.launch import SERVER_NAME, TOKEN_NAME

WAIT_S = 10.0


def enrol(v1: httpx.Client, subject_id: str, person: int) -> None:
    files = {"image": ("photo.png", picture_of(person), "image/png")}
    form = {"subject_id": subject_id, "display_name": subject_id.partition("-")[0].title()}
    v1.post("/enrol", data=form, files=files).raise_for_status()


def identify(v1: httpx.Client, person: int) -> None:
    files = {"image": ("photo.png", picture_of(person), "image/png")}
    v1.post("/identify", files=files).raise_for_status()


def events(v1: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = v1.get("/events", params=query).raise_for_status().json()["events"]
    return found


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.markdown, *page.caption, *page.title))


def with_key(elements: Any, key: str) -> Any:
    return next(one for one in elements if one.key == key)


@pytest.fixture
def ada(v1: httpx.Client) -> str:
    """An id of her own in each test: who is seen again at once is no new event."""
    subject_id = f"ada-{secrets.token_hex(4)}"
    enrol(v1, subject_id, 1)
    enrol(v1, "bob", 2)
    return subject_id


@pytest.fixture
def seen(v1: httpx.Client, ada: str) -> dict[str, Any]:
    """She was identified once."""
    identify(v1, 1)
    wait_until(lambda: events(v1, subject_id=ada))
    return events(v1, subject_id=ada)[0]


@pytest.fixture
def ask(page_server: SmallServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], AppTest]:
    """What the window asks about an event, without the window: Streamlit's tests close it at each click."""

    def asked(event: dict[str, Any]) -> AppTest:
        monkeypatch.setenv(SERVER_NAME, page_server.url)
        monkeypatch.setenv(TOKEN_NAME, page_server.token)
        return AppTest.from_function(_questions, default_timeout=WAIT_S, args=(event["event_id"],)).run()

    return asked


def _questions(event_id: str) -> None:
    from facegate.page import session
    from facegate.page.views.events import deciding

    session.begin()
    deciding.questions(session.server().get(f"/events/{event_id}"))


def test_an_event_tells_who_where_and_how_sure(open_view: OpenView, seen: dict[str, Any]) -> None:
    page = open_view("events")

    assert "**Ada**" in said(page)
    assert "Identified · Page and /v1" in said(page)
    assert "100 % sure" in said(page)


def test_one_persons_events_are_found(open_view: OpenView, v1: httpx.Client, seen: dict[str, Any]) -> None:
    page = open_view("events")
    with_key(page.get("button_group"), "history who").set_value("person").run()
    with_key(page.selectbox, "history person one").set_value("bob").run()

    assert "Nothing fits" in said(page)

    with_key(page.selectbox, "history person one").set_value(seen["subject_id"]).run()
    assert "**Ada**" in said(page)


def test_strangers_doors_and_days_are_told_apart(
    open_view: OpenView, v1: httpx.Client, seen: dict[str, Any]
) -> None:
    page = open_view("events")
    with_key(page.multiselect, "history door").set_value(["terminals"]).run()
    assert "Nothing fits" in said(page)

    with_key(page.multiselect, "history door").set_value([])
    with_key(page.multiselect, "history kind").set_value(["identified"])
    with_key(page.multiselect, "history band").set_value(["match"]).run()
    assert "**Ada**" in said(page)

    with_key(page.get("button_group"), "history who").set_value("strangers").run()
    assert "**Ada**" not in said(page)


def test_older_events_are_a_page_away(open_view: OpenView, v1: httpx.Client) -> None:
    for person in range(1, 23):
        enrol(v1, f"p-{secrets.token_hex(4)}", person)
        identify(v1, person)
    wait_until(lambda: len(events(v1, limit=50)) >= 22)
    page = open_view("events")
    first = [one.key for one in page.button if str(one.key).startswith("decide ")]
    assert len(first) == 20

    next(one for one in page.button if one.label == "Older").click().run()

    second = [one.key for one in page.button if str(one.key).startswith("decide ")]
    assert second
    assert not set(first) & set(second)
    next(one for one in page.button if one.label == "Newer").click().run()
    assert [one.key for one in page.button if str(one.key).startswith("decide ")] == first


def test_the_question_who_it_was_is_asked_in_a_window(open_view: OpenView, seen: dict[str, Any]) -> None:
    page = open_view("events")
    with_key(page.button, f"decide {seen['event_id']}").click().run()

    assert not page.exception
    assert with_key(page.button, f"window stranger {seen['event_id']}")


def test_a_wrong_match_is_corrected(
    ask: Callable[[dict[str, Any]], AppTest], v1: httpx.Client, seen: dict[str, Any]
) -> None:
    event_id = seen["event_id"]
    page = ask(seen)
    assert with_key(page.button, f"window other {event_id}").disabled
    with_key(page.selectbox, f"window {event_id} one").set_value("bob").run()
    with_key(page.button, f"window other {event_id}").click().run()

    assert not page.exception
    event = v1.get(f"/events/{event_id}").json()
    assert (event["subject_id"], event["review"]) == ("bob", "corrected")


def test_a_stranger_was_taken_for_somebody(
    ask: Callable[[dict[str, Any]], AppTest], v1: httpx.Client, seen: dict[str, Any]
) -> None:
    with_key(ask(seen).button, f"window stranger {seen['event_id']}").click().run()

    event = v1.get(f"/events/{seen['event_id']}").json()
    assert (event["subject_id"], event["review"]) == (None, "dismissed")


def test_without_a_picture_nothing_can_be_learned(
    ask: Callable[[dict[str, Any]], AppTest], seen: dict[str, Any]
) -> None:
    page = ask(seen)

    assert "nothing can be learned" in said(page)
    assert not page.checkbox


def test_somebody_who_was_removed_meanwhile_is_told(
    ask: Callable[[dict[str, Any]], AppTest], v1: httpx.Client, seen: dict[str, Any]
) -> None:
    page = ask(seen)
    with_key(page.selectbox, f"window {seen['event_id']} one").set_value("bob").run()
    # Removed between the choice and the click; the list that the page asks for anew does not have him.
    v1.delete("/subjects/bob").raise_for_status()
    with_key(page.button, f"window right {seen['event_id']}").click().run()

    assert not page.exception
    assert v1.get(f"/events/{seen['event_id']}").json()["review"] == "confirmed"


def test_an_empty_queue_says_so(open_view: OpenView) -> None:
    assert "Nothing waits for you" in said(open_view("review"))
