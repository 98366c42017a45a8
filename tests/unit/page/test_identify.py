"""A picture in, names out."""

from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest
from tests.protocols.drawn_faces import DrawnFace, picture_of
from tests.unit.page.conftest import OpenView

from facegate.page.server import Server


def give(page: AppTest, *faces: DrawnFace | int) -> AppTest:
    page.file_uploader[0].set_value(("photo.png", picture_of(*faces), "image/png"))
    return page.run()


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.markdown, *page.caption))


def enrol(v1: httpx.Client, subject_id: str, person: int, name: str = "") -> None:
    fields = {"subject_id": subject_id, "display_name": name or subject_id}
    v1.post("/enrol", data=fields, files={"image": picture_of(person)}).raise_for_status()


def test_without_anybody_enrolled_the_next_step_is_told(open_view: OpenView) -> None:
    page = open_view("identify")

    assert "Nobody is enrolled yet" in page.info[0].value
    assert "No picture yet" in said(page)


def test_a_known_face_is_named_with_how_sure_that_is(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada", 1, "Ada *Lovelace*")

    page = give(open_view("identify"), 1)

    assert not page.exception
    # A name is no Markdown.
    assert "**1 · Ada \\*Lovelace\\***" in said(page)
    assert "Confidence 100 %" in [one.text for one in page.get("progress")]
    assert "strangers would look this much like" in said(page)
    assert len(page.get("image")) == 1


def test_a_stranger_is_unknown_and_nobody_is_suggested(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada", 1)

    page = give(open_view("identify"), 2)

    assert "**1 · Unknown**" in said(page)
    assert not page.get("progress")


def test_every_face_has_its_number(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada", 1)
    enrol(v1, "bob", 2)

    page = give(open_view("identify"), 2, 1, 3)

    assert [one for one in ("**1 · bob**", "**2 · ada**", "**3 · Unknown**") if one not in said(page)] == []


def test_a_picture_without_a_face_is_no_error(open_view: OpenView) -> None:
    page = give(open_view("identify"))

    assert "No face was found" in said(page)
    assert not page.error


def test_a_broken_file_is_told_in_one_sentence(open_view: OpenView) -> None:
    page = open_view("identify")
    page.file_uploader[0].set_value(("photo.jpg", b"\xff\xd8\xff broken", "image/jpeg"))
    page.run()

    assert "no picture that can be read" in page.error[0].value
    assert not page.exception


def test_a_picture_is_asked_for_once_however_often_the_page_runs(
    open_view: OpenView, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    send_files = Server.send_files

    def counted(self: Server, path: str, *given: Any, **options: Any) -> Any:
        asked.append(path)
        return send_files(self, path, *given, **options)

    monkeypatch.setattr(Server, "send_files", counted)
    page = give(open_view("identify"), 1)

    page.run()
    assert asked == ["/identify"]

    page.toggle[0].set_value(True).run()
    assert asked == ["/identify"] * 2
    assert "Looks live (99 %)." in said(page)
