"""The old documents' own client calls, by shape, against the whole server on a real socket.

Only the port, the token and the files are ours. The real `curl` and `requests` make the calls.
"""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.protocols.drawn_faces import picture_of
from tests.protocols.running_server import RunningServer, drawn_face_ports, running_server

OLD_ENVIRONMENT = {
    "AUTH_TOKEN": "replace_with_a_strong_random_token",
    "FLASK_DEBUG": "false",
    "RECOGNITION_TOLERANCE": "0.6",
    "FACE_QUALITY_THRESHOLD": "0.8",
    "MAX_FACES_PER_USER": "5",
    "LOG_LEVEL": "INFO",
}
TIMEOUT_S = 20

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("old-clients")
    with running_server(folder, OLD_ENVIRONMENT, drawn_face_ports()) as running:
        yield running


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with photos: img1, img2 and query show alice, carol and test_image one person each."""
    shown = {"img1": 11, "img2": 11, "query": 11, "carol": 12, "test_image": 13, "stranger": 99}
    for name, person in shown.items():
        (tmp_path / f"{name}.jpg").write_bytes(picture_of(person))
    return tmp_path


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


def shell(lines: str, **names: object) -> Any:
    """Runs the document's lines; the last one's output as JSON."""
    done = subprocess.run(
        ["bash", "-euc", lines],
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", **{name: str(value) for name, value in names.items()}},
        capture_output=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    return json.loads(done.stdout)


@needs_curl
def test_attendance_by_curl(server: RunningServer) -> None:
    port = server.old_port
    assert shell("curl http://localhost:$PORT/health", PORT=port)["status"] == "online"
    photo = base64.b64encode(picture_of(1)).decode()
    registered = shell(
        """
        curl -X POST http://localhost:$PORT/register-face \\
          -H "Content-Type: application/json" \\
          -d '{"user_id": 1, "photo": "'$PHOTO'"}'
        """,
        PORT=port,
        PHOTO=photo,
    )
    assert (registered["success"], registered["user_id"]) == (True, 1)
    recognized = shell(
        """
        curl -X POST http://localhost:$PORT/recognize \\
          -H "Content-Type: application/json" \\
          -d '{"photo": "'$PHOTO'"}'
        """,
        PORT=port,
        PHOTO=photo,
    )
    assert (recognized["success"], recognized["user_id"]) == (True, 1)
    assert shell("curl http://localhost:$PORT/stats", PORT=port)["stats"]["registered_users"] >= 1


@needs_curl
def test_the_placeholder_of_the_attendance_document(server: RunningServer) -> None:
    answer = shell(
        """
        curl -X POST http://localhost:$PORT/register-face \\
          -H "Content-Type: application/json" \\
          -d '{"user_id": 1, "photo": "base64_image_data"}'
        """,
        PORT=server.old_port,
    )
    assert answer == {"success": False, "message": "the picture is not valid base64"}


def test_attendance_by_python(server: RunningServer, photos: Path) -> None:
    base_url = f"http://localhost:{server.old_port}"

    response = requests.get(f"{base_url}/health", timeout=TIMEOUT_S)
    assert response.json()["service"] == "Face Recognition Server"

    with (photos / "test_image.jpg").open("rb") as img_file:
        img_base64 = base64.b64encode(img_file.read()).decode()

    response = requests.post(
        f"{base_url}/register-face",
        json={"user_id": 1, "photo": f"data:image/jpeg;base64,{img_base64}"},
        timeout=TIMEOUT_S,
    )
    assert response.json()["message"] == "Face registered successfully"


def test_attendance_from_a_vue_front_end(server: RunningServer) -> None:
    """The browser asks first; a page on this machine may call, a page from elsewhere may not."""
    url = f"http://127.0.0.1:{server.old_port}/recognize"
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    at_home = requests.options(url, headers={"Origin": "http://localhost:5173", **asks}, timeout=TIMEOUT_S)
    assert at_home.status_code == 200
    assert at_home.headers["Access-Control-Allow-Origin"] == "http://localhost:5173"
    foreign = {"Origin": "https://elsewhere.example"}
    refused = requests.options(url, headers={**foreign, **asks}, timeout=TIMEOUT_S)
    assert "Access-Control-Allow-Origin" not in refused.headers
    posted = requests.post(url, json={"photo": "x"}, headers=foreign, timeout=TIMEOUT_S)
    assert posted.status_code == 403
    answered = requests.post(
        url, json={"photo": "x"}, headers={"Origin": "http://localhost:5173"}, timeout=TIMEOUT_S
    )
    assert answered.status_code == 400
    assert answered.headers["Access-Control-Allow-Origin"] == "http://localhost:5173"


@needs_curl
def test_persons_by_curl(server: RunningServer, photos: Path) -> None:
    names = {"PORT": server.port, "AUTH_TOKEN": OLD_ENVIRONMENT["AUTH_TOKEN"], "FOLDER": photos}
    added = shell(
        'curl -X POST "http://localhost:$PORT/person"   -H "Authorization: Bearer $AUTH_TOKEN"'
        '   -F "action=add"   -F "person_id=alice"   -F "image=@$FOLDER/img1.jpg"'
        '   -F "image=@$FOLDER/img2.jpg"',
        **names,
    )
    assert added == {"person_id": "alice", "added": 2, "rejected": [], "embeddings": 2}
    retrieved = shell(
        'curl -X POST "http://localhost:$PORT/person"   -H "Authorization: Bearer $AUTH_TOKEN"'
        '   -F "action=retrieve"   -F "image=@$FOLDER/query.jpg"',
        **names,
    )
    assert (retrieved["recognized"], retrieved["person_id"]) == (True, "alice")
    listed = shell('curl -H "Authorization: Bearer $AUTH_TOKEN" http://localhost:$PORT/persons', **names)
    assert {"person_id": "alice", "embeddings": 2} in listed["persons"]
    removed = shell(
        'curl -X POST "http://localhost:$PORT/person"   -H "Authorization: Bearer $AUTH_TOKEN"'
        '   -F "action=remove"   -F "person_id=alice"',
        **names,
    )
    assert removed == {"removed": True, "person_id": "alice"}


@needs_curl
def test_cameras_by_curl(server: RunningServer) -> None:
    answer = shell(
        """
        curl -X POST "http://localhost:$PORT/cameras/schedule"   -H "Authorization: Bearer $AUTH_TOKEN" \\
          -H "Content-Type: application/json"   -d '[
            { "rtsp_link": "rtsp://...", "camera_nickname": "Cam01", "telegram_api_token": "...",
              "telegram_chat_id": "123", "threshold": 0.55, "cooldown_seconds": 60 }
          ]'
        """,
        PORT=server.port,
        AUTH_TOKEN=OLD_ENVIRONMENT["AUTH_TOKEN"],
    )
    assert set(answer) == {"detail"}


@needs_curl
def test_verification_as_its_document_describes(server: RunningServer, photos: Path) -> None:
    """A post request to "/" with `file`, an upload or a string, and `user_id`."""
    requests.post(
        f"{server.url}/person",
        headers={"Authorization": f"Bearer {OLD_ENVIRONMENT['AUTH_TOKEN']}"},
        data={"action": "add", "person_id": "carol"},
        files={"image": ("carol.jpg", (photos / "carol.jpg").read_bytes())},
        timeout=TIMEOUT_S,
    ).raise_for_status()
    names = {"PORT": server.old_port, "FOLDER": photos}
    uploaded = shell("curl -F file=@$FOLDER/carol.jpg -F user_id=carol http://localhost:$PORT/", **names)
    assert (uploaded["match-status"], uploaded["error-status"]) == (True, 0)
    assert "error-message" not in uploaded
    stranger = shell("curl -F file=@$FOLDER/stranger.jpg -F user_id=carol http://localhost:$PORT/", **names)
    assert stranger["error-message"] == "Face detected but not in dataset"
    as_string = requests.post(
        f"http://localhost:{server.old_port}/",
        data={"file": base64.b64encode(picture_of(12)).decode(), "user_id": "carol"},
        timeout=TIMEOUT_S,
    )
    assert as_string.json()["match-status"] is True


def test_a_hundred_requests_at_once(server: RunningServer) -> None:
    """Each gets an answer in its door's form; none is lost."""
    photo = "data:image/png;base64," + base64.b64encode(picture_of(50)).decode()

    def recognize(_: int) -> tuple[int, Any]:
        response = requests.post(f"{server.url}/recognize", json={"photo": photo}, timeout=TIMEOUT_S)
        return response.status_code, response.json()

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(recognize, range(100)))
    assert {status for status, _ in answers} <= {200, 503}
    assert all(body["success"] is False for _, body in answers)
    assert any(status == 200 for status, _ in answers)
