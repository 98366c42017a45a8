"""The models sub-commands, on a double of the port."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from facegate.commands.models import make_models_app
from facegate.domain.errors import CapabilityMissing, InvalidInput
from facegate.domain.models import ModelCheck, ModelState, ModelTask
from facegate.ports.model_files import FetchProgress


def _state(model_id: str, *, is_optional: bool = False) -> ModelState:
    return ModelState(
        model_id=model_id,
        task=ModelTask.LIVENESS,
        is_ready=False,
        is_optional=is_optional,
        licence="MIT",
        copyright_note="nobody",
        size_bytes=1,
        download_bytes=12_000_000,
        source_note="somewhere 1.0",
    )


class FakeModelFiles:
    """Fetches by remembering; `missing` cannot be had, `damaged` fails verification."""

    def __init__(self, missing: set[str] | None = None, damaged: set[str] | None = None) -> None:
        self.fetched: list[str] = []
        self.missing = missing or set()
        self.damaged = damaged or set()

    def locate(self, model_id: str) -> Path:
        return self.fetch(model_id)

    def fetch(self, model_id: str, progress: FetchProgress | None = None) -> Path:
        assert progress is not None
        progress.begin(model_id)
        progress.step(model_id, "download somewhere 1.0")
        progress.downloaded(model_id, 5, 10)
        progress.end(model_id, is_ready=model_id not in self.missing)
        if model_id in self.missing:
            raise CapabilityMissing(f"{model_id} is not available: do this", capability="liveness")
        self.fetched.append(model_id)
        return Path(model_id)

    def states(self) -> list[ModelState]:
        return [_state("one"), _state("two"), _state("three", is_optional=True)]

    def verify(self, model_ids: Sequence[str] | None = None) -> list[ModelCheck]:
        if model_ids == ["unknown"]:
            raise InvalidInput("there is no model 'unknown'")
        wanted = self.fetched if model_ids is None else model_ids
        return [ModelCheck(name, name not in self.damaged, "looked at") for name in wanted]


def _run(files: FakeModelFiles, *arguments: str) -> Result:
    return CliRunner().invoke(make_models_app(lambda: files), arguments)


def test_list_shows_every_model() -> None:
    answer = _run(FakeModelFiles(), "list")
    assert answer.exit_code == 0
    assert all(name in answer.stdout for name in ("one", "two", "three", "12 MB", "optional"))


@pytest.mark.parametrize(
    ("arguments", "fetched"),
    [((), ["one", "two"]), (("--all",), ["one", "two", "three"]), (("three",), ["three"])],
)
def test_fetch_takes_what_is_asked_for(arguments: tuple[str, ...], fetched: list[str]) -> None:
    files = FakeModelFiles()
    answer = _run(files, "fetch", *arguments)
    assert answer.exit_code == 0
    assert files.fetched == fetched
    assert "download somewhere 1.0" in answer.stderr


def test_a_model_that_cannot_be_had_is_told_and_does_not_stop_the_others() -> None:
    files = FakeModelFiles(missing={"one"})
    answer = _run(files, "fetch")
    assert answer.exit_code == 1
    assert files.fetched == ["two"]
    assert "one is not available: do this" in answer.stderr


def test_verify_says_which_model_is_bad() -> None:
    files = FakeModelFiles(damaged={"two"})
    answer = _run(files, "verify", "one", "two")
    assert answer.exit_code == 1
    assert "ok   one" in answer.stdout
    assert "BAD  two" in answer.stdout
    assert _run(files, "verify", "one").exit_code == 0


def test_verify_without_any_model_and_of_an_unknown_one_are_refused() -> None:
    nothing = _run(FakeModelFiles(), "verify")
    assert nothing.exit_code == 1
    assert "facegate models fetch" in nothing.stderr
    unknown = _run(FakeModelFiles(), "verify", "unknown")
    assert unknown.exit_code == 1
    assert "there is no model" in unknown.stderr
