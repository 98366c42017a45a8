"""Enrolling: one face per photo, all in one transaction, refusals by photo."""

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.unit.use_cases.conftest import Core

from facegate.domain.errors import CapabilityMissing, EngineFailed, NoFace, NotLive, PoorQuality, SeveralFaces
from facegate.domain.liveness import LivenessPolicy
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotosRequest, EnrolPhotosResult, Photo
from facegate.use_cases.face_analysis import FaceAnalysis


def enrol(
    core: Core, subject_id: str, *pictures: bytes, rules: EnrolmentRules | None = None
) -> EnrolPhotosResult:
    photos = [Photo(f"{number}.jpg", picture) for number, picture in enumerate(pictures)]
    return core.enrol_photos(EnrolPhotosRequest(subject_id, photos, "test", rules or EnrolmentRules()))


def ann(variant: int = 0) -> bytes:
    return fake_picture(FakeFace("ann", variant))


def test_a_person_is_found_as_soon_as_the_answer_is_there(core: Core) -> None:
    result = enrol(core, "ann", ann(), ann(1))
    assert result.outcome is not None
    assert result.outcome.was_created
    assert [accepted.label for accepted in result.accepted] == ["0.jpg", "1.jpg"]
    assert core.gallery.get_subject("ann").template_count == 2
    template = core.embedder.embed([core.embedder.crop(*_first_face(core, ann(2)))])[0]
    match = core.gallery.identify(template).match
    assert match is not None
    assert match.subject_id == "ann"


def _first_face(core: Core, picture: bytes):  # type: ignore[no-untyped-def]
    frame = core.analysis.decode(picture)
    return frame, core.analysis.find_faces(frame)[0].landmarks


def test_what_cannot_be_used_is_reported_and_the_rest_is_enrolled(core: Core) -> None:
    pair = fake_picture(FakeFace("ann"), FakeFace("bob"))
    result = enrol(core, "ann", b"nonsense", pair, ann(), fake_picture())
    assert [photo.label for photo in result.accepted] == ["2.jpg"]
    kinds = {photo.label: type(photo.error).__name__ for photo in result.rejected}
    assert kinds == {"0.jpg": "UnreadableImage", "1.jpg": "SeveralFaces", "3.jpg": "NoFace"}


def test_without_a_usable_photo_nothing_is_written_not_even_the_subject(core: Core) -> None:
    result = enrol(core, "ann", fake_picture())
    assert result.outcome is None
    assert isinstance(result.rejected[0].error, NoFace)
    assert core.gallery.find_subject("ann") is None


def test_too_poor_a_face_says_how_poor_and_what_would_help(core: Core) -> None:
    result = enrol(
        core, "ann", fake_picture(FakeFace("ann", is_sharp=False)), rules=EnrolmentRules(min_quality=0.8)
    )
    error = result.rejected[0].error
    assert isinstance(error, PoorQuality)
    assert error.quality < 0.8 == error.min_quality
    assert "blurred" in error.message


def test_a_picture_of_a_picture_is_refused_where_liveness_is_asked_for(core: Core) -> None:
    spoof = fake_picture(FakeFace("ann", is_live=False))
    rules = EnrolmentRules(liveness=LivenessPolicy())
    assert isinstance(enrol(core, "ann", spoof, rules=rules).rejected[0].error, NotLive)
    assert enrol(core, "ann", ann(), rules=rules).outcome is not None
    assert enrol(core, "bob", spoof).outcome is not None


def test_a_missing_liveness_model_is_never_a_pass(core: Core) -> None:
    bare = FaceAnalysis(
        decoder=core.analysis._decoder,
        detector=core.detector,
        embedder=core.embedder,
        cutter=core.analysis._cutter,
    )
    core.enrol_photos._analysis = bare
    with pytest.raises(CapabilityMissing, match="models fetch"):
        enrol(core, "ann", ann(), rules=EnrolmentRules(liveness=LivenessPolicy()))
    assert core.gallery.find_subject("ann") is None


@pytest.mark.parametrize("part", ["detector", "embedder"])
def test_a_broken_engine_is_never_a_rejected_photo(core: Core, part: str) -> None:
    getattr(core, part).failure = EngineFailed("the runtime broke")
    with pytest.raises(EngineFailed):
        enrol(core, "ann", ann())
    assert core.gallery.find_subject("ann") is None


def test_beyond_the_limit_the_poorest_is_replaced(core: Core) -> None:
    rules = EnrolmentRules(max_templates=2)
    enrol(core, "ann", ann(0), ann(1), rules=rules)
    enrol(core, "ann", ann(2), rules=rules)
    assert core.gallery.get_subject("ann").template_count == 2
    assert core.gallery.indexed_template_count() == 2
    assert core.gallery.index_agrees_with_store()


def test_several_faces_are_named_in_the_refusal(core: Core) -> None:
    result = enrol(core, "ann", fake_picture(FakeFace("ann"), FakeFace("bob")))
    assert isinstance(result.rejected[0].error, SeveralFaces)


def test_cutouts_are_kept_only_when_the_operator_says_so(core: Core) -> None:
    enrol(core, "ann", ann())
    enrol(core, "bob", fake_picture(FakeFace("bob")), rules=EnrolmentRules(keep_cutouts=True))
    assert [stored.has_cutout for stored in core.gallery.templates_of("ann")] == [False]
    assert [stored.has_cutout for stored in core.gallery.templates_of("bob")] == [True]


SKIP_KNOWN = EnrolmentRules(skip_known=True)


def test_the_same_photo_again_adds_nothing_where_that_is_asked_for(core: Core) -> None:
    first = enrol(core, "ann", ann(), ann(1))
    again = enrol(core, "ann", ann(), ann(2), ann(2), rules=SKIP_KNOWN)
    assert [photo.was_known for photo in again.accepted] == [True, False, True]
    assert again.accepted[0].template_id == first.accepted[0].template_id
    assert again.accepted[2].template_id == again.accepted[1].template_id
    assert again.outcome is not None
    assert core.gallery.get_subject("ann").template_count == 3
    assert core.gallery.index_agrees_with_store()


def test_a_photo_sent_twice_counts_twice_otherwise(core: Core) -> None:
    enrol(core, "ann", ann(), ann())
    assert core.gallery.get_subject("ann").template_count == 2


def test_the_same_photo_of_somebody_else_is_theirs_too(core: Core) -> None:
    enrol(core, "ann", ann())
    assert not enrol(core, "ann-again", ann(), rules=SKIP_KNOWN).accepted[0].was_known
