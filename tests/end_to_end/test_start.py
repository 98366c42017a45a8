"""Starts that are refused: one clear sentence, the right exit code, no traceback. No model is needed."""

import socket
from pathlib import Path

import pytest
from tests.end_to_end.server_process import free_port, refused_start

WRONG_SETTINGS = 2
CANNOT_WORK = 3


def sentences(text: str) -> list[str]:
    assert "Traceback" not in text
    return text.strip().splitlines()


def test_wrong_settings(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FACEGATE_SERVER__PROT=1\n", encoding="utf-8")
    misspelt = refused_start(tmp_path)
    assert misspelt.returncode == WRONG_SETTINGS
    assert sentences(misspelt.stderr) == [
        "FACEGATE_SERVER__PROT is no setting of facegate. Did you mean FACEGATE_SERVER__PORT?"
    ]
    (tmp_path / ".env").unlink()
    wrong = refused_start(tmp_path, RECOGNITION_TOLERANCE="nan", FLASK_PORT="none", AUTH_TOKEN="hush")
    assert wrong.returncode == WRONG_SETTINGS
    assert len(sentences(wrong.stderr)) == 3
    assert "hush" not in wrong.stderr


@pytest.mark.parametrize("setting", ["FACEGATE_SERVER__PORT", "FLASK_PORT"])
def test_a_taken_port(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environ = {"FACEGATE_SERVER__PORT": str(free_port()), setting: port}
        refused = refused_start(tmp_path, FACE_DATA_DIR=str(tmp_path / "data"), **environ)
    assert refused.returncode == CANNOT_WORK
    last = sentences(refused.stderr)[-1]
    assert last.startswith(f"Port {port} is in use")
    assert "FACEGATE_SERVER__" in last


def test_no_model_and_no_network(tmp_path: Path) -> None:
    refused = refused_start(
        tmp_path,
        FACEGATE_SERVER__PORT="0",
        FACEGATE_STORAGE__DATA_FOLDER=str(tmp_path / "data"),
        FACEGATE_ENGINE__MODEL_CACHE_FOLDER=str(tmp_path / "models"),
        FACEGATE_ENGINE__MAY_FETCH="false",
    )
    assert refused.returncode == CANNOT_WORK
    assert "facegate models fetch yunet" in sentences(refused.stderr)[-1]


def test_a_log_file_that_cannot_be_written(tmp_path: Path) -> None:
    refused = refused_start(tmp_path, FACEGATE_LOGGING__FILE=str(tmp_path))
    assert refused.returncode == CANNOT_WORK
    assert "FACEGATE_LOGGING__FILE" in sentences(refused.stderr)[-1]


def test_a_damaged_gallery(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gallery.sqlite3").write_bytes(b"this is no database" * 100)
    refused = refused_start(
        tmp_path, FACEGATE_SERVER__PORT="0", FACEGATE_STORAGE__DATA_FOLDER=str(tmp_path / "data")
    )
    assert refused.returncode == CANNOT_WORK
    assert len(sentences(refused.stderr)[-1]) > 20
