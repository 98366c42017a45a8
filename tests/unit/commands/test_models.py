"""The models sub-commands, on a double of the port."""

from pathlib import Path

import pytest
from tests.fakes.model_files import FakeModelFiles
from typer.testing import CliRunner, Result

from facegate.commands.models import make_models_app


def _run(files: FakeModelFiles, *arguments: str) -> Result:
    return CliRunner().invoke(make_models_app(lambda: files), arguments)


def test_list_shows_every_model(tmp_path: Path) -> None:
    answer = _run(FakeModelFiles(tmp_path), "list")
    assert answer.exit_code == 0
    assert all(name in answer.stdout for name in ("one", "two", "three", "12 MB", "optional"))


@pytest.mark.parametrize(
    ("arguments", "fetched"),
    [((), ["one", "two"]), (("--all",), ["one", "two", "three"]), (("three",), ["three"])],
)
def test_fetch_takes_what_is_asked_for(
    arguments: tuple[str, ...], fetched: list[str], tmp_path: Path
) -> None:
    files = FakeModelFiles(tmp_path)
    answer = _run(files, "fetch", *arguments)
    assert answer.exit_code == 0
    assert files.fetched == fetched
    assert "download somewhere 1.0" in answer.stderr


def test_a_model_that_cannot_be_had_is_told_and_does_not_stop_the_others(tmp_path: Path) -> None:
    files = FakeModelFiles(tmp_path, missing=["one"])
    answer = _run(files, "fetch")
    assert answer.exit_code == 1
    assert files.fetched == ["two"]
    assert "one is not available: do this" in answer.stderr


def test_verify_says_which_model_is_bad(tmp_path: Path) -> None:
    files = FakeModelFiles(tmp_path, damaged=["two"])
    _run(files, "fetch")
    answer = _run(files, "verify", "one", "two")
    assert answer.exit_code == 1
    assert "ok   one" in answer.stdout
    assert "BAD  two" in answer.stdout
    assert _run(files, "verify", "one").exit_code == 0


def test_verify_without_any_model_and_of_an_unknown_one_are_refused(tmp_path: Path) -> None:
    nothing = _run(FakeModelFiles(tmp_path), "verify")
    assert nothing.exit_code == 1
    assert "facegate models fetch" in nothing.stderr
    unknown = _run(FakeModelFiles(tmp_path), "verify", "unknown")
    assert unknown.exit_code == 1
    assert "there is no model" in unknown.stderr
