"""The installed command as a user runs it: real processes, nets and photos, with and without a server."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.end_to_end.server_process import ServerProcess, clean_environment
from tests.end_to_end.test_main_job import self_signed
from tests.real_pictures import RealPictures

pytestmark = [pytest.mark.models]

Facegate = Callable[..., subprocess.CompletedProcess[str]]

PEOPLE = (("obama", "obama.jpg"), ("obama", "obama2.jpg"), ("biden", "biden.jpg"), ("cup", "coffee.png"))


@pytest.fixture
def facegate(tmp_path: Path, model_files: object) -> Facegate:
    """Runs the command in a process of its own, on the data folder that a `ServerProcess` here would hold."""

    def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        settings = {"FACEGATE_STORAGE__DATA_FOLDER": str(tmp_path / "data"), **more}
        return subprocess.run(
            [sys.executable, "-m", "facegate", *map(str, arguments)],
            env=clean_environment(**settings),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_enrolled_directly_and_known_through_the_server(
    facegate: Facegate, tmp_path: Path, real_pictures: RealPictures
) -> None:
    enrolled = facegate("enrol", "44", real_pictures.path("obama.jpg"), "--name", "Barack")
    assert enrolled.returncode == 0, enrolled.stderr
    server = ServerProcess(tmp_path)
    server.start()
    try:
        found = facegate("identify", real_pictures.path("obama2.jpg"), "--draw", "out.jpg")
        assert found.returncode == 0, found.stderr
        assert "44 (Barack)" in found.stdout
        assert (tmp_path / "out.jpg").stat().st_size > 10_000
        assert facegate("verify", "44", real_pictures.path("obama3.jpg")).stdout.startswith("yes: this is 44")
        refuted = facegate("verify", "44", real_pictures.path("biden.jpg"))
        assert (refuted.returncode, refuted.stdout[:24]) == (1, "no: this is not 44 (conf")
        assert facegate("enrol", "46", real_pictures.path("biden.jpg")).returncode == 0
    finally:
        server.kill()
    listed = facegate("subjects", "list", "--json")
    assert [one["subject_id"] for one in json.loads(listed.stdout)] == ["44", "46"]


@pytest.mark.slow
def test_the_gallery_moves_to_another_folder_in_one_file(
    facegate: Facegate, tmp_path: Path, real_pictures: RealPictures
) -> None:
    people = tmp_path / "people"
    for person, name in PEOPLE:
        (people / person).mkdir(parents=True, exist_ok=True)
        (people / person / name).write_bytes(real_pictures.path(name).read_bytes())
    imported = facegate("import", "photos", people, "--report", "report.csv")
    assert imported.returncode == 1, imported.stderr
    assert "3 photos of 2 people enrolled, 1 rejected" in imported.stdout
    assert (tmp_path / "report.csv").read_text().count("\n") == 5
    assert facegate("export", "all.facegate").returncode == 0
    elsewhere = {"FACEGATE_STORAGE__DATA_FOLDER": str(tmp_path / "elsewhere")}
    restored = facegate("restore", "all.facegate", **elsewhere)
    assert restored.stdout == "2 people restored\n", restored.stderr
    found = facegate("identify", real_pictures.path("obama3.jpg"), "--json", **elsewhere)
    assert json.loads(found.stdout)["faces"][0]["match"]["subject_id"] == "obama"


def test_a_photo_that_is_none_and_a_command_that_is_none(facegate: Facegate, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("hello")
    refused = facegate("identify", "text.jpg")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert facegate("idnetify").returncode == 2


@pytest.mark.slow
def test_the_own_server_is_trusted_by_its_certificate_file(facegate: Facegate, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    tls = {
        "FACEGATE_SERVER__TLS_CERTIFICATE_FILE": str(certificate),
        "FACEGATE_SERVER__TLS_KEY_FILE": str(key),
    }
    server = ServerProcess(tmp_path, tls, scheme="https")
    server.start()
    try:
        assert facegate("token", "list", **tls).returncode == 0
        distrusted = facegate("token", "list")
        assert distrusted.returncode == 3
        assert "certificate is not trusted" in distrusted.stderr
        named = facegate("token", "list", "--server", f"https://localhost:{server.port}", **tls)
        assert named.returncode == 3
        trusted = {**tls, "SSL_CERT_FILE": str(certificate)}
        assert (
            facegate("token", "list", "--server", f"https://localhost:{server.port}", **trusted).returncode
            == 0
        )
    finally:
        server.kill()
