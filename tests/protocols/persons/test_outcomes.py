"""Every action of the persons door and what it answers."""

from pathlib import Path
from typing import Any

import pytest
from tests.protocols.contract_doors import DoorOptions, Doors, open_doors
from tests.protocols.drawn_faces import DrawnFace, picture_of

Files = list[tuple[str, tuple[str, bytes]]]


def images(*contents: bytes) -> Files:
    return [("image", (f"photo{place}.png", content)) for place, content in enumerate(contents, start=1)]


def post(doors: Doors, fields: dict[str, str], files: Files | None = None) -> tuple[int, Any]:
    response = doors.client.post("/person", data=fields, files=files, headers=doors.bearer)
    return response.status_code, response.json()


def test_an_empty_list(doors: Doors) -> None:
    assert doors.client.get("/persons", headers=doors.bearer).json() == {"persons": []}


def test_the_list_is_in_order_of_id(doors: Doors) -> None:
    doors.enrol("bob", 2)
    doors.enrol("alice", 1, 1)
    assert doors.client.get("/persons", headers=doors.bearer).json() == {
        "persons": [{"person_id": "alice", "embeddings": 2}, {"person_id": "bob", "embeddings": 1}]
    }


def test_adding_photos(doors: Doors) -> None:
    answer = post(doors, {"action": "add", "person_id": "alice"}, images(picture_of(1), picture_of(1)))
    assert answer == (200, {"person_id": "alice", "added": 2, "rejected": [], "embeddings": 2})


def test_adding_more_later(doors: Doors) -> None:
    doors.enrol("alice", 1)
    answer = post(doors, {"action": "add", "person_id": "alice"}, images(picture_of(1)))
    assert answer == (200, {"person_id": "alice", "added": 1, "rejected": [], "embeddings": 2})


@pytest.mark.parametrize("fields", [{"action": "add"}, {"action": "add", "person_id": " "}])
def test_adding_somebody_without_an_id(doors: Doors, fields: dict[str, str]) -> None:
    status, body = post(doors, fields, images(picture_of(1)))
    assert (status, body["added"], body["embeddings"]) == (200, 1, 1)
    assert doors.gallery.find_subject(body["person_id"]) is not None


def test_what_cannot_be_added_is_named_and_the_rest_is_added(doors: Doors) -> None:
    photos = images(picture_of(), picture_of(1), b"a letter", picture_of(1, 2))
    assert post(doors, {"action": "add", "person_id": "alice"}, photos) == (
        200,
        {
            "person_id": "alice",
            "added": 1,
            "rejected": [
                {"file": "photo1.png", "reason": "No face detected in image"},
                {
                    "file": "photo3.png",
                    "reason": "This is no picture that can be read (JPEG, PNG, WebP, BMP and HEIC/HEIF).",
                },
                {
                    "file": "photo4.png",
                    "reason": "2 faces are in the image: use a photo of one person alone",
                },
            ],
            "embeddings": 1,
        },
    )


def test_nothing_could_be_added(doors: Doors) -> None:
    rejected = [{"file": "photo1.png", "reason": "No face detected in image"}]
    assert post(doors, {"action": "add", "person_id": "alice"}, images(picture_of())) == (
        422,
        {"person_id": "alice", "added": 0, "rejected": rejected, "embeddings": 0},
    )
    assert post(doors, {"action": "add"}, images(picture_of())) == (
        422,
        {"person_id": None, "added": 0, "rejected": rejected, "embeddings": 0},
    )
    assert doors.gallery.counts().subject_count == 0


def test_nothing_could_be_added_to_somebody_known(doors: Doors) -> None:
    doors.enrol("alice", 1)
    status, body = post(doors, {"action": "add", "person_id": "alice"}, images(picture_of()))
    assert (status, body["added"], body["embeddings"]) == (422, 0, 1)


def test_too_poor_a_face_is_rejected(doors: Doors) -> None:
    photo = picture_of(DrawnFace(1, clarity_percent=45))
    status, body = post(doors, {"action": "add", "person_id": "alice"}, images(photo))
    assert status == 422
    assert "at least 0.30 is needed" in body["rejected"][0]["reason"]


def test_retrieving_somebody(doors: Doors) -> None:
    doors.enrol("alice", 1)
    doors.enrol("bob", 2)
    status, body = post(doors, {"action": "retrieve"}, images(picture_of(1)))
    candidates = body.pop("candidates")
    assert status == 200
    assert body == {
        "recognized": True,
        "person_id": "alice",
        "confidence": candidates[0]["confidence"],
        "similarity": 1.0,
        "box": {"left": 0, "top": 5, "right": 110, "bottom": 115},
    }
    assert body["confidence"] > 0.9
    assert [candidate["person_id"] for candidate in candidates] == ["alice", "bob"]
    assert set(candidates[1]) == {"person_id", "confidence", "similarity"}
    assert candidates[1]["confidence"] < 0.5


def test_retrieving_a_stranger(doors: Doors) -> None:
    doors.enrol("alice", 1)
    status, body = post(doors, {"action": "retrieve"}, images(picture_of(2)))
    candidates = body.pop("candidates")
    assert status == 200
    assert body == {
        "recognized": False,
        "person_id": None,
        "confidence": 0.0,
        "similarity": None,
        "box": {"left": 0, "top": 5, "right": 110, "bottom": 115},
    }
    assert [candidate["person_id"] for candidate in candidates] == ["alice"]


def test_retrieving_from_an_empty_gallery(doors: Doors) -> None:
    status, body = post(doors, {"action": "retrieve"}, images(picture_of(2)))
    assert (status, body["recognized"], body["candidates"]) == (200, False, [])


def test_retrieving_where_there_is_no_face(doors: Doors) -> None:
    answer = post(doors, {"action": "retrieve"}, images(picture_of()))
    assert answer == (422, {"detail": "No face detected in image"})


def test_the_largest_of_several_faces_is_retrieved(doors: Doors) -> None:
    doors.enrol("alice", 1)
    assert post(doors, {"action": "retrieve"}, images(picture_of(1, 2)))[1]["person_id"] == "alice"


def test_removing_somebody(doors: Doors) -> None:
    doors.enrol("alice", 1)
    assert post(doors, {"action": "remove", "person_id": "alice"}) == (
        200,
        {"removed": True, "person_id": "alice"},
    )
    assert post(doors, {"action": "remove", "person_id": "alice"}) == (
        404,
        {"detail": "nobody with this id is enrolled"},
    )


def test_with_liveness_a_picture_of_somebody_is_refused(tmp_path: Path) -> None:
    options = DoorOptions(data_folder=tmp_path, live_probability=0.1, checks_liveness=True)
    with open_doors(options) as doors:
        doors.enrol("alice", 1)
        assert post(doors, {"action": "retrieve"}, images(picture_of(1))) == (
            422,
            {"detail": "the face does not look live"},
        )
        assert post(doors, {"action": "add", "person_id": "bob"}, images(picture_of(2)))[0] == 422


def test_one_person_at_all_three_doors(doors: Doors) -> None:
    """A person enrolled at one door is known at every other, and removed everywhere at once."""
    post(doors, {"action": "add", "person_id": "42"}, images(picture_of(1)))
    assert doors.client.get("/status/42").json()["encoding_count"] == 1
    form: dict[str, Any] = {"data": {"user_id": "42"}, "files": {"file": ("a.png", picture_of(1))}}
    assert doors.client.post("/", **form).json()["match-status"] is True
    assert doors.client.delete("/face/42").status_code == 200
    assert doors.client.get("/persons", headers=doors.bearer).json() == {"persons": []}
    assert doors.client.post("/", **form).json()["match-status"] is False
