"""The three contract doors with the real nets, on real photos, over real sockets."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tests.protocols.running_server import RunningServer, running_server
from tests.real_pictures import RealPictures

from facegate.adapters.model_files import CachedModelFiles

pytestmark = pytest.mark.models

TIMEOUT_S = 60
PERSON_COUNT_IN_GROUP = 6


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, model_files: CachedModelFiles
) -> Iterator[RunningServer]:
    """A server with its own gallery, in which 44 is Obama."""
    folder = tmp_path_factory.mktemp("real-photos")
    with running_server(folder, {"AUTH_TOKEN": "a-token-for-this-test-alone"}) as running:
        yield running


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="module")
def enrolled(server: RunningServer, real_pictures: RealPictures) -> RunningServer:
    response = requests.post(
        f"{server.url}/register-face",
        json={"user_id": 44, "photo": data_uri(real_pictures.read("obama.jpg"))},
        timeout=TIMEOUT_S,
        proxies={"http": "", "https": ""},
    )
    assert (response.status_code, response.json()["user_id"]) == (200, 44), response.text
    return server


def data_uri(content: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(content).decode()


def recognize(server: RunningServer, content: bytes) -> Any:
    body = {"photo": data_uri(content)}
    return requests.post(f"{server.url}/recognize", json=body, timeout=TIMEOUT_S).json()


def verify(server: RunningServer, user_id: str, name: str, content: bytes) -> Any:
    form: dict[str, Any] = {"data": {"user_id": user_id}, "files": {"file": (name, content)}}
    return requests.post(f"{server.url}/", **form, timeout=TIMEOUT_S).json()


def person(server: RunningServer, fields: dict[str, str], files: list[tuple[str, bytes]]) -> Any:
    return requests.post(
        f"{server.url}/person",
        headers={"Authorization": f"Bearer {server.token}"},
        data=fields,
        files=[("image", file) for file in files],
        timeout=TIMEOUT_S,
    ).json()


@pytest.mark.parametrize("name", ["obama.jpg", "obama2.jpg", "obama3.jpg"])
def test_attendance_recognises_other_photos(
    enrolled: RunningServer, real_pictures: RealPictures, name: str
) -> None:
    answer = recognize(enrolled, real_pictures.read(name))
    assert (answer["success"], answer["user_id"]) == (True, 44)
    assert 0.5 < answer["confidence"] <= 1.0


@pytest.mark.parametrize("name", ["biden.jpg", "astronaut.png"])
def test_attendance_knows_no_stranger(
    enrolled: RunningServer, real_pictures: RealPictures, name: str
) -> None:
    answer = recognize(enrolled, real_pictures.read(name))
    assert answer == {
        "success": False,
        "message": "Face not recognized",
        "user_id": "unknown",
        "confidence": 0.0,
    }


def test_attendance_sees_no_face_in_a_cup_of_coffee(
    enrolled: RunningServer, real_pictures: RealPictures
) -> None:
    answer = recognize(enrolled, real_pictures.read("coffee.png"))
    assert (answer["success"], answer["message"]) == (False, "No face detected in image")


def test_attendance_registers_nobody_from_a_group(
    enrolled: RunningServer, real_pictures: RealPictures
) -> None:
    body = {"user_id": 6, "photo": data_uri(real_pictures.read("group.jpg"))}
    response = requests.post(f"{enrolled.url}/register-face", json=body, timeout=TIMEOUT_S)
    assert (response.status_code, response.json()["success"]) == (400, False)


def test_verification_of_real_photos(enrolled: RunningServer, real_pictures: RealPictures) -> None:
    answers = {
        name: verify(enrolled, "44", name, real_pictures.read(name))
        for name in ("obama2.jpg", "biden.jpg", "coffee.png", "group.jpg")
    }
    accepted = answers["obama2.jpg"]
    assert (accepted["faceDetected"], accepted["match-status"], accepted["error-status"]) == ("44", True, 0)
    assert float(accepted["confidence"]) > 0.5
    messages = {name: answer.get("error-message") for name, answer in answers.items()}
    assert messages == {
        "obama2.jpg": None,
        "biden.jpg": "Face detected but not in dataset",
        "coffee.png": "No face detected",
        "group.jpg": "Found more than 1 face, and none of the faces matched",
    }
    assert answers["group.jpg"]["faceDetected"] == ["unknown"] * PERSON_COUNT_IN_GROUP


def test_persons_with_real_photos(enrolled: RunningServer, real_pictures: RealPictures) -> None:
    files = [(name, real_pictures.read(name)) for name in ("biden.jpg", "coffee.png")]
    added = person(enrolled, {"action": "add", "person_id": "joe"}, files)
    assert (added["added"], added["embeddings"]) == (1, 1)
    assert added["rejected"] == [{"file": "coffee.png", "reason": "No face detected in image"}]

    found = person(enrolled, {"action": "retrieve"}, [("query", real_pictures.read("obama2.jpg"))])
    assert (found["recognized"], found["person_id"]) == (True, "44")
    assert [candidate["person_id"] for candidate in found["candidates"]] == ["44", "joe"]
    box = found["box"]
    assert 0 <= box["left"] < box["right"]
    assert 0 <= box["top"] < box["bottom"]

    assert person(enrolled, {"action": "remove", "person_id": "joe"}, [])["removed"] is True
    assert recognize(enrolled, real_pictures.read("biden.jpg"))["success"] is False
