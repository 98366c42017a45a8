"""Bad requests at the attendance door: the right status, its own failure form, nothing kept."""

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from tests.protocols.attendance.photo_texts import base64_of, data_uri
from tests.protocols.bad_pictures import HUGE_HEADER, IMPOSSIBLE_IDS, ODD_IDS, THIRTY_MEGABYTES, UNREADABLE
from tests.protocols.contract_doors import MAX_IMAGE_BYTES, DoorOptions, Doors, open_doors
from tests.protocols.in_process import ELSEWHERE

PHOTO = data_uri(1)

BODIES: dict[str, Any] = {
    "no fields": {},
    "no photo": {"user_id": 1},
    "no user": {"photo": PHOTO},
    "photo is a number": {"user_id": 1, "photo": 5},
    "photo is null": {"user_id": 1, "photo": None},
    "photo is empty": {"user_id": 1, "photo": ""},
    "photo is an empty data URI": {"user_id": 1, "photo": "data:image/jpeg;base64,"},
    "photo is a data URI without base64": {"user_id": 1, "photo": "data:image/jpeg,abc"},
    "photo is wrong base64": {"user_id": 1, "photo": "data:image/jpeg;base64,/9j/4AAQ*"},
    "the document's placeholder": {"user_id": 1, "photo": "base64_image_data"},
    "user is true": {"user_id": True, "photo": PHOTO},
    "user is a fraction": {"user_id": 1.5, "photo": PHOTO},
    "user is a whole float": {"user_id": 1.0, "photo": PHOTO},
    "user is null": {"user_id": None, "photo": PHOTO},
    "user is an object": {"user_id": {"id": 1}, "photo": PHOTO},
    "user is a list": {"user_id": [1], "photo": PHOTO},
    "a list": [1, 2],
    "a number": 5,
    **{f"id {place}": {"user_id": text, "photo": PHOTO} for place, text in enumerate(IMPOSSIBLE_IDS)},
    "id is half a surrogate pair": {"user_id": "\ud800", "photo": PHOTO},
    **{name: {"user_id": 1, "photo": base64_of(content)} for name, content in UNREADABLE.items()},
}


def is_failure(response: Any, status: int) -> bool:
    body = response.json()
    assert set(body) == {"success", "message"}
    assert body["success"] is False
    assert 0 < len(body["message"]) < 300
    return bool(response.status_code == status)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bad_bodies(doors: Doors, body: Any) -> None:
    content = json.dumps(body)
    headers = {"Content-Type": "application/json"}
    assert is_failure(doors.client.post("/register-face", content=content, headers=headers), 400)
    assert doors.gallery.counts().subject_count == 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"photo": PHOTO}, "user_id: Field required"),
        ({"user_id": 1}, "photo: Field required"),
        ({"user_id": True, "photo": PHOTO}, "user_id: Input should be a whole number or a text"),
        ({"user_id": 1.0, "photo": PHOTO}, "user_id: Input should be a whole number or a text"),
        ({"user_id": " ", "photo": PHOTO}, "user_id: the id is empty"),
        ({"user_id": 1, "photo": "%"}, "the picture is not valid base64"),
    ],
)
def test_messages_name_the_field(doors: Doors, body: Any, message: str) -> None:
    assert doors.client.post("/register-face", json=body).json() == {"success": False, "message": message}


@pytest.mark.parametrize("photo", [None, 5, "", "data:,", "%%%", base64_of(b"letter")])
def test_bad_photos_to_recognise(doors: Doors, photo: Any) -> None:
    assert is_failure(doors.client.post("/recognize", json={"photo": photo}), 400)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"user_id": 1, "photo": ', "application/json"),
        (b'{"user_id": NaN, "photo": "a"}', "application/json"),
        (b"", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"user_id": ' + b"9" * 5_000 + b', "photo": "a"}', "application/json"),
        (b"[" * 20_000, "application/json"),
        (b'{"photo": [' + b"[]," * 1_000_000 + b"[]]}", "application/json"),
        (b"user_id=1&photo=abc", "application/x-www-form-urlencoded"),
        (b'{"user_id": 1, "photo": "abc"}', "text/plain"),
    ],
)
def test_bodies_that_are_no_json(doors: Doors, content: bytes, content_type: str) -> None:
    response = doors.client.post("/register-face", content=content, headers={"Content-Type": content_type})
    assert is_failure(response, 400)


def test_messages_never_quote_what_was_sent(doors: Doors) -> None:
    secret = "Zm9v" * 50 + "*"
    response = doors.client.post("/register-face", json={"user_id": ["geheim"], "photo": secret})
    assert "geheim" not in response.text
    assert "Zm9v" not in response.text


@pytest.mark.parametrize(
    "photo",
    [base64_of(HUGE_HEADER), base64_of(bytes(MAX_IMAGE_BYTES + 1))],
    ids=["50,000 x 50,000 pixels", "too many bytes"],
)
def test_photos_that_are_too_large(doors: Doors, photo: str) -> None:
    for path in ("/register-face", "/recognize"):
        assert is_failure(doors.client.post(path, json={"user_id": 1, "photo": photo}), 413)


def test_thirty_megabytes(doors: Doors) -> None:
    body = {"user_id": 1, "photo": "A" * THIRTY_MEGABYTES}
    assert is_failure(doors.client.post("/register-face", json=body), 413)


@pytest.mark.parametrize("user_id", ODD_IDS)
def test_odd_ids_work_in_bodies_and_in_paths(doors: Doors, user_id: str) -> None:
    doors.client.post("/register-face", json={"user_id": user_id, "photo": PHOTO})
    quoted = urllib.parse.quote(user_id, safe="")
    assert doors.client.get(f"/status/{quoted}").json()["encoding_count"] == 1
    assert doors.client.delete(f"/face/{quoted}").json()["user_id"] == user_id
    assert doors.client.delete(f"/face/{quoted}").status_code == 404


@pytest.mark.parametrize("path_id", ["%20", "x" * 10_000, "a%00b", ""])
def test_impossible_ids_in_paths(doors: Doors, path_id: str) -> None:
    assert is_failure(doors.client.get(f"/status/{path_id}"), 400)
    assert is_failure(doors.client.delete(f"/face/{path_id}"), 400)


def test_strangers_from_elsewhere_are_kept_out(tmp_path: Path) -> None:
    with open_doors(DoorOptions(data_folder=tmp_path), client=ELSEWHERE) as doors:
        for response in (
            doors.client.get("/health"),
            doors.client.get("/status/1"),
            doors.client.post("/recognize", json={"photo": PHOTO}),
            doors.client.delete("/face/1"),
        ):
            assert is_failure(response, 403)
        wrong = {"Authorization": "Bearer wrong"}
        assert is_failure(doors.client.get("/health", headers=wrong), 401)
        assert doors.client.get("/health", headers=doors.bearer).status_code == 200
