"""What every source of model files promises, over the cache and the fake."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fakes.model_files import FakeModelFiles
from tests.unit.adapters.model_files.conftest import tiny_entry, tiny_model

from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.model_files.manifest import Manifest, ReleaseFile
from facegate.domain.errors import CapabilityMissing, InvalidInput
from facegate.ports.model_files import ModelFiles


class RecordedProgress:
    """Remembers which fetches began and how they ended."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[tuple[str, bool]] = []

    def begin(self, model_id: str) -> None:
        self.begun.append(model_id)

    def step(self, model_id: str, description: str) -> None:
        assert description

    def downloaded(self, model_id: str, done_bytes: int, total_bytes: int) -> None:
        assert 0 <= done_bytes <= total_bytes

    def end(self, model_id: str, *, is_ready: bool) -> None:
        self.ended.append((model_id, is_ready))


def _cache(folder: Path) -> ModelFiles:
    """Model `one` lies in the operator's folder; `two` is nowhere."""
    given = folder / "given"
    given.mkdir()
    (given / "one_published.onnx").write_bytes(tiny_model())
    nowhere = ReleaseFile(kind="url", url="http://127.0.0.1:9/two.onnx", label="nowhere")
    models = tuple(
        tiny_entry(tiny_model(), (nowhere,), model_id=name, file_name=f"{name}_published.onnx")
        for name in ("one", "two")
    )
    return CachedModelFiles(
        folder / "cache", operator_folder=given, manifest=Manifest(archives={}, models=models)
    )


MAKERS: dict[str, Callable[[Path], ModelFiles]] = {
    "cache": _cache,
    "fake": lambda folder: FakeModelFiles(folder, missing=["two"]),
}


@pytest.fixture(params=list(MAKERS))
def files(request: pytest.FixtureRequest, tmp_path: Path) -> ModelFiles:
    return MAKERS[request.param](tmp_path)


def test_a_model_is_not_ready_until_it_was_located(files: ModelFiles) -> None:
    assert not next(state for state in files.states() if state.model_id == "one").is_ready
    path = files.locate("one")
    assert path.is_file()
    assert files.locate("one") == path
    assert next(state for state in files.states() if state.model_id == "one").is_ready


def test_a_fetch_tells_its_beginning_and_end_once(files: ModelFiles) -> None:
    progress = RecordedProgress()
    files.fetch("one", progress)
    files.fetch("one", progress)
    assert progress.begun == ["one"]
    assert progress.ended == [("one", True)]


def test_a_model_that_cannot_be_had_is_a_missing_capability(files: ModelFiles) -> None:
    progress = RecordedProgress()
    with pytest.raises(CapabilityMissing) as caught:
        files.fetch("two", progress)
    assert "two" in caught.value.message
    assert caught.value.capability == "liveness"
    assert progress.ended == [("two", False)]
    with pytest.raises(CapabilityMissing):
        files.locate("two")


def test_unknown_ids_are_refused_everywhere(files: ModelFiles) -> None:
    for ask in (files.locate, files.fetch):
        with pytest.raises(InvalidInput):
            ask("unknown")
    with pytest.raises(InvalidInput):
        files.verify(["unknown"])


def test_verify_looks_at_what_is_ready_or_at_what_is_asked(files: ModelFiles) -> None:
    assert list(files.verify()) == []
    files.fetch("one")
    assert [(check.model_id, check.is_intact) for check in files.verify()] == [("one", True)]
    assert [check.is_intact for check in files.verify(["one", "two"])] == [True, False]
