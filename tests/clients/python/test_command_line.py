"""The program `facegate-workstation`: what it refuses, and how it packs."""

import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from facegate_workstation import command_line
from facegate_workstation.command_line import NO_PICTURES, WRONG_SETTINGS, main

PROJECT = Path(__file__).parents[3] / "clients" / "python"


def failed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    with pytest.raises(SystemExit) as ended:
        main(["--user", "ada", *words])
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--server", "http://127.0.0.1:8000"], "ws://host:8000/ws"),
        (["--frames-per-s", "0"], "frames per second"),
        (["--jpeg-quality", "500"], "JPEG quality"),
        (["--token-file", "no such file"], "token file"),
        (["--ca-file", "ca.pem"], "wss://"),
        (["--server", "wss://127.0.0.1:1", "--ca-file", "none.pem"], "CA file"),
        (["--lock-command", "'"], "cannot be read"),
        (["--lock-command", ""], "empty"),
        (["--once"], "--pictures"),
        (["--first-wait-s", "0"], "waits"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code, told = failed(capsys, *words)
    assert code == WRONG_SETTINGS
    assert said in told
    assert "Traceback" not in told


def test_missing_pictures_are_told_in_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, told = failed(capsys, "--pictures", str(tmp_path))
    assert code == NO_PICTURES
    assert "holds no picture" in told


def test_commands_are_split_as_a_shell_would_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert command_line._command("lock 'the screen' now") == ("lock", "the screen", "now")
    monkeypatch.setattr(sys, "platform", "win32")
    assert command_line._command(r'"C:\My Tools\lock.exe" /now') == (r"C:\My Tools\lock.exe", "/now")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_asked_to(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    command = [sys.executable, "-m", "facegate_workstation", "--user", "ada", "--pictures", str(tmp_path)]
    with subprocess.Popen(
        [*command, "--server", "ws://127.0.0.1:1"],
        cwd=PROJECT / "src",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as agent:
        assert agent.stdout is not None
        first = agent.stdout.readline()
        assert "no connection" in first
        time.sleep(0.1)
        agent.send_signal(number)
        rest = agent.stdout.read()
        assert agent.wait(20) == 0
    assert "stopped" in rest
    assert "Traceback" not in rest


def test_the_folder_packs_into_a_wheel_with_types(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    if subprocess.run([sys.executable, "-c", "import pip, hatchling"], check=False).returncode:
        pytest.skip("pip or hatchling is not installed")
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(PROJECT)], check=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        (entry,) = [name for name in names if name.endswith("entry_points.txt")]
        assert b"facegate-workstation = facegate_workstation.command_line:main" in packed.read(entry)
    assert "facegate_workstation/py.typed" in names
