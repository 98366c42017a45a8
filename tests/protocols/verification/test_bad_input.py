"""Other ways to send the photo, and bad requests: always this door's own JSON form."""

import base64
from pathlib import Path
from typing import Any

import pytest
from tests.protocols.bad_pictures import HUGE_HEADER, ODD_IDS, THIRTY_MEGABYTES, UNREADABLE
from tests.protocols.contract_doors import MAX_IMAGE_BYTES, DoorOptions, Doors, open_doors
from tests.protocols.drawn_faces import picture_of
from tests.protocols.in_process import ELSEWHERE

FIELDS = {"faceDetected", "confidence", "match-status", "error-status", "error-message"}


def is_refusal(response: Any, status: int, message: str | None = None) -> bool:
    body = response.json()
    assert set(body) == FIELDS
    assert (body["faceDetected"], body["confidence"]) == (None, None)
    assert (body["match-status"], body["error-status"]) == (False, 1)
    assert 0 < len(body["error-message"]) < 300
    assert message is None or body["error-message"] == message
    return bool(response.status_code == status)


def as_multipart_text(text: str | bytes) -> tuple[bytes, dict[str, str]]:
    """The form as clients send it who have no file: `file` is a plain field, with any bytes in it."""
    content = text.encode() if isinstance(text, str) else text
    body = (
        b'--xx\r\nContent-Disposition: form-data; name="user_id"\r\n\r\n42\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + content + b"\r\n--xx--\r\n"
    )
    return body, {"Content-Type": "multipart/form-data; boundary=xx"}


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(picture_of(1)),
        b"data:image/png;base64," + base64.b64encode(picture_of(1)),
        picture_of(1),
        picture_of(1, image_format="BMP"),
    ],
    ids=["bare base64", "data URI", "raw PNG", "raw BMP"],
)
def test_the_photo_as_a_plain_field(doors: Doors, text: bytes) -> None:
    doors.enrol("42", 1)
    content, headers = as_multipart_text(text)
    assert doors.client.post("/", content=content, headers=headers).json()["match-status"] is True


def test_a_base64_field_above_one_megabyte(doors: Doors) -> None:
    """Form parsers refuse such fields unless told otherwise."""
    doors.enrol("42", 1)
    padded = picture_of(1) + bytes(1_500_000)
    content, headers = as_multipart_text(base64.b64encode(padded))
    assert doors.client.post("/", content=content, headers=headers).json()["match-status"] is True


def test_the_form_url_encoded(doors: Doors) -> None:
    doors.enrol("42", 1)
    form = {"user_id": "42", "file": base64.b64encode(picture_of(1)).decode()}
    assert doors.client.post("/", data=form).json()["match-status"] is True


@pytest.mark.parametrize("content", [*UNREADABLE.values(), b""], ids=[*UNREADABLE, "0 bytes"])
def test_a_file_that_is_no_picture_whatever_its_name(doors: Doors, content: bytes) -> None:
    response = doors.client.post("/", data={"user_id": "42"}, files={"file": ("a.jpg", content)})
    assert is_refusal(response, 200, "Filename not supported")


@pytest.mark.parametrize("text", ["", "base64_image_data", "data:image/png,abc", "%%%", "\N{GRINNING FACE}"])
def test_a_text_that_is_no_picture(doors: Doors, text: str) -> None:
    content, headers = as_multipart_text(text)
    response = doors.client.post("/", content=content, headers=headers)
    assert is_refusal(response, 200, "Filename not supported")


def test_no_file_at_all(doors: Doors) -> None:
    assert is_refusal(doors.client.post("/", data={"user_id": "42"}), 200, "Filename not supported")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", ""),
        (b'{"user_id": "42", "file": "abc"}', "application/json"),
        (b"--xx--\r\n", "multipart/form-data; boundary=xx"),
    ],
)
def test_no_form_at_all(doors: Doors, content: bytes, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = doors.client.post("/", content=content, headers=headers)
    assert is_refusal(response, 200, "No user id provided")


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=xx"])
def test_a_broken_form(doors: Doors, content_type: str) -> None:
    response = doors.client.post("/", content=b"nonsense", headers={"Content-Type": content_type})
    assert is_refusal(response, 400)


@pytest.mark.parametrize("user_id", ["x" * 10_000, "a\x00b", "..", "a\nb"])
def test_ids_that_nobody_can_have(doors: Doors, user_id: str) -> None:
    response = doors.client.post("/", data={"user_id": user_id}, files={"file": ("a.png", picture_of(1))})
    assert is_refusal(response, 400)


@pytest.mark.parametrize("user_id", ODD_IDS)
def test_odd_ids(doors: Doors, user_id: str) -> None:
    doors.enrol(user_id, 1)
    response = doors.client.post("/", data={"user_id": user_id}, files={"file": ("a.png", picture_of(1))})
    assert (response.json()["faceDetected"], response.json()["match-status"]) == (user_id, True)


@pytest.mark.parametrize("content", [HUGE_HEADER, bytes(MAX_IMAGE_BYTES + 1), bytes(THIRTY_MEGABYTES)])
def test_pictures_that_are_too_large(doors: Doors, content: bytes) -> None:
    response = doors.client.post("/", data={"user_id": "42"}, files={"file": ("a.png", content)})
    assert is_refusal(response, 413)


def test_too_many_files(doors: Doors) -> None:
    files = [("file", (f"{number}.png", b"x")) for number in range(20)]
    assert is_refusal(doors.client.post("/", data={"user_id": "42"}, files=files), 400)


def test_a_full_queue_is_answered_at_once(tmp_path: Path) -> None:
    with open_doors(DoorOptions(data_folder=tmp_path, thread_count=1, max_waiting=0)) as doors:
        photo = picture_of(1)
        responses = doors.client.many(
            "POST", "/", 12, data={"user_id": "42"}, files={"file": ("a.png", photo)}
        )
        refused = [response for response in responses if response.status_code == 503]
        assert refused
        assert len(refused) < 12
        for response in refused:
            assert is_refusal(response, 503)
            assert int(response.headers["Retry-After"]) >= 1


def test_callers_from_elsewhere(tmp_path: Path) -> None:
    form: dict[str, Any] = {"data": {"user_id": "42"}, "files": {"file": ("a.png", picture_of(1))}}
    with open_doors(DoorOptions(data_folder=tmp_path), client=ELSEWHERE) as doors:
        assert is_refusal(doors.client.post("/", **form), 403)
        assert is_refusal(doors.client.post("/", **form, headers={"Authorization": "Bearer x"}), 401)
        assert doors.client.post("/", **form, headers=doors.bearer).status_code == 200


def test_too_many_requests_from_elsewhere(tmp_path: Path) -> None:
    options = DoorOptions(data_folder=tmp_path, requests_per_minute=2)
    with open_doors(options, client=ELSEWHERE) as doors:
        responses = [doors.client.post("/", headers=doors.bearer) for _ in range(3)]
        assert [response.status_code for response in responses] == [200, 200, 429]
        assert is_refusal(responses[2], 429)
        assert int(responses[2].headers["Retry-After"]) >= 1
