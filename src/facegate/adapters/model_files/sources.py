"""Finds the published file of a model: operator's folder, kept sources, registry archives, pinned address.

What comes out has the published hash. Conversion and the ready files are `cached_model_files.py`.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from facegate.adapters.model_files.archive_members import read_member
from facegate.adapters.model_files.file_hashes import (
    SourceUnavailable,
    is_published,
    sha256_of,
    write_atomically,
)
from facegate.adapters.model_files.manifest import ArchiveMember, Manifest, ModelEntry, ReleaseFile, Source
from facegate.adapters.model_files.package_clients import fetch_archive

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """The published bytes and where they came from, in words."""

    content: bytes
    source_note: str


@dataclass(frozen=True, slots=True)
class FetchReports:
    """Where a fetch tells about itself: a new step, and bytes done of so many."""

    on_step: Callable[[str], None]
    on_bytes: Callable[[int, int], None]


class ModelSources:
    """The ordered sources of every model."""

    def __init__(self, manifest: Manifest, kept_folder: Path, operator_folder: Path | None) -> None:
        self._manifest = manifest
        self._kept_folder = kept_folder
        self._operator_folder = operator_folder

    def at_hand(self, entry: ModelEntry) -> PublishedFile | None:
        """The file from the operator's folder or from what an earlier fetch kept; no network.

        Raises:
            SourceUnavailable: the operator's file is not the published one.
        """
        if (given := self._from_operator(entry)) is not None:
            return given
        kept = self._kept_folder / entry.file_name
        if kept.is_file():
            content = kept.read_bytes()
            if is_published(content, entry.sha256):
                return PublishedFile(content, "kept source file")
            logger.warning("a kept source file of %s was damaged and is fetched again", entry.model_id)
        return None

    def from_network(self, entry: ModelEntry, workspace: Path, reports: FetchReports) -> PublishedFile:
        """The file from the first of its sources that gives it.

        Raises:
            SourceUnavailable: none does; the message lists why.
        """
        reasons = []
        for source in entry.sources:
            try:
                content, label = self._from_source(entry, source, workspace, reports)
            except SourceUnavailable as unavailable:
                logger.warning("%s: %s", entry.model_id, unavailable)
                reasons.append(str(unavailable))
                continue
            self._keep(entry, content)
            return PublishedFile(content, label)
        raise SourceUnavailable("; ".join(reasons))

    def _from_operator(self, entry: ModelEntry) -> PublishedFile | None:
        if self._operator_folder is None:
            return None
        given = self._operator_folder / entry.file_name
        if given.is_file():
            content = given.read_bytes()
            if not is_published(content, entry.sha256):
                raise SourceUnavailable(
                    f"{entry.file_name} in the models folder is not the published file "
                    "(wrong SHA-256): replace or remove it"
                )
            return PublishedFile(content, "models folder")
        for source in entry.sources:
            if isinstance(source, ArchiveMember):
                archive = self._manifest.archives[source.archive]
                path = self._operator_folder / archive.file_name
                if path.is_file():
                    if sha256_of(path) != archive.sha256:
                        raise SourceUnavailable(
                            f"{archive.file_name} in the models folder is not the published archive "
                            "(wrong SHA-256): replace or remove it"
                        )
                    content = self._checked_member(entry, source, path)
                    return PublishedFile(content, f"{archive.file_name} in the models folder")
        return None

    def _from_source(
        self, entry: ModelEntry, source: Source, workspace: Path, reports: FetchReports
    ) -> tuple[bytes, str]:
        if isinstance(source, ReleaseFile):
            # Imported here: a server whose models are ready needs no HTTP client.
            from facegate.adapters.model_files.release_downloads import download

            reports.on_step(f"download from {source.label}")
            content = download(
                source.url,
                source.label,
                workspace / f"{entry.file_name}.part",
                entry.size_bytes,
                lambda done_bytes: reports.on_bytes(done_bytes, entry.size_bytes),
            )
            if not is_published(content, entry.sha256):
                raise SourceUnavailable(f"{source.label} sent a wrong SHA-256 and was refused")
            return content, source.label
        archive = self._manifest.archives[source.archive]
        path = fetch_archive(
            archive,
            workspace,
            lambda done_bytes: reports.on_bytes(min(done_bytes, archive.size_bytes), archive.size_bytes),
            reports.on_step,
        )
        reports.on_step("unpack")
        content = self._checked_member(entry, source, path)
        self._keep_siblings(entry, source.archive, path)
        return content, archive.label

    def _checked_member(self, entry: ModelEntry, source: ArchiveMember, path: Path) -> bytes:
        archive = self._manifest.archives[source.archive]
        content = read_member(path, archive, source.member, entry.size_bytes)
        if not is_published(content, entry.sha256):
            raise SourceUnavailable(f"a file in {archive.label} has a wrong SHA-256 and was refused")
        return content

    def _keep_siblings(self, entry: ModelEntry, archive_key: str, path: Path) -> None:
        """Keep other models' files from the same archive, so that it is downloaded once."""
        for other in self._manifest.models:
            for source in other.sources:
                is_inside = isinstance(source, ArchiveMember) and source.archive == archive_key
                if is_inside and other.file_name != entry.file_name and isinstance(source, ArchiveMember):
                    with contextlib.suppress(SourceUnavailable):
                        self._keep(other, self._checked_member(other, source, path))

    def _keep(self, entry: ModelEntry, content: bytes) -> None:
        write_atomically(self._kept_folder / entry.file_name, content)
