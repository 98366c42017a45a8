"""Enrolling many people at once from a folder or archive of `name/*.jpg`."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby, islice

from facegate.domain.errors import FacegateError, FaceRefused, InvalidInput
from facegate.domain.subjects import parse_subject_id
from facegate.ports.photo_source import NamedPhoto, PhotoSource
from facegate.use_cases.enrol_photos import (
    EnrolmentRules,
    EnrolPhotos,
    EnrolPhotosRequest,
    EnrolPhotosResult,
    Photo,
)

MAX_PHOTOS_AT_ONCE = 16
"""Photos of one person that are held in memory together; more are enrolled in further steps."""


@dataclass(frozen=True, slots=True)
class EnrolledFile:
    """One line of the report: `error` is None when the file became a template."""

    subject_id: str
    label: str
    quality: float | None
    error: FacegateError | None


@dataclass(frozen=True, slots=True)
class EnrolFolderReport:
    """Every file in the source's order, with counts."""

    files: tuple[EnrolledFile, ...]

    @property
    def accepted_count(self) -> int:
        """Files that became templates."""
        return sum(1 for file in self.files if file.error is None)

    @property
    def rejected_count(self) -> int:
        """Files that did not."""
        return len(self.files) - self.accepted_count

    @property
    def subject_count(self) -> int:
        """Persons with at least one accepted file."""
        return len({file.subject_id for file in self.files if file.error is None})


class EnrolFolder:
    """Goes through a source person by person, several at a time, each photo judged like any other.

    Photos that are enrolled already add nothing: an interrupted run is finished by running it again.
    """

    def __init__(self, enrol_photos: EnrolPhotos, *, thread_count: int) -> None:
        self._enrol_photos = enrol_photos
        self._thread_count = max(1, thread_count)

    def __call__(
        self,
        source: PhotoSource,
        rules: EnrolmentRules,
        on_progress: Callable[[int], None] | None = None,
    ) -> EnrolFolderReport:
        """Enrols everything usable; `on_progress` is told how many files are done, from this thread.

        Raises:
            InvalidInput: the source itself cannot be read.
            EngineFailed, CapabilityMissing, StoreFailed: these end the run; what was written stays.
        """
        files: list[EnrolledFile] = []
        with ThreadPoolExecutor(self._thread_count, thread_name_prefix="enrol-folder") as pool:
            # A bounded window keeps memory flat however large the source is.
            groups = _groups(source.photos())
            while window := list(islice(groups, self._thread_count * 4)):
                for done in pool.map(
                    lambda group: self._enrol_group(group, replace(rules, skip_known=True)), window
                ):
                    files.extend(done)
                    if on_progress is not None:
                        on_progress(len(files))
        return EnrolFolderReport(tuple(files))

    def _enrol_group(self, group: list[NamedPhoto], rules: EnrolmentRules) -> list[EnrolledFile]:
        try:
            subject_id = parse_subject_id(group[0].subject_id)
        except InvalidInput as error:
            return [EnrolledFile(photo.subject_id, photo.label, None, error) for photo in group]
        lines: dict[str, EnrolledFile] = {}
        readable: list[Photo] = []
        for photo in group:
            try:
                readable.append(Photo(photo.label, photo.read()))
            except (InvalidInput, FaceRefused) as error:
                lines[photo.label] = EnrolledFile(subject_id, photo.label, None, error)
        request = EnrolPhotosRequest(subject_id, readable, "folder", rules, display_name=None)
        lines.update(_lines_of(self._enrol_photos(request)))
        return [lines[photo.label] for photo in group]


def _groups(photos: Iterator[NamedPhoto]) -> Iterator[list[NamedPhoto]]:
    for _, of_person in groupby(photos, key=lambda photo: photo.subject_id):
        while group := list(islice(of_person, MAX_PHOTOS_AT_ONCE)):
            yield group


def _lines_of(result: EnrolPhotosResult) -> dict[str, EnrolledFile]:
    lines = {
        photo.label: EnrolledFile(result.subject_id, photo.label, photo.quality, None)
        for photo in result.accepted
    }
    for rejected in result.rejected:
        lines[rejected.label] = EnrolledFile(result.subject_id, rejected.label, None, rejected.error)
    return lines
