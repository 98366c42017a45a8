"""The command line as a whole: its help, its version, and how it ends when something is wrong."""

import subprocess
import sys

import pytest
from tests.unit.commands.conftest import Run
from typer.testing import CliRunner

import facegate
from facegate.commands.app import app
from facegate.commands.output.outcomes import exit_code_of
from facegate.composition import embedded
from facegate.domain.errors import CapabilityMissing, InvalidInput, StoreFailed, SubjectNotFound

COMMANDS = ["serve", "enrol", "import", "identify", "verify", "subjects"]
COMMANDS += ["export", "restore", "calibrate", "models", "token", "terminal"]


def test_help_names_every_command() -> None:
    answer = CliRunner().invoke(app, ["--help"])
    assert answer.exit_code == 0
    assert all(f" {command} " in answer.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", [*COMMANDS, "import photos", "subjects show", "token create"])
def test_every_command_has_help_with_the_gallery_options(command: str) -> None:
    answer = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
    assert answer.exit_code == 0, answer.output
    is_about_a_gallery = command not in {"serve", "import", "subjects", "models", "token", "terminal"}
    assert ("--server" in answer.stdout) == is_about_a_gallery


def test_version() -> None:
    answer = CliRunner().invoke(app, ["--version"])
    assert (answer.exit_code, answer.stdout) == (0, f"facegate {facegate.__version__}\n")


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from facegate.commands.app import app; "
        "CliRunner().invoke(app, ['--help']); "
        "print([name for name in ('numpy', 'pydantic', 'cv2', 'onnxruntime', 'httpx', 'PIL', 'fastapi', "
        "'sqlalchemy') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_a_bug_is_a_sentence_and_with_debug_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(embedded, "build_application", broken)
    answer = run("subjects", "list")
    assert answer.exit_code == 4
    assert "--debug" in answer.stderr
    assert "Traceback" not in answer.output
    monkeypatch.setenv("FACEGATE_DEBUG", "0")
    debugged = run("--debug", "subjects", "list")
    assert isinstance(debugged.exception, ZeroDivisionError)


def test_exit_codes_tell_whose_turn_it_is() -> None:
    assert exit_code_of(SubjectNotFound("m")) == 1
    assert exit_code_of(InvalidInput("m")) == 2
    assert exit_code_of(StoreFailed("m")) == 3
    assert exit_code_of(CapabilityMissing("m", capability="c")) == 3


def test_a_misspelt_option_is_a_usage_error(run: Run) -> None:
    assert run("identify", "--drow", "x").exit_code == 2
    assert run("idnetify").exit_code == 2
