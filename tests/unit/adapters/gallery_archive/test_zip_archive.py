"""Export and restore of whole galleries, and files that are not what they say."""

import json
import random
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import NOON, enrolment, later, new_cutout, new_template
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.fakes.subject_groups import FakeSubjectGroups

from facegate.adapters.gallery_archive import ZipGalleryArchive
from facegate.adapters.gallery_archive.records import from_line
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.sql_store import SqlGalleryStore
from facegate.domain.calibration import CalibrationCurve
from facegate.domain.errors import InvalidInput, StoreFailed
from facegate.domain.templates import EmbedderIdentity, Metric
from facegate.ports.gallery_archive import ArchivedSubject
from facegate.ports.gallery_store import GalleryStore
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.gallery_transfer import ExportGallery, RestoreGallery
from facegate.use_cases.saved_calibrations import curve_for, save_curve

UNSEARCHED: Any = None
"""No policy: nothing is searched here."""


def gallery_of(store: GalleryStore) -> Gallery:
    index = ExactTemplateIndex(EmbedderIdentity("sface-test", 8, Metric.COSINE))
    return Gallery(store, index, UNSEARCHED)


def filled_store() -> InMemoryGalleryStore:
    store = InMemoryGalleryStore(FakeClock())
    store.enrol(enrolment("anna/1", new_template("t1", cutout=new_cutout(1)), display_name="Änna"))
    store.enrol(enrolment("anna/1", new_template("t2", model_id="dlib", quality=None), at=later(9)))
    store.enrol(enrolment("🦊", new_template("t3", seed=3)))
    store.enrol(enrolment("without templates"))
    return store


def content(store: GalleryStore) -> list[tuple[Any, ...]]:
    """Everything that an export must bring back."""
    rows: list[tuple[Any, ...]] = [
        (subject.subject_id, subject.display_name, subject.created_at, subject.template_count)
        for subject in store.list_subjects()
    ]
    for stored in store.iterate_templates():
        cutout = store.cutout_of(stored.template_id)
        kept = cutout and (cutout.encoded_image, cutout.landmarks.points_xy_px.tobytes())
        facts = (
            stored.template_id,
            stored.subject_id,
            stored.template.model_id,
            stored.source,
            stored.quality,
        )
        rows.append((*facts, stored.template.vector.tobytes(), stored.created_at, kept))
    return rows


def exported(store: GalleryStore, path: Path) -> Path:
    ExportGallery(store)(ZipGalleryArchive(path))
    return path


def test_export_then_restore_gives_the_same_gallery(tmp_path: Path) -> None:
    source = filled_store()
    told: list[int] = []
    archive = ZipGalleryArchive(tmp_path / "out.facegate")
    assert ExportGallery(source)(archive, told.append) == 3
    assert told == [1, 2, 3]
    with sqlite_database(tmp_path) as database:
        target = SqlGalleryStore(database, FakeClock())
        target.enrol(enrolment("old", new_template("gone")))
        assert RestoreGallery(gallery_of(target), target)(archive, replace=True) == 3
        assert content(target) == content(source)


def test_groups_come_back_and_an_earlier_archive_changes_none(tmp_path: Path) -> None:
    store = InMemoryGalleryStore(FakeClock())
    groups, gallery = FakeSubjectGroups(store), gallery_of(store)
    for name in ("anna", "bob"):
        store.enrol(enrolment(name, new_template(name)))
    groups.set_groups("anna", {"family", "банда"})
    earlier, archive = (ZipGalleryArchive(tmp_path / name) for name in ("earlier.zip", "now.zip"))
    ExportGallery(store)(earlier)
    ExportGallery(store, groups=groups)(archive)
    for name, other in (("anna", "staff"), ("bob", "banned")):
        groups.set_groups(name, {other})
    restore = RestoreGallery(gallery, store, groups)
    restore(earlier, replace=True)
    assert groups.list_groups() == {"banned": 1, "staff": 1}
    restore(archive, replace=False)
    assert groups.list_groups() == {"banned": 1, "family": 1, "staff": 1, "банда": 1}
    restore(archive, replace=True)
    assert groups.list_groups() == {"family": 1, "банда": 1}


ids = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20).filter(
    lambda text: text not in {".", ".."}
)


@settings(max_examples=25, deadline=None)
@given(
    people=st.dictionaries(ids, st.lists(st.integers(0, 200), max_size=3), max_size=6),
    seconds=st.floats(0, 1e8),
)
def test_any_gallery_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, people: dict[str, list[int]], seconds: float
) -> None:
    source = InMemoryGalleryStore(FakeClock())
    for number, (name, seeds) in enumerate(people.items()):
        templates = [
            new_template(f"{number}-{place}", seed=seed, cutout=new_cutout(seed) if seed % 2 else None)
            for place, seed in enumerate(seeds)
        ]
        source.enrol(enrolment(name, *templates, at=later(seconds)))
    path = exported(source, tmp_path_factory.mktemp("archive") / "a.zip")
    target = InMemoryGalleryStore(FakeClock())
    try:
        RestoreGallery(gallery_of(target), target)(ZipGalleryArchive(path), replace=True)
    except InvalidInput:
        # Ids that are not in their one spelling (NFC) cannot be enrolled either.
        assert any(unicodedata.normalize("NFC", name) != name for name in people)
    else:
        assert content(target) == content(source)


def test_the_file_is_for_its_owner_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = exported(filled_store(), tmp_path / "a.zip")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    manifest = json.loads(zipfile.ZipFile(path).read("manifest.json"))
    assert manifest["models"] == {"sface-test": 8, "dlib": 8}
    assert (manifest["subject_count"], manifest["template_count"], manifest["cutout_count"]) == (3, 3, 1)


def test_an_export_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = exported(filled_store(), tmp_path / "a.zip")
    before = path.read_bytes()

    def breaks() -> Iterator[ArchivedSubject]:
        yield from ()
        raise StoreFailed("the disk broke")

    with pytest.raises(StoreFailed, match="the disk broke"):
        ZipGalleryArchive(path).write(breaks())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(StoreFailed, match="could not be written"):
        ZipGalleryArchive(tmp_path / "missing" / "a.zip").write([])


def refused(path: Path) -> str:
    """The sentence with which a restore refuses the file; the gallery is as it was."""
    store = InMemoryGalleryStore(FakeClock())
    store.enrol(enrolment("here", new_template("here")))
    before = content(store)
    with pytest.raises(InvalidInput) as caught:
        RestoreGallery(gallery_of(store), store)(ZipGalleryArchive(path), replace=True)
    assert content(store) == before
    assert str(path.parent) not in caught.value.message
    return caught.value.message


def rewritten(
    path: Path, *, manifest: dict[str, object] | None = None, subjects: bytes | None = None
) -> Path:
    """The archive with another manifest or content; the digest is left as it was."""
    with zipfile.ZipFile(path) as archive:
        held = json.loads(archive.read("manifest.json"))
        lines = archive.read("subjects.jsonl")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("subjects.jsonl", lines if subjects is None else subjects)
        archive.writestr("manifest.json", json.dumps({**held, **(manifest or {})}))
    return path


def test_files_that_are_no_export(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    assert "no such" in refused(path)
    for junk in (b"", b"hello" * 100, b"PK\x03\x04" + b"\0" * 100):
        path.write_bytes(junk)
        assert "no export" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert "not an export" in refused(path)
    assert "cannot be read" in refused(tmp_path)


def test_a_newer_format(tmp_path: Path) -> None:
    path = rewritten(exported(filled_store(), tmp_path / "a.zip"), manifest={"version": 2})
    assert "update facegate first" in refused(path)


@pytest.mark.parametrize(
    "manifest",
    [
        {"format": "other"},
        {"version": "x"},
        {"models": 3},
        {"models": {"sface-test": 9, "dlib": 8}},
        {"subject_count": 4},
        {"template_count": 2},
        {"subjects_sha256": "0" * 64},
        {"subjects_bytes": 7},
    ],
)
def test_a_manifest_that_does_not_fit(tmp_path: Path, manifest: dict[str, object]) -> None:
    assert refused(rewritten(exported(filled_store(), tmp_path / "a.zip"), manifest=manifest))


def test_content_that_was_changed(tmp_path: Path) -> None:
    path = exported(filled_store(), tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("subjects.jsonl")
    assert "damaged" in refused(rewritten(path, subjects=lines.replace("Änna".encode(), b"Annna")))
    assert "damaged" in refused(rewritten(path, subjects=lines[:-1]))
    assert "damaged" in refused(rewritten(path, subjects=lines + lines))


def test_a_decompression_bomb(tmp_path: Path) -> None:
    path = exported(filled_store(), tmp_path / "a.zip")
    bomb = b" " * 50_000_000 + b"\n"
    rewritten(path, subjects=bomb, manifest={"subjects_bytes": len(bomb)})
    assert "unpack to far more" in refused(path)


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    path = exported(filled_store(), tmp_path / "a.zip")
    expected = content(filled_store())
    intact = path.read_bytes()
    dice = random.Random(4)  # noqa: S311 - which bytes to spoil
    for _ in range(150):
        spoilt = bytearray(intact)
        spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
        path.write_bytes(spoilt)
        store = InMemoryGalleryStore(FakeClock())
        try:
            RestoreGallery(gallery_of(store), store)(ZipGalleryArchive(path), replace=True)
        except InvalidInput:
            assert content(store) == []
        else:
            assert content(store) == expected


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    path = exported(filled_store(), tmp_path / "a.zip")
    intact = path.read_bytes()
    for length in range(0, len(intact) - 1, 37):
        path.write_bytes(intact[:length])
        assert refused(path)


def test_an_error_of_the_reader_is_not_called_damage(tmp_path: Path) -> None:
    path = exported(filled_store(), tmp_path / "a.zip")
    with pytest.raises(OSError, match="mine"), ZipGalleryArchive(path).open():
        raise OSError("mine")


record_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(
    place=st.sampled_from(
        ["subject_id", "display_name", "created_at", "enrolment_number", "templates", "vector", "quality",
         "template_id", "model_id", "source", "cutout"]
    ),
    value=record_values,
)  # fmt: skip
def test_any_value_in_a_record_is_read_or_refused(place: str, value: object) -> None:
    vector = "AACAPwAAAEA="
    template: dict[str, object] = {"template_id": "t", "model_id": "m", "vector": vector, "source": "s"}
    template |= {"quality": 0.5, "created_at": NOON.isoformat()}
    record: dict[str, object] = {"subject_id": "a", "display_name": "a", "created_at": NOON.isoformat()}
    record |= {"updated_at": NOON.isoformat(), "enrolment_number": None, "templates": [template]}
    (record if place in record and place != "created_at" else template)[place] = value
    try:
        archived = from_line(json.dumps(record).encode())
    except InvalidInput:
        return
    for item in archived.templates:
        assert np.isfinite(item.stored.template.vector).all()


def test_enrolment_numbers_and_measured_curves_come_back(tmp_path: Path) -> None:
    source = InMemoryGalleryStore(FakeClock())
    source.enrol(replace(enrolment("anna", new_template("t1")), enrolment_number=7))
    curve = CalibrationCurve("sface-test", Metric.COSINE, (0.0, 0.5), (0.0, -4.0), 1000, 10, "our site")
    save_curve(source, curve)
    archive = ZipGalleryArchive(exported(source, tmp_path / "a.zip"))
    with sqlite_database(tmp_path) as database:
        target = SqlGalleryStore(database, FakeClock())
        RestoreGallery(gallery_of(target), target)(archive, replace=True)
        assert [subject.enrolment_number for subject in target.list_subjects()] == [7]
        assert curve_for(target, "sface-test", []) == curve
        # Somebody else has the number by now: the subject comes back without it.
        target.remove_subject("anna")
        target.enrol(replace(enrolment("bob", new_template("t2")), enrolment_number=7))
        RestoreGallery(gallery_of(target), target)(archive, replace=False)
        numbers = {subject.subject_id: subject.enrolment_number for subject in target.list_subjects()}
        assert numbers == {"anna": None, "bob": 7}


def test_damaged_calibrations_change_nothing(tmp_path: Path) -> None:
    path = exported(filled_store(), tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("calibrations.json", b'{"sface-test": "{}"}')
    store = InMemoryGalleryStore(FakeClock())
    with pytest.raises(InvalidInput):
        RestoreGallery(gallery_of(store), store)(ZipGalleryArchive(path), replace=True)
    assert store.list_subjects() == []
