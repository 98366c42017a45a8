"""Many people in, and the whole gallery out and back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.domain.errors import EngineFailed, InvalidInput
from facegate.ports.encoding_reader import NamedEncoding, UnusableEncoding
from facegate.ports.gallery_archive import ArchivedSubject
from facegate.ports.photo_source import NamedPhoto
from facegate.use_cases.calibrate_matching import CalibrateMatching
from facegate.use_cases.enrol_folder import EnrolFolder
from facegate.use_cases.enrol_photos import EnrolmentRules
from facegate.use_cases.gallery_transfer import ExportGallery, RestoreGallery
from facegate.use_cases.import_encodings import FACE_RECOGNITION_MODEL_ID, ImportEncodings


class ListedPhotos:
    """A photo source held in memory."""

    def __init__(self, photos: list[tuple[str, str, bytes]]) -> None:
        self._photos = photos

    def photo_count(self) -> int:
        return len(self._photos)

    def passed_over_count(self) -> int:
        return 0

    def photos(self) -> Iterator[NamedPhoto]:
        for subject_id, label, encoded in self._photos:
            yield NamedPhoto(subject_id, label, lambda encoded=encoded: encoded)  # type: ignore[misc]


class HeldArchive:
    """An archive held in memory."""

    def __init__(self) -> None:
        self.subjects: list[ArchivedSubject] = []
        self.curves: dict[str, str] = {}

    def write(
        self,
        subjects: Iterable[ArchivedSubject],
        on_progress: Callable[[int], None] | None = None,
        *,
        calibrations: Mapping[str, str] | None = None,
    ) -> int:
        self.curves = dict(calibrations or {})
        self.subjects = list(subjects)
        return len(self.subjects)

    def calibrations(self) -> dict[str, str]:
        return self.curves

    @contextmanager
    def open(self) -> Iterator[Iterator[ArchivedSubject]]:
        yield iter(self.subjects)


class ListedEncodings:
    """Encodings held in memory."""

    def __init__(self, rows: list[NamedEncoding | UnusableEncoding]) -> None:
        self._rows = rows

    def encodings(self) -> Iterator[NamedEncoding | UnusableEncoding]:
        yield from self._rows


def photos_of(*names: str, each: int = 2) -> list[tuple[str, str, bytes]]:
    return [
        (name, f"{name}/{variant}.jpg", fake_picture(FakeFace(name, variant)))
        for name in names
        for variant in range(each)
    ]


def test_a_folder_is_enrolled_with_a_report_per_file_in_order(core: Core) -> None:
    photos = [*photos_of("ann", "bob"), ("bob", "bob/bad.jpg", b"nonsense"), ("..", "../x.jpg", b"")]
    progress: list[int] = []
    report = EnrolFolder(core.enrol_photos, thread_count=2)(
        ListedPhotos(photos), EnrolmentRules(), progress.append
    )
    assert [file.label for file in report.files] == [label for _, label, _ in photos]
    assert (report.accepted_count, report.rejected_count, report.subject_count) == (4, 2, 2)
    assert progress[-1] == len(photos)
    assert core.gallery.index_agrees_with_store()


def test_more_photos_of_one_person_than_are_held_at_once(core: Core) -> None:
    report = EnrolFolder(core.enrol_photos, thread_count=2)(
        ListedPhotos(photos_of("ann", each=40)), EnrolmentRules()
    )
    assert report.accepted_count == 40
    assert core.gallery.get_subject("ann").template_count == 40


def test_a_broken_engine_ends_the_run(core: Core) -> None:
    core.embedder.failure = EngineFailed("the runtime broke")
    with pytest.raises(EngineFailed):
        EnrolFolder(core.enrol_photos, thread_count=2)(ListedPhotos(photos_of("ann")), EnrolmentRules())


def test_what_goes_out_comes_back_with_dates_names_and_cutouts(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")), rules=EnrolmentRules(keep_cutouts=True))
    enrol(core, "bob", fake_picture(FakeFace("bob")), fake_picture(FakeFace("bob", 1)))
    core.gallery.rename_subject("bob", "Bob B.")
    before = {name: core.gallery.templates_of(name) for name in ("ann", "bob")}
    archive = HeldArchive()
    assert ExportGallery(core.store)(archive) == 2

    core.gallery.remove_subject("ann")
    enrol(core, "cat", fake_picture(FakeFace("cat")))
    assert RestoreGallery(core.gallery, core.store)(archive, replace=True) == 2

    assert [subject.subject_id for subject in core.gallery.list_subjects()] == ["ann", "bob"]
    assert core.gallery.get_subject("bob").display_name == "Bob B."
    for name, templates in before.items():
        after = core.gallery.templates_of(name)
        assert [stored.template_id for stored in after] == [stored.template_id for stored in templates]
        for one, other in zip(after, templates, strict=True):
            assert one.created_at == other.created_at
            assert one.has_cutout == other.has_cutout
            np.testing.assert_array_equal(one.template.vector, other.template.vector)
    assert core.gallery.index_agrees_with_store()


def test_restoring_without_replacing_keeps_what_is_there(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    archive = HeldArchive()
    ExportGallery(core.store)(archive)
    enrol(core, "bob", fake_picture(FakeFace("bob")))
    RestoreGallery(core.gallery, core.store)(archive, replace=False)
    assert core.gallery.counts().template_count == 2


def test_encodings_become_templates_of_dlibs_net_and_bad_rows_are_reported(core: Core) -> None:
    rows: list[NamedEncoding | UnusableEncoding] = [
        NamedEncoding("ann", "row 1", np.full(128, 0.1, dtype=np.float32)),
        UnusableEncoding("row 2", InvalidInput("not 128 numbers")),
        NamedEncoding("..", "row 3", np.full(128, 0.1, dtype=np.float32)),
    ]
    report = ImportEncodings(core.gallery, core.clock)(ListedEncodings(rows))
    assert (report.imported_count, report.subject_count, report.is_searched) == (1, 1, False)
    assert [row.label for row in report.rejected] == ["row 2", "row 3"]
    stored = core.gallery.templates_of("ann")[0]
    assert (stored.template.model_id, stored.quality) == (FACE_RECOGNITION_MODEL_ID, None)


def test_an_import_can_be_run_again(core: Core) -> None:
    photos = ListedPhotos(photos_of("ann", "bob"))
    rows: list[NamedEncoding | UnusableEncoding] = [
        NamedEncoding("ann", "row 1", np.full(128, 0.1, dtype=np.float32))
    ]
    for _ in range(2):
        report = EnrolFolder(core.enrol_photos, thread_count=2)(photos, EnrolmentRules())
        assert report.accepted_count == 4
        ImportEncodings(core.gallery, core.clock)(ListedEncodings(rows))
    assert core.gallery.counts().template_count == 5


def test_calibration_measures_strangers_and_names_what_it_skipped(core: Core) -> None:
    photos = [*photos_of(*[f"person {number}" for number in range(40)]), ("x", "x/no.jpg", fake_picture())]
    report = CalibrateMatching(core.analysis, thread_count=2)(ListedPhotos(photos), "fakes")
    assert (report.photo_count, report.person_count) == (80, 40)
    assert [label for label, _ in report.skipped] == ["x/no.jpg"]
    assert report.curve.impostor_pair_count == 80 * 79 // 2 - 40
    assert report.genuine.size == 40
    assert report.true_accepts[1e-2] == 1.0
    assert 1e-4 not in report.true_accepts


def test_too_few_people_cannot_calibrate(core: Core) -> None:
    with pytest.raises(InvalidInput, match="50 different persons"):
        CalibrateMatching(core.analysis, thread_count=1)(ListedPhotos(photos_of("ann", "bob")), "fakes")
