"""The wire of the transfer routes. What the files hold is tested with the adapters and end to end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.whole_server import Server, whole_server

import facegate.composition.doors
from facegate.composition.application import Application
from facegate.domain.errors import InvalidInput, NoFace
from facegate.frontends.rest_v1.parts import Transfers
from facegate.use_cases.enrol_folder import EnrolFolderReport, EnrolledFile
from facegate.use_cases.enrol_photos import EnrolmentRules
from facegate.use_cases.import_encodings import ImportReport, RejectedEncoding

_ARCHIVE = b"an archive" * 100_000


@dataclass
class _Formats:
    """Remembers what it was given and how long the file was there."""

    suffixes: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    replaced: list[bool] = field(default_factory=list)

    def _take(self, path: Path) -> None:
        self.paths.append(path)
        self.suffixes.append("".join(path.suffixes))
        self.contents.append(path.read_bytes())

    def import_encodings(self, path: Path) -> ImportReport:
        self._take(path)
        if path.suffix == ".pkl":
            raise InvalidInput("pickle is refused", field="file")
        bad_row = RejectedEncoding("row 3", InvalidInput("127 numbers"))
        return ImportReport(2, 1, (bad_row,), is_searched=False)

    def import_photos(self, path: Path, rules: EnrolmentRules) -> EnrolFolderReport:
        self._take(path)
        assert rules.max_templates == 20
        good = EnrolledFile("ada", "ada/1.jpg", 0.9, None)
        bad = EnrolledFile("bob", "bob/1.jpg", None, NoFace("No face detected in image"))
        return EnrolFolderReport((good, bad))

    def export_gallery(self, path: Path) -> int:
        self.paths.append(path)
        path.write_bytes(_ARCHIVE)
        return 3

    def restore_gallery(self, path: Path, replace: bool) -> int:
        self._take(path)
        self.replaced.append(replace)
        return 3


@pytest.fixture(scope="module")
def _all_formats() -> _Formats:
    return _Formats()


@pytest.fixture
def formats(_all_formats: _Formats) -> _Formats:
    for remembered in (_all_formats.suffixes, _all_formats.contents, _all_formats.paths):
        remembered.clear()
    _all_formats.replaced.clear()
    return _all_formats


@pytest.fixture(scope="module")
def server(_all_formats: _Formats, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = _all_formats

    def make(application: Application) -> Transfers:
        return Transfers(made.import_encodings, made.import_photos, made.export_gallery, made.restore_gallery)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facegate.composition.doors, "make_transfers", make)
        with whole_server(tmp_path_factory.mktemp("transfers") / "data") as running:
            yield running


def test_encodings_arrive_under_their_suffix_and_every_row_is_reported(
    server: Server, formats: _Formats
) -> None:
    answer = server.client.post("/v1/import/encodings", files={"file": ("../../My Faces.NPZ", b"numbers")})
    assert answer.status_code == 200
    assert answer.json() == {
        "imported_count": 2,
        "subject_count": 1,
        "is_searched": False,
        "rejected": [{"label": "row 3", "kind": "invalid_input", "message": "127 numbers"}],
    }
    assert (formats.suffixes, formats.contents) == ([".npz"], [b"numbers"])
    assert not formats.paths[0].exists()


def test_a_refused_file_is_an_error_and_leaves_nothing_behind(server: Server, formats: _Formats) -> None:
    answer = server.client.post("/v1/import/encodings", files={"file": ("faces.pkl", b"\x80\x04")})
    assert error_of(answer) == (422, "invalid_input")
    assert not formats.paths[0].exists()


def test_photos_of_an_archive_are_reported(server: Server, formats: _Formats) -> None:
    answer = server.client.post("/v1/import/photos", files={"file": ("people.tar.gz", b"tar")})
    assert answer.json() == {
        "accepted_count": 1,
        "subject_count": 1,
        "rejected": [{"label": "bob/1.jpg", "kind": "no_face", "message": "No face detected in image"}],
    }
    assert formats.suffixes == [".tar.gz"]


def test_an_export_comes_whole_and_leaves_nothing_behind(server: Server, formats: _Formats) -> None:
    answer = server.client.get("/v1/export")
    assert answer.content == _ARCHIVE
    assert int(answer.headers["content-length"]) == len(_ARCHIVE)
    assert "attachment" in answer.headers["content-disposition"]
    assert not formats.paths[0].exists()


@pytest.mark.parametrize(("replace", "expected"), [("true", True), ("false", False), ("1", True)])
def test_a_restore_says_whether_it_replaces(
    server: Server, formats: _Formats, replace: str, expected: bool
) -> None:
    answer = server.client.post(
        "/v1/restore", data={"replace": replace}, files={"file": ("facegate-gallery.zip", _ARCHIVE)}
    )
    assert answer.json() == {"subject_count": 3}
    assert formats.replaced == [expected]
    assert formats.contents == [_ARCHIVE]


@pytest.mark.parametrize(
    ("path", "fields", "file"),
    [
        ("/v1/restore", {}, True),
        ("/v1/restore", {"replace": "perhaps"}, True),
        ("/v1/restore", {"replace": "true", "force": "true"}, True),
        ("/v1/restore", {"replace": "true"}, False),
        ("/v1/restore", {"replace": "true", "file": "text"}, False),
        ("/v1/import/photos", {"colour": "red"}, True),
        ("/v1/import/photos", {"colour": "red"}, False),
        ("/v1/import/encodings", {"colour": "red"}, True),
        ("/v1/import/encodings", {"file": "text"}, False),
    ],
)
def test_what_is_missing_or_unknown_is_an_input_error(
    server: Server, formats: _Formats, path: str, fields: dict[str, str], file: bool
) -> None:
    files = {"file": ("a.zip", b"zip")} if file else None
    answer = server.client.post(path, data=fields, files=files)
    assert error_of(answer) == (422, "invalid_input")
    assert formats.paths == []


@pytest.mark.parametrize("path", ["/v1/restore", "/v1/import/photos", "/v1/import/encodings"])
def test_another_content_type_is_an_input_error(server: Server, path: str) -> None:
    assert error_of(server.client.post(path, json={"file": "x"})) == (422, "invalid_input")
