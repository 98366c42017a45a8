"""Start, enrol and recognise real photos at every door, stop, start again, still know everybody."""

import json
import shutil
import signal
import ssl
import stat
import subprocess
from pathlib import Path

import httpx
import pytest
from tests.end_to_end.photos import data_uri
from tests.end_to_end.server_process import ServerProcess, free_port, refused_start, running_server
from tests.real_pictures import RealPictures

from facegate.adapters.model_files import CachedModelFiles

pytestmark = pytest.mark.models


@pytest.fixture(autouse=True)
def _models_are_ready(model_files: CachedModelFiles) -> None:
    """The server may not fetch: the models have to be in the cache."""


def enrol_three_people(client: httpx.Client, pictures: RealPictures) -> None:
    obama = client.post(
        "/v1/enrol", data={"subject_id": "obama"}, files={"image": ("o.jpg", pictures.read("obama.jpg"))}
    )
    biden = client.post("/register-face", json={"user_id": 42, "photo": data_uri(pictures.read("biden.jpg"))})
    collins = client.post(
        "/person",
        data={"action": "add", "person_id": "eileen/collins 🚀"},
        files={"image": ("a.png", pictures.read("astronaut.png"))},
    )
    assert (obama.status_code, biden.status_code, collins.status_code) == (201, 200, 200), (
        obama.text + biden.text + collins.text
    )


def recognise_at_every_door(client: httpx.Client, pictures: RealPictures) -> None:
    unseen = pictures.read("obama2.jpg")
    identified = client.post("/v1/identify", files={"image": ("o.jpg", unseen)}).json()
    assert identified["faces"][0]["match"]["subject_id"] == "obama"
    recognised = client.post("/recognize", json={"photo": data_uri(unseen)}).json()
    assert (recognised["success"], recognised["user_id"]) == (True, "obama")
    retrieved = client.post("/person", data={"action": "retrieve"}, files={"image": ("o.jpg", unseen)}).json()
    assert (retrieved["recognized"], retrieved["person_id"]) == (True, "obama")
    claimed = client.post("/", data={"user_id": "obama"}, files={"file": ("o.jpg", unseen)}).json()
    assert claimed["match-status"] is True
    other = client.post("/", data={"user_id": "42"}, files={"file": ("o.jpg", unseen)}).json()
    assert other["match-status"] is False
    assert client.get("/status/42").json()["registered"] is True


def test_the_main_job_survives_a_restart(tmp_path: Path, real_pictures: RealPictures) -> None:
    extra_port = free_port()
    with running_server(tmp_path, FLASK_PORT=str(extra_port)) as server:
        assert f"serves on {server.url}" in server.output
        assert server.token in server.output
        assert stat.S_IMODE((server.data_folder / "token").stat().st_mode) == 0o600
        record = json.loads((server.data_folder / "server.json").read_text(encoding="utf-8"))
        assert record["url"] == server.url
        with server.client() as client:
            ready = client.get("/readyz").json()
            assert ready["ready"] is True
            enrol_three_people(client, real_pictures)
            recognise_at_every_door(client, real_pictures)
        assert httpx.get(f"http://127.0.0.1:{extra_port}/status/42").json()["registered"] is True
        assert server.stop() in (0, -signal.SIGTERM)
        assert not (server.data_folder / "server.json").exists()
        assert "Traceback" not in server.output
        server.start()
        assert server.token not in server.output
        with server.client() as client:
            recognise_at_every_door(client, real_pictures)
            people = client.get("/persons").json()["persons"]
            assert [person["person_id"] for person in people] == ["42", "eileen/collins 🚀", "obama"]


def test_one_server_per_data_folder(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        second = refused_start(
            tmp_path, FACEGATE_SERVER__PORT="0", FACEGATE_STORAGE__DATA_FOLDER=str(server.data_folder)
        )
        assert second.returncode == 3
        assert "FACEGATE_STORAGE__DATA_FOLDER" in second.stderr
        with server.client() as client:
            assert client.get("/readyz").status_code == 200


def test_a_log_file_without_personal_data(tmp_path: Path, real_pictures: RealPictures) -> None:
    log = tmp_path / "facegate.log"
    with running_server(
        tmp_path,
        FACEGATE_LOGGING__FILE=str(log),
        FACEGATE_LOGGING__FORMAT="json",
        FACEGATE_LOGGING__LEVEL="DEBUG",
    ) as server:
        with server.client() as client:
            enrol_three_people(client, real_pictures)
            named = client.get("/status/obama", headers={"X-Request-ID": "my-own-id"})
            assert named.headers["X-Request-ID"] == "my-own-id"
        server.stop()
        text = log.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
        assert any(line.get("request_id") == "my-own-id" for line in lines)
        assert not any(word in text for word in ("obama", "collins", server.token, "/9j/"))


def test_https(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    server = ServerProcess(
        tmp_path,
        {
            "FACEGATE_SERVER__TLS_CERTIFICATE_FILE": str(certificate),
            "FACEGATE_SERVER__TLS_KEY_FILE": str(key),
        },
        scheme="https",
    )
    try:
        server.start()
        with httpx.Client(verify=ssl.create_default_context(cafile=certificate), trust_env=False) as client:
            assert client.get(f"https://localhost:{server.port}/livez").json() == {"alive": True}
    finally:
        server.kill()


def self_signed(folder: Path) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key
