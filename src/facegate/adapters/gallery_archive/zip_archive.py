"""The `GalleryArchive` port as a zip file with `manifest.json` and `subjects.jsonl`."""

import hashlib
import os
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson

from facegate.adapters.gallery_archive.manifest import Manifest, parse_manifest
from facegate.adapters.gallery_archive.records import from_line, to_line
from facegate.domain.calibration import curve_from_data
from facegate.domain.errors import InvalidInput, StoreFailed
from facegate.ports.gallery_archive import ArchivedSubject

_MANIFEST, _SUBJECTS = "manifest.json", "subjects.jsonl"
_CALIBRATIONS = "calibrations.json"

_MAX_MANIFEST_BYTES = 1 << 20
_MAX_LINE_BYTES = 256 << 20
"""One person: some ten thousand templates, or thousands of cutouts."""

_MAX_RATIO = 50
"""Base64 of vectors shrinks to three quarters; far beyond that the file is a decompression bomb."""


class ZipGalleryArchive:
    """One archive file. It holds biometric data: it is made for its owner alone (mode 0600)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(
        self,
        subjects: Iterable[ArchivedSubject],
        on_progress: Callable[[int], None] | None = None,
        *,
        calibrations: Mapping[str, str] | None = None,
    ) -> int:
        """Writes beside the target and renames: a failed export leaves what was there before.

        Raises:
            StoreFailed: the place cannot be written.
        """
        partial = self._path.with_name(f".{self._path.name}.{uuid.uuid4().hex}.partial")
        try:
            descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "w+b") as file:
                    count = _write_zip(file, subjects, on_progress, calibrations or {})
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(self._path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreFailed(
                "the export could not be written: check the folder and the disk's free space"
            ) from error
        return count

    @contextmanager
    def open(self) -> Iterator[Iterator[ArchivedSubject]]:
        """Reads the file twice: the first time to check every byte and record, then to hand them out.

        Raises:
            InvalidInput: damaged, truncated, not ours, or written by a newer version.
        """
        with _translated():
            archive = zipfile.ZipFile(self._path)
        with archive:
            with _translated():
                _check_content(archive, _checked_manifest(archive))
                _calibrations(archive)
            yield _subjects(archive)

    def calibrations(self) -> dict[str, str]:
        """The measured curves as JSON by model id.

        Raises:
            InvalidInput: damaged or not ours.
        """
        with _translated(), zipfile.ZipFile(self._path) as archive:
            _checked_manifest(archive)
            return _calibrations(archive)


def _write_zip(
    file: BinaryIO,
    subjects: Iterable[ArchivedSubject],
    on_progress: Callable[[int], None] | None,
    calibrations: Mapping[str, str],
) -> int:
    digest = hashlib.sha256()
    subject_count = template_count = cutout_count = size_bytes = 0
    models: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open(_SUBJECTS, "w", force_zip64=True) as member:
            for subject in subjects:
                line = to_line(subject)
                member.write(line)
                digest.update(line)
                size_bytes += len(line)
                subject_count += 1
                template_count += len(subject.templates)
                for template in subject.templates:
                    cutout_count += template.cutout is not None
                    models[template.stored.template.model_id] = int(template.stored.template.vector.size)
                if on_progress is not None:
                    on_progress(subject_count)
        manifest = Manifest(
            subject_count, template_count, cutout_count, models, size_bytes, digest.hexdigest()
        )
        if calibrations:
            archive.writestr(_CALIBRATIONS, orjson.dumps(dict(calibrations)))
        archive.writestr(_MANIFEST, manifest.to_json())
    return subject_count


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidInput("there is no such export file") from error
    except OSError as error:
        raise InvalidInput("the export file cannot be read") from error
    # RuntimeError: encrypted; NotImplementedError: a compression that we never write.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise InvalidInput("this file is no export of a facegate gallery, or it is damaged") from error


def _checked_manifest(archive: zipfile.ZipFile) -> Manifest:
    members = {member.filename: member for member in archive.infolist()}
    if set(members) - {_CALIBRATIONS} != {_MANIFEST, _SUBJECTS} or len(archive.infolist()) != len(members):
        raise InvalidInput("this is not an export of a facegate gallery")
    if members[_MANIFEST].file_size > _MAX_MANIFEST_BYTES:
        raise InvalidInput("the export's manifest is damaged")
    manifest = parse_manifest(archive.read(_MANIFEST))
    subjects = members[_SUBJECTS]
    if subjects.file_size != manifest.subjects_bytes:
        raise InvalidInput("the export is damaged: its size is not the one it was written with")
    if subjects.file_size > _MAX_RATIO * max(subjects.compress_size, 1 << 16):
        raise InvalidInput("the export would unpack to far more than it can hold: it is not ours")
    return manifest


def _check_content(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    digest = hashlib.sha256()
    for line in _lines(archive):
        digest.update(line)
    if digest.hexdigest() != manifest.subjects_sha256:
        raise InvalidInput("the export is damaged: its content is not what was written")
    subject_ids: set[str] = set()
    template_ids: set[str] = set()
    template_count = 0
    for subject in _subjects(archive):
        subject_ids.add(subject.subject.subject_id)
        template_count += len(subject.templates)
        for template in subject.templates:
            template_ids.add(template.stored.template_id)
            made_by = template.stored.template
            if manifest.models.get(made_by.model_id) != made_by.vector.size:
                raise InvalidInput("the export holds a template that does not fit its model")
    counted = (len(subject_ids), len(template_ids), template_count)
    if counted != (manifest.subject_count, manifest.template_count, manifest.template_count):
        raise InvalidInput("the export is damaged: it does not hold what its manifest says")


def _calibrations(archive: zipfile.ZipFile) -> dict[str, str]:
    """The optional member; each curve is read once, so that a damaged one never reaches the store."""
    if _CALIBRATIONS not in archive.namelist():
        return {}
    if archive.getinfo(_CALIBRATIONS).file_size > _MAX_MANIFEST_BYTES:
        raise InvalidInput("the export's calibrations are damaged")
    try:
        curves: dict[str, str] = orjson.loads(archive.read(_CALIBRATIONS))
        for model_id, curve_json in curves.items():
            if curve_from_data(orjson.loads(curve_json)).model_id != model_id or not model_id.isprintable():
                raise InvalidInput("the export holds a calibration of another model")
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise InvalidInput("the export's calibrations are damaged") from error
    return curves


def _subjects(archive: zipfile.ZipFile) -> Iterator[ArchivedSubject]:
    with _translated():
        for line in _lines(archive):
            yield from_line(line)


def _lines(archive: zipfile.ZipFile) -> Iterator[bytes]:
    with archive.open(_SUBJECTS) as member:
        while line := member.readline(_MAX_LINE_BYTES):
            if not line.endswith(b"\n"):
                raise InvalidInput("the export is damaged: a record is cut off or too long")
            yield line
