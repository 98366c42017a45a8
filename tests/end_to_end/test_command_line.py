"""The installed command as a user runs it: real processes, nets and photos, with and without a server."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.real_pictures import RealPictures

pytestmark = [pytest.mark.models]

Facegate = Callable[..., subprocess.CompletedProcess[str]]

START_TIMEOUT_S = 60

PEOPLE = (("obama", "obama.jpg"), ("obama", "obama2.jpg"), ("biden", "biden.jpg"), ("cup", "coffee.png"))


@pytest.fixture
def environment(tmp_path: Path, model_files: object) -> dict[str, str]:
    """No settings but a data folder of its own; the models are ready."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FACEGATE_")}
    return {
        **kept,
        "FACEGATE_STORAGE__DATA_FOLDER": str(tmp_path / "data"),
        "FACEGATE_SERVER__PORT": "0",
    }


@pytest.fixture
def facegate(environment: dict[str, str], tmp_path: Path) -> Facegate:
    def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "facegate", *map(str, arguments)],
            env={**environment, **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@contextmanager
def serving(environment: dict[str, str], folder: Path) -> Iterator[None]:
    """`facegate serve` until the end of the block."""
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "facegate", "serve"], env=environment, cwd=folder, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + START_TIMEOUT_S
            while not (folder / "data" / "server.json").exists():
                assert process.poll() is None, (folder / "server.log").read_text()
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(START_TIMEOUT_S)


def test_enrolled_directly_and_known_through_the_server(
    facegate: Facegate, environment: dict[str, str], tmp_path: Path, real_pictures: RealPictures
) -> None:
    enrolled = facegate("enrol", "44", real_pictures.path("obama.jpg"), "--name", "Barack")
    assert enrolled.returncode == 0, enrolled.stderr
    with serving(environment, tmp_path):
        found = facegate("identify", real_pictures.path("obama2.jpg"), "--draw", "out.jpg")
        assert found.returncode == 0, found.stderr
        assert "44 (Barack)" in found.stdout
        assert (tmp_path / "out.jpg").stat().st_size > 10_000
        assert facegate("verify", "44", real_pictures.path("obama3.jpg")).stdout.startswith("yes: this is 44")
        refuted = facegate("verify", "44", real_pictures.path("biden.jpg"))
        assert (refuted.returncode, refuted.stdout[:24]) == (1, "no: this is not 44 (conf")
        assert facegate("enrol", "46", real_pictures.path("biden.jpg")).returncode == 0
    listed = facegate("subjects", "list", "--json")
    assert [one["subject_id"] for one in json.loads(listed.stdout)] == ["44", "46"]


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
