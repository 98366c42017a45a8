"""The seven outcomes of the verification document, word for word and in its order of checks."""

from pathlib import Path
from typing import Any

import pytest
from tests.protocols.contract_doors import DoorOptions, Doors, open_doors
from tests.protocols.drawn_faces import DrawnFace, picture_of


def verify(doors: Doors, user_id: str | None, picture: bytes, name: str = "photo.png") -> Any:
    """The JSON answer to one photo sent as a file; always HTTP 200."""
    fields = {} if user_id is None else {"user_id": user_id}
    response = doors.client.post("/", data=fields, files={"file": (name, picture)})
    assert response.status_code == 200
    return response.json()


def refused(message: str, face_detected: Any = None) -> dict[str, Any]:
    return {
        "faceDetected": face_detected,
        "confidence": None,
        "match-status": False,
        "error-status": 1,
        "error-message": message,
    }


@pytest.fixture
def enrolled(doors: Doors) -> Doors:
    """42 is person 1, ann is person 2."""
    doors.enrol("42", 1)
    doors.enrol("ann", 2)
    return doors


@pytest.mark.parametrize("user_id", [None, "", "   "])
def test_1_no_user_id(enrolled: Doors, user_id: str | None) -> None:
    assert verify(enrolled, user_id, picture_of(1)) == refused("No user id provided")


def test_1_comes_before_2(enrolled: Doors) -> None:
    assert verify(enrolled, "", b"", "notes.txt") == refused("No user id provided")


@pytest.mark.parametrize("name", ["photo.gif", "photo.webp", "photo", "jpg", "photo.jpg.exe", "photo.jpg "])
def test_2_other_file_names(enrolled: Doors, name: str) -> None:
    expected_refusal = refused("Filename not supported")
    answer = verify(enrolled, "42", picture_of(1), name)
    assert (answer == expected_refusal) is not name.strip().endswith(".jpg")


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "a.Png", "a.heif", "a.HEIC", "a b.c.jpg"])
def test_documented_file_names_pass(enrolled: Doors, name: str) -> None:
    assert verify(enrolled, "42", picture_of(1), name)["match-status"] is True


def test_2_comes_before_3(enrolled: Doors) -> None:
    assert verify(enrolled, "42", picture_of(), "a.gif") == refused("Filename not supported")


def test_3_no_face(enrolled: Doors) -> None:
    assert verify(enrolled, "42", picture_of()) == refused("No face detected")


def test_4_several_faces_one_of_them_the_users(enrolled: Doors) -> None:
    answer = verify(enrolled, "42", picture_of(2, 1, 3))
    confidence = answer.pop("confidence")
    assert answer == {
        "faceDetected": ["ann", "42", "unknown"],
        "match-status": True,
        "error-status": 1,
        "error-message": "Found more than 1 face, but one face matched",
    }
    assert float(confidence) > 0.9


@pytest.mark.parametrize(
    ("persons", "names"), [((3, 4), ["unknown", "unknown"]), ((2, 3), ["ann", "unknown"])]
)
def test_5_several_faces_none_the_users(enrolled: Doors, persons: tuple[int, ...], names: list[str]) -> None:
    assert verify(enrolled, "42", picture_of(*persons)) == refused(
        "Found more than 1 face, and none of the faces matched", names
    )


@pytest.mark.parametrize("user_id", ["42", "nobody"])
def test_6_a_stranger(enrolled: Doors, user_id: str) -> None:
    assert verify(enrolled, user_id, picture_of(3)) == refused("Face detected but not in dataset", "unknown")


def test_6_too_unlike_the_user(enrolled: Doors) -> None:
    """Close enough for a search among few, not for the stricter check of a claim."""
    answer = verify(enrolled, "42", picture_of(DrawnFace(1, likeness_percent=39)))
    assert answer == refused("Face detected but not in dataset", "unknown")


def test_7_the_claimed_user(enrolled: Doors) -> None:
    answer = verify(enrolled, "42", picture_of(1))
    confidence = answer.pop("confidence")
    assert answer == {"faceDetected": "42", "match-status": True, "error-status": 0}
    assert isinstance(confidence, str)
    assert 0.9 < float(confidence) <= 1.0
    assert len(confidence) == len("0.9999")


@pytest.mark.parametrize("user_id", ["42", "nobody"])
def test_7_somebody_else(enrolled: Doors, user_id: str) -> None:
    answer = verify(enrolled, user_id, picture_of(2))
    confidence = answer.pop("confidence")
    assert answer == {"faceDetected": "ann", "match-status": False, "error-status": 0}
    assert float(confidence) > 0.9


def test_the_documented_rule_accepts_exactly_the_matches(enrolled: Doors) -> None:
    """The document's simplification: accept where match-status is true, deny elsewhere."""
    accepted = {
        persons: verify(enrolled, "42", picture_of(*persons))["match-status"]
        for persons in [(), (1,), (2,), (3,), (1, 2), (2, 3), (3, 1)]
    }
    assert accepted == {
        (): False,
        (1,): True,
        (2,): False,
        (3,): False,
        (1, 2): True,
        (2, 3): False,
        (3, 1): True,
    }


def test_with_liveness_a_picture_of_the_user_is_nobody(tmp_path: Path) -> None:
    options = DoorOptions(data_folder=tmp_path, live_probability=0.1, checks_liveness=True)
    with open_doors(options) as doors:
        doors.enrol("42", 1)
        not_known = refused("Face detected but not in dataset", "unknown")
        assert verify(doors, "42", picture_of(1)) == not_known
        none_matched = verify(doors, "42", picture_of(1, 3))
        assert none_matched == refused(
            "Found more than 1 face, and none of the faces matched", ["unknown", "unknown"]
        )


def test_with_liveness_a_live_user_passes(tmp_path: Path) -> None:
    options = DoorOptions(data_folder=tmp_path, live_probability=0.9, checks_liveness=True)
    with open_doors(options) as doors:
        doors.enrol("42", 1)
        assert verify(doors, "42", picture_of(1))["match-status"] is True
