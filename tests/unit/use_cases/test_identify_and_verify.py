"""Naming faces, and holding a face against a claim."""

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.unit.use_cases.conftest import CURVE, Core
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.domain.errors import EngineFailed
from facegate.domain.gallery import IndexCandidate
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.matching import Band, MatchPolicy
from facegate.use_cases.identify_faces import IdentifyFaces, IdentifyFacesRequest
from facegate.use_cases.verify_face import VerifyFace, VerifyFaceRequest, VerifyFaceResult, _who_it_is


@pytest.fixture
def people(core: Core) -> Core:
    for name in ("ann", "bob", "cat"):
        enrol(core, name, fake_picture(FakeFace(name)), fake_picture(FakeFace(name, 1)))
    return core


def verify(core: Core, subject_id: str, *faces: FakeFace, live: bool = False) -> VerifyFaceResult:
    policy = LivenessPolicy() if live else None
    request = VerifyFaceRequest(fake_picture(*faces), subject_id, liveness=policy)
    return VerifyFace(core.analysis, core.gallery)(request)


def test_every_face_is_named_with_distinct_candidates(people: Core) -> None:
    picture = fake_picture(FakeFace("bob", 5), FakeFace("stranger"), FakeFace("ann", 5))
    result = IdentifyFaces(people.analysis, people.gallery)(IdentifyFacesRequest(picture))
    names = [face.identification.match and face.identification.match.subject_id for face in result.faces]
    assert names == ["bob", None, "ann"]
    for face in result.faces:
        ids = [candidate.subject_id for candidate in face.identification.candidates]
        assert len(ids) == len(set(ids)) == 3
        assert face.is_live is None


def test_only_the_largest_face_is_looked_at_when_asked(people: Core) -> None:
    picture = fake_picture(FakeFace("bob"), FakeFace("ann"))
    request = IdentifyFacesRequest(picture, only_largest=True, max_candidates=1)
    faces = IdentifyFaces(people.analysis, people.gallery)(request).faces
    assert len(faces) == 1
    assert len(faces[0].identification.candidates) == 1
    assert faces[0].identification.margin is not None


def test_an_empty_gallery_knows_nobody(core: Core) -> None:
    faces = IdentifyFaces(core.analysis, core.gallery)(
        IdentifyFacesRequest(fake_picture(FakeFace("ann")))
    ).faces
    assert faces[0].identification.band is Band.UNKNOWN
    assert faces[0].identification.candidates == ()


def test_a_broken_engine_is_never_no_face(people: Core) -> None:
    people.detector.failure = EngineFailed("the runtime broke")
    with pytest.raises(EngineFailed):
        IdentifyFaces(people.analysis, people.gallery)(IdentifyFacesRequest(fake_picture(FakeFace("ann"))))


def test_the_claimed_person_passes_and_somebody_else_is_named(people: Core) -> None:
    right = verify(people, "ann", FakeFace("ann", 7))
    assert right.is_match
    assert right.faces[0].subject_id == "ann"
    wrong = verify(people, "ann", FakeFace("bob", 7))
    assert not wrong.is_match
    assert wrong.faces[0].subject_id == "bob"


def test_a_stranger_and_an_unknown_claim_are_nobody(people: Core) -> None:
    stranger = verify(people, "ann", FakeFace("stranger"))
    assert (stranger.is_match, stranger.faces[0].subject_id) == (False, None)
    unknown = verify(people, "nobody", FakeFace("ann", 3))
    assert not unknown.is_enrolled
    assert not unknown.is_match
    assert unknown.faces[0].verification is None
    assert unknown.faces[0].subject_id == "ann"


def test_a_picture_of_the_claimed_person_does_not_pass_where_liveness_is_asked_for(people: Core) -> None:
    assert verify(people, "ann", FakeFace("ann", 7), live=True).is_match
    spoof = verify(people, "ann", FakeFace("ann", 7, is_live=False), live=True)
    assert spoof.faces[0].is_live is False
    assert not spoof.is_match


def test_the_same_person_under_two_ids_passes_either_claim(people: Core) -> None:
    enrol(people, "ann-again", fake_picture(FakeFace("ann")))
    assert verify(people, "ann", FakeFace("ann")).is_match
    assert verify(people, "ann-again", FakeFace("ann")).is_match


def closer_other(min_margin: float) -> tuple[str | None, Band]:
    """Who it is when ada is claimed at 0.65 and eve is at 0.70, beside the search's own verdict."""
    policy = MatchPolicy(CURVE, min_margin=min_margin)
    candidates = [IndexCandidate("eve", "t1", 0.70), IndexCandidate("ada", "t2", 0.65)]
    identification = policy.identify(candidates, 2)
    return _who_it_is("ada", policy.verify(0.65), identification), identification.band


def test_somebody_closer_refutes_the_claim_even_where_the_search_would_ask_for_review() -> None:
    assert closer_other(min_margin=0.0) == ("eve", Band.MATCH)
    assert closer_other(min_margin=0.1) == (None, Band.REVIEW)
