"""A double of the `ModelFiles` port: fetching writes an empty file, and models can be missing or damaged."""

from collections.abc import Sequence
from pathlib import Path

from facegate.domain.errors import CapabilityMissing, InvalidInput
from facegate.domain.models import ModelCheck, ModelState, ModelTask
from facegate.ports.model_files import FetchProgress

KNOWN = {"one": False, "two": False, "three": True}
"""Ids, and whether each is optional."""


class FakeModelFiles:
    """`missing` models cannot be had, `damaged` ones fail verification."""

    def __init__(
        self,
        folder: Path,
        *,
        missing: Sequence[str] = (),
        damaged: Sequence[str] = (),
        may_fetch: bool = True,
    ) -> None:
        self.fetched: list[str] = []
        self._folder = folder
        self._missing = missing
        self._damaged = damaged
        self._may_fetch = may_fetch

    def locate(self, model_id: str) -> Path:
        """See the port."""
        self._known(model_id)
        if model_id not in self.fetched and not self._may_fetch:
            raise self._refusal(model_id)
        return self.fetch(model_id)

    def fetch(self, model_id: str, progress: FetchProgress | None = None) -> Path:
        """See the port."""
        self._known(model_id)
        path = self._folder / f"{model_id}.onnx"
        if model_id in self.fetched:
            return path
        is_ready = model_id not in self._missing
        if progress is not None:
            progress.begin(model_id)
            progress.step(model_id, "download somewhere 1.0")
            progress.downloaded(model_id, 5, 10)
            progress.end(model_id, is_ready=is_ready)
        if not is_ready:
            raise self._refusal(model_id)
        path.write_bytes(b"")
        self.fetched.append(model_id)
        return path

    def states(self) -> list[ModelState]:
        """See the port."""
        return [self._state(model_id) for model_id in KNOWN]

    def verify(self, model_ids: Sequence[str] | None = None) -> list[ModelCheck]:
        """See the port."""
        for model_id in model_ids or ():
            self._known(model_id)
        return [
            ModelCheck(
                model_id,
                is_intact=model_id in self.fetched and model_id not in self._damaged,
                finding="looked at",
            )
            for model_id in (self.fetched if model_ids is None else model_ids)
        ]

    def _known(self, model_id: str) -> None:
        if model_id not in KNOWN:
            raise InvalidInput(f"there is no model {model_id!r}", field="model_id")

    def _refusal(self, model_id: str) -> CapabilityMissing:
        return CapabilityMissing(f"{model_id} is not available: do this", capability="liveness")

    def _state(self, model_id: str) -> ModelState:
        return ModelState(
            model_id=model_id,
            task=ModelTask.LIVENESS,
            is_ready=model_id in self.fetched,
            is_optional=KNOWN[model_id],
            licence="MIT",
            copyright_note="nobody",
            size_bytes=1,
            download_bytes=12_000_000,
            source_note="somewhere 1.0",
        )
