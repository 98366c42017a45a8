"""One suite over both sides of the command line's seam: the gallery of this process, and a real server's."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.fakes.engine import FakeDecoder, FakeDetector, FakeEmbedder, FakeFace, FakeLiveness, fake_picture
from tests.protocols.running_server import running_server

from facegate.commands.galleries.gallery_access import (
    EnrolmentChoice,
    EnrolmentStopped,
    GalleryAccess,
    NewToken,
)
from facegate.commands.galleries.local_gallery_access import LocalGalleryAccess
from facegate.commands.galleries.remote_gallery_access import RemoteGalleryAccess
from facegate.commands.galleries.server_client import ServerAddress, ServerClient
from facegate.composition.embedded import build_application
from facegate.composition.port_overrides import PortOverrides
from facegate.domain.access import Door
from facegate.domain.errors import (
    FacegateError,
    InvalidInput,
    NoFace,
    PoorQuality,
    SubjectNotFound,
    TemplateNotFound,
    TokenNotFound,
    UnreadableImage,
)
from facegate.domain.matching import Band
from facegate.domain.templates import EmbedderIdentity, Metric
from facegate.ports.photo_source import NamedPhoto
from facegate.settings.loading import load_settings
from facegate.use_cases.enrol_photos import Photo

SFACE = EmbedderIdentity("sface-2021dec", 128, Metric.COSINE)
"""The fake engine under a model id for which facegate ships a calibration."""

NO_CHOICE = EnrolmentChoice(min_quality=0.0)

AWKWARD_IDS = ("ann", "42", "a/b c", "a%2Fb", "ann?x=1#y", "Zoë 🙂", "..a", "a/..b", "+1 (2)")


class PhotosInMemory:
    """Answers `PhotoSource`."""

    def __init__(self, photos: list[tuple[str, str, bytes]]) -> None:
        self._photos = photos

    def photo_count(self) -> int:
        return len(self._photos)

    def passed_over_count(self) -> int:
        return 0

    def photos(self) -> Iterator[NamedPhoto]:
        for subject_id, label, encoded in self._photos:
            yield NamedPhoto(subject_id, label, lambda content=encoded: content)  # type: ignore[misc]


def fake_engine() -> PortOverrides:
    return PortOverrides(
        decoder=FakeDecoder(),
        detector=FakeDetector(),
        embedder=FakeEmbedder(SFACE),
        liveness=FakeLiveness(),
    )


def local_gallery(folder: Path) -> Iterator[GalleryAccess]:
    settings = load_settings({"FACEGATE_STORAGE__DATA_FOLDER": str(folder)}, env_file=None).settings
    access = LocalGalleryAccess(build_application(settings, ports=fake_engine()))
    yield access
    access.close()


def remote_gallery(folder: Path) -> Iterator[GalleryAccess]:
    with running_server(folder, {}, fake_engine()) as server:
        access = RemoteGalleryAccess(ServerClient(ServerAddress(server.url, server.token, is_own=True)))
        yield access
        access.close()


@pytest.fixture(params=[local_gallery, remote_gallery], ids=["local", "remote"])
def gallery(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GalleryAccess]:
    open_gallery: Callable[[Path], Iterator[GalleryAccess]] = request.param
    yield from open_gallery(tmp_path / "data")


def photo_of(*people: str, variant: int = 0) -> Photo:
    return Photo("photo.jpg", fake_picture(*(FakeFace(person, variant) for person in people)))


def test_whoever_is_enrolled_is_known_whatever_the_id(gallery: GalleryAccess) -> None:
    for subject_id in AWKWARD_IDS:
        enrolled = gallery.enrol(subject_id, photo_of("ann"), EnrolmentChoice("Ann A.", 0.0))
        assert enrolled.was_created
        assert enrolled.subject.subject_id == subject_id

        seen = gallery.identify(photo_of("ann", variant=1), max_candidates=3, check_liveness=False)
        assert seen.faces[0].band is Band.MATCH
        assert seen.faces[0].match is not None
        assert (seen.faces[0].match.subject_id, seen.faces[0].match.display_name) == (subject_id, "Ann A.")

        assert gallery.verify(subject_id, photo_of("ann", variant=1), check_liveness=False).is_match
        assert not gallery.verify(subject_id, photo_of("bob"), check_liveness=False).is_match

        shown = gallery.show_subject(subject_id)
        assert [template.is_searched for template in shown.templates] == [True]
        assert gallery.rename_subject(subject_id, "Ann B.").display_name == "Ann B."
        gallery.remove_subject(subject_id)
        assert list(gallery.list_subjects(None)) == []


def test_everybody_in_a_picture_is_named_with_figures(gallery: GalleryAccess) -> None:
    gallery.enrol("ann", photo_of("ann"), NO_CHOICE)
    gallery.enrol("bob", photo_of("bob"), NO_CHOICE)
    answer = gallery.identify(photo_of("bob", "ann", "eve", variant=1), max_candidates=2, check_liveness=True)
    by_place = sorted(answer.faces, key=lambda face: face.box.left_px)
    assert [face.match.subject_id if face.match else None for face in by_place] == ["bob", "ann", None]
    assert all(len(face.candidates) == 2 and face.margin is not None for face in by_place)
    assert all(face.liveness is not None and face.liveness.is_live for face in by_place)
    assert (answer.picture.width_px, answer.picture.height_px) == (300, 100)


def test_a_face_that_does_not_look_live_is_no_match(gallery: GalleryAccess) -> None:
    gallery.enrol("ann", photo_of("ann"), NO_CHOICE)
    spoof = Photo("spoof.jpg", fake_picture(FakeFace("ann", is_live=False)))
    assert gallery.verify("ann", spoof, check_liveness=False).is_match
    checked = gallery.verify("ann", spoof, check_liveness=True)
    assert not checked.is_match
    assert checked.faces[0].is_claimed
    assert "liveness" not in checked.checks_not_run


def test_a_photo_that_cannot_be_used_says_why(gallery: GalleryAccess) -> None:
    blurred = fake_picture(FakeFace("ann", is_sharp=False))
    for content, choice, error in (
        (b"no picture", NO_CHOICE, UnreadableImage),
        (fake_picture(), NO_CHOICE, NoFace),
        (blurred, EnrolmentChoice(min_quality=0.95), PoorQuality),
    ):
        with pytest.raises(error):
            gallery.enrol("ann", Photo("photo.jpg", content), choice)
    assert gallery.counts().subject_count == 0


def test_many_are_enrolled_in_order_and_each_file_is_told(gallery: GalleryAccess) -> None:
    source = PhotosInMemory(
        [
            ("ann", "ann/1.jpg", fake_picture(FakeFace("ann"))),
            ("ann", "ann/2.jpg", b"broken"),
            ("bob", "bob/1.jpg", fake_picture(FakeFace("bob"))),
            ("x" * 200, "long/1.jpg", fake_picture(FakeFace("carol"))),
            ("dan", "dan/1.jpg", fake_picture()),
        ]
    )
    counted: list[int] = []
    lines = gallery.enrol_source(source, NO_CHOICE, counted.append)
    assert [(line.file, line.kind) for line in lines] == [
        ("ann/1.jpg", None),
        ("ann/2.jpg", "unreadable_image"),
        ("bob/1.jpg", None),
        ("long/1.jpg", "invalid_input"),
        ("dan/1.jpg", "no_face"),
    ]
    assert all((line.quality is not None) == line.is_accepted for line in lines)
    assert counted[-1] == len(lines)
    assert [subject.subject_id for subject in gallery.list_subjects(None)] == ["ann", "bob"]
    assert gallery.enrol_source(source, NO_CHOICE, counted.append) == lines
    assert gallery.counts().template_count == 2


def test_a_server_that_goes_amid_an_import_leaves_word_of_what_it_stored(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", {}, fake_engine()) as server:
        address = ServerAddress(server.url, server.token, is_own=True)
        client = ServerClient(address)
        refused = ServerClient(ServerAddress(server.url, "fg_wrong", is_own=True))
        access = RemoteGalleryAccess(client)

        def source() -> Iterator[NamedPhoto]:
            for number in range(16):
                yield NamedPhoto("ann", f"ann/{number}.jpg", lambda: fake_picture(FakeFace("ann")))
            access._client = refused
            yield NamedPhoto("bob", "bob/1.jpg", lambda: fake_picture(FakeFace("bob")))

        photos = PhotosInMemory([])
        photos.photos = source  # type: ignore[method-assign]
        with pytest.raises(EnrolmentStopped) as stopped:
            access.enrol_source(photos, NO_CHOICE, lambda _: None)
        assert isinstance(stopped.value.cause, FacegateError)
        assert [line.file for line in stopped.value.lines] == [f"ann/{n}.jpg" for n in range(16)]
        assert all(line.is_accepted for line in stopped.value.lines)
        client.close()
        refused.close()


def test_lists_are_whole_and_can_be_narrowed(gallery: GalleryAccess) -> None:
    for number in range(7):
        gallery.enrol(f"user {number}", photo_of("ann", variant=number), EnrolmentChoice(f"N{number}", 0.0))
    assert [subject.subject_id for subject in gallery.list_subjects(None)] == [f"user {n}" for n in range(7)]
    assert [subject.subject_id for subject in gallery.list_subjects("N3")] == ["user 3"]
    counts = gallery.counts()
    assert (counts.subject_count, counts.template_count, counts.model_id) == (7, 7, "sface-2021dec")


def test_one_template_goes_and_its_person_stays(gallery: GalleryAccess) -> None:
    gallery.enrol("ann", photo_of("ann"), NO_CHOICE)
    gallery.enrol("ann", photo_of("ann", variant=1), NO_CHOICE)
    first, second = gallery.show_subject("ann").templates
    gallery.remove_template(first.template_id)
    left = gallery.show_subject("ann").templates
    assert [template.template_id for template in left] == [second.template_id]


def test_what_is_not_there_or_wrong_is_the_same_error_on_both_sides(gallery: GalleryAccess) -> None:
    attempts: list[tuple[Callable[[], object], type[FacegateError]]] = [
        (lambda: gallery.show_subject("nobody"), SubjectNotFound),
        (lambda: gallery.rename_subject("nobody", "N"), SubjectNotFound),
        (lambda: gallery.remove_subject("nobody"), SubjectNotFound),
        (lambda: gallery.verify("nobody", photo_of("ann"), check_liveness=False), SubjectNotFound),
        (lambda: gallery.remove_template("nothing"), TemplateNotFound),
        (lambda: gallery.revoke_token("nothing"), TokenNotFound),
        (lambda: gallery.enrol("", photo_of("ann"), NO_CHOICE), InvalidInput),
        (lambda: gallery.create_token(NewToken(" ")), InvalidInput),
        (lambda: gallery.create_token(NewToken("n", expires_in_days=-1)), InvalidInput),
    ]
    for attempt, error in attempts:
        with pytest.raises(error):
            attempt()


def test_tokens_are_made_listed_and_revoked(gallery: GalleryAccess) -> None:
    made = gallery.create_token(NewToken("kiosk", (Door.ATTENDANCE,), expires_in_days=2))
    assert made.secret.startswith("fg_")
    listed = {token.token_id: token for token in gallery.list_tokens()}
    assert listed[made.token_id].doors == [Door.ATTENDANCE]
    assert listed[made.token_id].expires_at == made.expires_at
    assert made.expires_at is not None
    gallery.revoke_token(made.token_id)
    assert made.token_id not in {token.token_id for token in gallery.list_tokens()}


def test_the_gallery_goes_out_to_a_file_and_comes_back(gallery: GalleryAccess, tmp_path: Path) -> None:
    gallery.enrol("ann", photo_of("ann"), EnrolmentChoice("Ann A.", 0.0))
    file = tmp_path / "all.facegate"
    gallery.export_gallery(file, lambda _: None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []

    gallery.enrol("bob", photo_of("bob"), NO_CHOICE)
    gallery.remove_subject("ann")
    assert gallery.restore_gallery(file, replace=False) == 1
    assert [subject.subject_id for subject in gallery.list_subjects(None)] == ["ann", "bob"]
    assert gallery.restore_gallery(file, replace=True) == 1
    assert [subject.display_name for subject in gallery.list_subjects(None)] == ["Ann A."]
    assert gallery.verify("ann", photo_of("ann", variant=1), check_liveness=False).is_match

    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(InvalidInput):
        gallery.restore_gallery(file, replace=True)
    assert gallery.counts().subject_count == 1


def test_encodings_are_taken_over_from_each_form(gallery: GalleryAccess, tmp_path: Path) -> None:
    vector = np.random.default_rng(5).normal(size=128)
    np.savez(tmp_path / "known.npz", encodings=vector[None, :], names=np.array(["ann"]))
    (tmp_path / "known.json").write_text(json.dumps({"bob": [vector.tolist(), [1.0, 2.0]]}))
    (tmp_path / "known.pickle").write_bytes(b"\x80\x04]\x94.")
    npz = gallery.import_encodings(tmp_path / "known.npz", lambda _: None)
    assert (npz.imported_count, npz.is_searched, npz.rejected) == (1, False, [])
    mixed = gallery.import_encodings(tmp_path / "known.json", lambda _: None)
    assert (mixed.imported_count, len(mixed.rejected)) == (1, 1)
    with pytest.raises(InvalidInput, match="pickle"):
        gallery.import_encodings(tmp_path / "known.pickle", lambda _: None)
    assert [subject.subject_id for subject in gallery.list_subjects(None)] == ["ann", "bob"]
