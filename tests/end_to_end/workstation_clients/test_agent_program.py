"""The program `facegate-workstation`, and the program of its README, against a real server."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.clients.agents_at_work import written
from tests.end_to_end.server_process import ServerProcess, clean_environment
from tests.end_to_end.test_presence import USER
from tests.real_pictures import RealPictures
from tests.real_video import LiveCamera

pytestmark = pytest.mark.models

PROJECT = Path(__file__).parents[3] / "clients" / "python"


def program(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(PROJECT / "src"), PYTHONUNBUFFERED="1"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("is_real", [False, True])
def test_the_program_locks_once(
    server: ServerProcess, real_pictures: RealPictures, camera: LiveCamera, tmp_path: Path, *, is_real: bool
) -> None:
    empty_room = real_pictures.read("coffee.png")
    pictures = written(tmp_path / "pictures", [*camera[:3], *[empty_room] * 4, *camera[10:12]])
    lock = f"""{sys.executable} -c 'open("locked", "a").write("once ")'"""
    words = ["--user", USER, "--server", f"ws://127.0.0.1:{server.port}", "--frames-per-s", "10"]
    words += ["--pictures", str(pictures), "--once", "--lock-command", lock, *["--really-lock"] * is_real]
    ran = program(tmp_path, "-m", "facegate_workstation", *words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = re.findall(r"(connected|NO_ACTION|ACTION_\w+ REASON_\w+|dry run|did: |stopped)", ran.stdout)
    hook = "did: " if is_real else "dry run"
    assert said == [
        "connected", "NO_ACTION", "ACTION_LOCK_SCREEN REASON_NO_FACE", hook, "NO_ACTION", "stopped"
    ]  # fmt: skip
    locked = tmp_path / "locked"
    assert (locked.read_text() if locked.exists() else "") == ("once " if is_real else "")


def test_the_readmes_program(server: ServerProcess, camera: LiveCamera, tmp_path: Path) -> None:
    (text,) = re.findall(r"```python\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    text = text.replace("ws://127.0.0.1:8000", f"ws://127.0.0.1:{server.port}").replace("alice", USER)
    written(tmp_path / "photos", camera[:2])
    ran = program(tmp_path, "-c", text)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("NO_ACTION EMPTY_REASON") == 2
    assert ran.stdout.splitlines()[-1].strip() == "stopped"
