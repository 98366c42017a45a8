"""The list of people, and what can be done to one of them."""

import httpx
import pytest
from streamlit.testing.v1 import AppTest
from tests.protocols.drawn_faces import DrawnFace, picture_of
from tests.unit.page.conftest import OpenView

NASTY = "![x](http://192.0.2.1/x.png)"


def enrol(v1: httpx.Client, subject_id: str, *photos: bytes, name: str = "") -> None:
    files = [("image", ("a.png", photo, "image/png")) for photo in photos or [picture_of(1)]]
    fields = {"subject_id": subject_id, **({"display_name": name} if name else {})}
    v1.post("/enrol", data=fields, files=files).raise_for_status()


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def press_label(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == label).click().run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.title, *page.markdown, *page.caption))


def opened(open_view: OpenView, subject_id: str) -> AppTest:
    return press(open_view("people"), f"open {subject_id}")


def test_without_anybody_the_next_step_is_told(open_view: OpenView) -> None:
    assert "Nobody is enrolled yet" in said(open_view("people"))


def test_people_are_found_by_a_part_of_id_or_name(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada", name="Ada Lovelace")
    enrol(v1, "bob", picture_of(2))
    page = open_view("people")
    assert [one.key for one in page.button] == ["open ada", "open bob"]

    page.text_input[0].set_value("lace").run()
    assert [one.key for one in page.button] == ["open ada"]

    page.text_input[0].set_value("nobody").run()
    assert "Nobody fits this search" in said(page)


def test_pages_lead_forth_and_back(open_view: OpenView, v1: httpx.Client) -> None:
    for number in range(21):
        enrol(v1, f"p{number:02}", picture_of(number + 1))
    page = open_view("people")

    press_label(page, "Next")
    assert [one.key for one in page.button if one.label == "Open"] == ["open p20"]
    assert "Page 2" in said(page)

    press_label(page, "Previous")
    assert len([one for one in page.button if one.label == "Open"]) == 20


def test_a_person_is_renamed_and_put_into_groups(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada")
    page = opened(open_view, "ada")
    page.text_input[0].set_value(NASTY)
    page.multiselect[0].set_value(["staff"])

    press_label(page, "Save")

    assert v1.get("/subjects/ada").json()["display_name"] == NASTY
    assert v1.get("/subject-groups/ada").json()["groups"] == ["staff"]
    # Shown as it is: a picture from elsewhere would tell others who looks.
    assert "![x](" not in said(page)


def test_a_template_is_deleted_after_a_second_yes(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada", picture_of(1), picture_of(DrawnFace(1, 90)))
    first, _ = (one["template_id"] for one in v1.get("/subjects/ada").json()["templates"])
    page = opened(open_view, "ada")

    press(page, f"template {first} first")
    assert v1.get("/subjects/ada").json()["template_count"] == 2
    press(page, f"template {first} cancel")
    press(page, f"template {first} first")
    press(page, f"template {first} second")

    assert v1.get("/subjects/ada").json()["template_count"] == 1


def test_a_person_is_deleted_after_a_second_yes(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "a/da")
    page = opened(open_view, "a/da")

    press(page, "person a/da first")
    assert "Delete a/da for good?" in page.warning[0].value
    press(page, "person a/da second")

    assert v1.get("/subjects").json()["subjects"] == []
    assert "Nobody is enrolled yet" in said(page)


def test_somebody_enrolled_twice_is_merged(open_view: OpenView, v1: httpx.Client) -> None:
    enrol(v1, "ada")
    enrol(v1, "ada.l", picture_of(DrawnFace(1, 90)))
    page = opened(open_view, "ada.l")
    page.selectbox[0].set_value("ada").run()

    press(page, "merge ada.l ada first")
    press(page, "merge ada.l ada second")

    assert page.title[0].value == "ada"
    assert [one["template_count"] for one in v1.get("/subjects").json()["subjects"]] == [2]


def test_a_person_whom_somebody_else_removed_leads_back_to_the_list(
    open_view: OpenView, v1: httpx.Client
) -> None:
    enrol(v1, "ada")
    page = opened(open_view, "ada")
    v1.delete("/subjects/ada").raise_for_status()

    page.run()
    assert "not in the gallery any more" in page.error[0].value

    page.run()
    assert "Nobody is enrolled yet" in said(page)


@pytest.mark.parametrize("subject_id", ["a?b#c", "ä %2F", "merge"])
def test_odd_ids_are_opened(open_view: OpenView, v1: httpx.Client, subject_id: str) -> None:
    enrol(v1, subject_id)

    page = opened(open_view, subject_id)

    assert not page.error
    assert page.multiselect
