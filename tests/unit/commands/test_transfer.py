"""`facegate import`, `export` and `restore`."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.unit.commands.conftest import Run

from facegate.commands.galleries.gallery_access import EnrolmentStopped
from facegate.commands.galleries.local_gallery_access import LocalGalleryAccess
from facegate.commands.output.file_reports import FileLine
from facegate.domain.errors import StoreFailed


@pytest.fixture
def people(photo: Callable[..., Path], tmp_path: Path) -> Path:
    """Ann with two photos, Bob with a good and a broken one, a photo without a face."""
    for name, person, variant in (("ann/1.jpg", "ann", 0), ("ann/2.jpg", "ann", 1), ("bob/1.jpg", "bob", 0)):
        photo(f"people/{name}", person, variant=variant)
    photo("people/wall/1.jpg")
    (tmp_path / "people" / "bob" / "2.jpg").write_bytes(b"no picture")
    return tmp_path / "people"


def test_a_folder_is_enrolled_and_every_file_reported(run: Run, people: Path, tmp_path: Path) -> None:
    answer = run("import", "photos", people, "--report", "report.json")
    assert answer.exit_code == 1, answer.output
    assert "3 photos of 2 people enrolled, 2 rejected" in answer.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert [(line["file"], line["status"], line["kind"]) for line in report] == [
        ("ann/1.jpg", "accepted", None),
        ("ann/2.jpg", "accepted", None),
        ("bob/1.jpg", "accepted", None),
        ("bob/2.jpg", "rejected", "unreadable_image"),
        ("wall/1.jpg", "rejected", "no_face"),
    ]
    listed = json.loads(run("subjects", "list", "--json").stdout)
    assert [(one["subject_id"], one["template_count"]) for one in listed] == [("ann", 2), ("bob", 1)]


def test_files_that_are_no_photos_here_are_told(run: Run, people: Path, tmp_path: Path) -> None:
    (people / "notes.txt").write_text("hello")
    (people / "bob" / "older").mkdir()
    (people / "bob" / "older" / "1.jpg").write_bytes(b"too deep")
    answer = run("import", "photos", people, "--report", "report.json")
    assert "2 other files were passed over" in answer.stderr
    assert json.loads((tmp_path / "report.json").read_text())[-1]["status"] == "passed_over"
    assert json.loads(run("import", "photos", people, "--json").stdout)["passed_over_count"] == 2
    refused = run("import", "photos", people, "--report", "report.json")
    assert refused.exit_code == 2
    assert "--force" in refused.stderr


def test_an_import_that_is_cut_off_tells_what_was_stored(
    run: Run, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(self: LocalGalleryAccess, *_: object) -> list[FileLine]:
        raise EnrolmentStopped([FileLine("ann", "ann/1.jpg", 0.9)], StoreFailed("the disk is full"))

    monkeypatch.setattr(LocalGalleryAccess, "enrol_source", cut_off)
    answer = run("import", "photos", people, "--report", "report.json")
    assert answer.exit_code == 3
    assert "1 photo of 1 person enrolled, 0 rejected" in answer.stdout
    assert "The import ended after 1 file of 5: run it again." in answer.stderr
    assert "The disk is full." in answer.stderr
    assert [line["file"] for line in json.loads((tmp_path / "report.json").read_text())] == ["ann/1.jpg"]


def test_a_restore_tells_of_templates_that_are_not_searched(run: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "known.npz", encodings=np.ones((1, 128)), names=np.array(["ann"]))
    assert "1 encoding of 1 person imported" in run("import", "encodings", "known.npz").stdout
    assert "1 person, 1 template:" in run("export", "all.facegate").stdout
    restored = run("restore", "all.facegate")
    assert restored.stdout == "1 person restored\n"
    assert "1 template in the gallery is not searched" in restored.stderr
    assert "dlib-resnet-v1" in restored.stderr


def test_a_place_without_photos_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("hello")
    for name in ("empty", "text.zip", "nothing"):
        answer = run("import", "photos", name)
        assert answer.exit_code == 2
        assert len(answer.stderr.splitlines()) == 1
    assert run("import", "photos", "empty", "--report", "report.pdf").exit_code == 2


def test_encodings_are_taken_over_and_their_net_is_told(run: Run, tmp_path: Path) -> None:
    vectors = np.random.default_rng(1).normal(size=(3, 128))
    np.savez(tmp_path / "known.npz", encodings=vectors, names=np.array(["ann", "ann", "bob"]))
    answer = run("import", "encodings", "known.npz")
    assert answer.exit_code == 0, answer.output
    assert "3 encodings of 2 people imported, 0 rejected" in answer.stdout
    assert "FACEGATE_ENGINE__EMBEDDER=dlib" in answer.stderr
    listed = json.loads(run("subjects", "list", "--json").stdout)
    assert [one["template_count"] for one in listed] == [2, 1]


def test_a_pickle_is_refused_with_the_way_to_convert_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "known.pickle").write_bytes(b"\x80\x04]\x94.")
    answer = run("import", "encodings", "known.pickle")
    assert answer.exit_code == 2
    assert "np.savez(" in answer.stderr
    assert answer.stderr.rstrip().endswith(")")
    assert run("import", "encodings", "nothing.npz").exit_code == 2


def test_an_exported_gallery_comes_back(
    run: Run, people: Path, tmp_path: Path, photo: Callable[..., Path]
) -> None:
    run("import", "photos", people)
    answer = run("export", "all.facegate")
    assert answer.exit_code == 0, answer.output
    assert "2 people, 3 templates" in answer.stdout
    assert stat.S_IMODE((tmp_path / "all.facegate").stat().st_mode) == 0o600
    assert run("export", "all.facegate").exit_code == 2
    assert run("export", "all.facegate", "--force").exit_code == 0
    assert run("export", "no/folder/all.facegate").exit_code == 2

    run("subjects", "remove", "ann", "--yes")
    run("enrol", "carol", photo("carol.jpg", "carol"))
    assert run("restore", "all.facegate").stdout == "2 people restored\n"
    assert _ids(run) == ["ann", "bob", "carol"]
    assert run("restore", "all.facegate", "--replace").exit_code == 2
    assert run("restore", "all.facegate", "--replace", "--yes").exit_code == 0
    assert _ids(run) == ["ann", "bob"]
    assert "ann" in run("identify", people / "ann" / "1.jpg").stdout


def test_a_damaged_export_changes_nothing(run: Run, photo: Callable[..., Path], tmp_path: Path) -> None:
    run("enrol", "ann", photo("1.jpg", "ann"))
    run("export", "all.facegate")
    whole = (tmp_path / "all.facegate").read_bytes()
    (tmp_path / "half.facegate").write_bytes(whole[: len(whole) // 2])
    answer = run("restore", "half.facegate", "--replace", "--yes")
    assert answer.exit_code == 2
    assert "damaged" in answer.stderr
    assert _ids(run) == ["ann"]


def _ids(run: Run) -> list[str]:
    return [one["subject_id"] for one in json.loads(run("subjects", "list", "--json").stdout)]
