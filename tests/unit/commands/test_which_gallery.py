"""Where a command works: on the data folder, through the server that holds it, or through a named one."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from tests.contracts.test_gallery_access import fake_engine
from tests.protocols.running_server import RunningServer, running_server
from tests.unit.commands.conftest import Run

from facegate.adapters.data_folder.held_folder import LOCK_FILE_NAME
from facegate.commands.galleries import opening
from facegate.composition.server_record import ServerRecord, write_record


@pytest.fixture
def server(data_folder: Path) -> Iterator[RunningServer]:
    """Holds the data folder, and has left its record there."""
    with running_server(data_folder, {"FACEGATE_ENROLMENT__MIN_QUALITY": "0"}, fake_engine()) as running:
        write_record(data_folder, ServerRecord(running.url, os.getpid(), "0"))
        yield running


def test_the_server_that_holds_the_folder_is_used(
    server: RunningServer, run: Run, photo: Callable[..., Path]
) -> None:
    assert run("enrol", "ann", photo("1.jpg", "ann")).exit_code == 0
    # Another command line elsewhere sees it through the same server.
    named = run("subjects", "list", "--json", "--server", server.url, "--token", server.token)
    assert [one["subject_id"] for one in json.loads(named.stdout)] == ["ann"]


def test_a_wrong_token_is_one_sentence_with_the_way_out(server: RunningServer, run: Run) -> None:
    answer = run("subjects", "list", "--token", "fg_wrong_and_long")
    assert answer.exit_code == 3
    assert "facegate token show" in answer.stderr
    assert "Traceback" not in answer.output


def test_calibration_wants_the_folder_for_itself(
    server: RunningServer, run: Run, photo: Callable[..., Path]
) -> None:
    photo("people/ann/1.jpg", "ann")
    named = run("calibrate", "people", "--server", server.url)
    assert named.exit_code == 2
    assert "not through --server" in named.stderr
    held = run("calibrate", "people")
    assert held.exit_code == 3
    assert "stop the server" in held.stderr


def test_the_record_of_a_killed_server_is_not_believed(
    run: Run, data_folder: Path, photo: Callable[..., Path]
) -> None:
    data_folder.mkdir()
    # Whoever listens at that port now must not get the token.
    write_record(data_folder, ServerRecord("http://127.0.0.1:1", 2**22 + 1, "0"))
    assert run("enrol", "ann", photo("1.jpg", "ann")).exit_code == 0


def test_a_folder_that_another_command_holds_is_one_sentence(
    run: Run, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MAX_WAIT_S", 0.0)
    data_folder.mkdir()
    with FileLock(data_folder / LOCK_FILE_NAME, is_singleton=False):
        answer = run("subjects", "list")
    assert answer.exit_code == 3
    assert "wait until it is done" in answer.stderr


def test_a_command_that_is_about_to_end_is_waited_for(
    run: Run, data_folder: Path, photo: Callable[..., Path]
) -> None:
    data_folder.mkdir()
    lock = FileLock(data_folder / LOCK_FILE_NAME, is_singleton=False, thread_local=False)
    lock.acquire()
    release = threading.Timer(0.5, lock.release)
    release.start()
    answer = run("enrol", "ann", photo("1.jpg", "ann"))
    release.join()
    assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize(
    ("url", "exit_code", "sentence"),
    [
        ("http://127.0.0.1:1", 3, "nothing answers there"),
        ("faces.example.com", 2, "no server's address"),
        ("ftp://127.0.0.1", 2, "no server's address"),
    ],
)
def test_a_server_that_cannot_be_reached(run: Run, url: str, exit_code: int, sentence: str) -> None:
    answer = run("subjects", "list", "--server", url)
    assert answer.exit_code == exit_code
    assert sentence in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_wrong_settings_are_told_before_anything_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEGATE_SERVER__PROT", "9000")
    answer = run("subjects", "list")
    assert answer.exit_code == 2
    assert "Did you mean FACEGATE_SERVER__PORT?" in answer.stderr


def test_work_without_pictures_needs_no_model(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEGATE_STORAGE__DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("FACEGATE_ENGINE__MODEL_CACHE_FOLDER", str(tmp_path / "no models"))
    monkeypatch.setenv("FACEGATE_ENGINE__MAY_FETCH", "false")
    monkeypatch.setenv("FACEGATE_ENGINE__LIVENESS", "true")
    assert run("subjects", "list").exit_code == 0
    assert run("token", "create", "kiosk").exit_code == 0
    assert run("export", "all.facegate").exit_code == 0
    (tmp_path / "1.jpg").write_bytes(b"")
    refused = run("identify", "1.jpg")
    assert refused.exit_code == 3
    assert "facegate models fetch" in refused.stderr or "FACEGATE_ENGINE__MAY_FETCH" in refused.stderr
