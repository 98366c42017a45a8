"""One person from photos, and many from a zip."""

import io
import zipfile

import httpx
from streamlit.testing.v1 import AppTest
from tests.protocols.drawn_faces import DrawnFace, picture_of
from tests.unit.page.conftest import OpenView

SHARP = picture_of(1)


def button(page: AppTest, label: str) -> None:
    next(one for one in page.button if one.label == label).click().run()


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.markdown, *page.caption, *page.success, *page.error))


def fill(page: AppTest, subject_id: str, **photos: bytes) -> AppTest:
    page.text_input[0].set_value(subject_id)
    page.file_uploader[0].set_value([(f"{name}.png", photo, "image/png") for name, photo in photos.items()])
    page.run()
    button(page, "Enrol")
    assert not page.exception
    return page


def test_each_photo_is_reported_with_reason_and_advice(open_view: OpenView, v1: httpx.Client) -> None:
    page = fill(
        open_view("enrol"),
        "ada",
        good=SHARP,
        empty=picture_of(),
        two=picture_of(1, 2),
        poor=picture_of(DrawnFace(1, clarity_percent=20)),
        broken=b"\xff\xd8\xff",
    )

    assert "ada is enrolled with 1 of 5 photos. A new person." in said(page)
    assert "good\\.png" in said(page)
    assert "No face is to be found" in said(page)
    assert "more than one face" in said(page)
    assert "show the whole face" in said(page)
    assert "no picture that can be read" in said(page)
    assert v1.get("/subjects/ada").json()["template_count"] == 1


def test_name_and_groups_are_kept(open_view: OpenView, v1: httpx.Client) -> None:
    page = open_view("enrol")
    page.text_input[1].set_value("Ada Lovelace")
    page.multiselect[0].set_value(["staff"])

    fill(page, "a/da", good=SHARP)

    assert v1.get("/subjects/a%2Fda").json()["display_name"] == "Ada Lovelace"
    assert v1.get("/subject-groups/a%2Fda").json()["groups"] == ["staff"]


def test_enrolling_again_keeps_the_groups_and_adds_what_is_new(open_view: OpenView, v1: httpx.Client) -> None:
    page = open_view("enrol")
    page.multiselect[0].set_value(["staff"])
    fill(page, "ada", good=SHARP)
    button(page, "Enrol another person")
    page.multiselect[0].set_value(["family"])

    fill(page, "ada", same=SHARP, other=picture_of(DrawnFace(1, likeness_percent=90)))

    assert "was known already" in said(page)
    assert v1.get("/subject-groups/ada").json()["groups"] == ["family", "staff"]
    assert v1.get("/subjects/ada").json()["template_count"] == 2


def test_nothing_is_enrolled_without_a_usable_photo(open_view: OpenView, v1: httpx.Client) -> None:
    page = fill(open_view("enrol"), "ada", empty=picture_of())

    assert "nothing was enrolled" in said(page)
    assert v1.get("/subjects").json()["subjects"] == []


def test_what_is_missing_is_asked_for(open_view: OpenView) -> None:
    page = open_view("enrol")
    button(page, "Enrol")
    assert "Give the person an id" in said(page)

    page.text_input[0].set_value("ada")
    button(page, "Enrol")
    assert "Add at least one photo" in said(page)


def test_a_new_form_is_empty(open_view: OpenView) -> None:
    page = fill(open_view("enrol"), "ada", good=SHARP)

    button(page, "Enrol another person")

    assert page.text_input[0].value == ""
    assert not page.file_uploader[0].value


def zip_of(**photos: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, photo in photos.items():
            archive.writestr(name.replace("__", "/"), photo)
    return written.getvalue()


def give_zip(page: AppTest, content: bytes) -> AppTest:
    page.file_uploader[1].set_value(("people.zip", content, "application/zip"))
    page.run()
    assert not page.exception
    return page


def test_a_zip_enrols_many_people_and_reports_the_rest(open_view: OpenView, v1: httpx.Client) -> None:
    photos = {
        f"all__p{person}__{number}.png": picture_of(DrawnFace(person, 100 - number))
        for person in range(1, 6)
        for number in range(3)
    }
    page = give_zip(
        open_view("enrol"), zip_of(**photos, all__p1__none=b"", **{"all__p2__x.png": picture_of()})
    )

    assert "16 photos of 5 people." in said(page)
    button(page, "Import")

    assert "15 of 16 photos were taken" in said(page)
    metrics = {one.label: one.value for one in page.metric}
    assert metrics == {"People with new photos": "5", "Photos taken": "15", "Not taken": "1"}
    assert page.dataframe[0].value["File"].tolist() == ["p2/x.png"]
    assert len(v1.get("/subjects").json()["subjects"]) == 5


def test_a_file_that_is_no_zip_is_refused(open_view: OpenView) -> None:
    assert "no zip file" in said(give_zip(open_view("enrol"), b"not a zip"))


def test_a_zip_without_photos_says_how_they_must_lie(open_view: OpenView) -> None:
    page = give_zip(open_view("enrol"), zip_of(**{"readme.txt": b"hello", "ada.png": SHARP}))

    assert "person/photo.jpg" in page.warning[0].value
