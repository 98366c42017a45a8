"""Several faces decide, none alone."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.cameras.people import vote

from facegate.domain.cameras.votes import FaceVote, TrackVotes, vote_of
from facegate.domain.matching import Band, Identification, RankedCandidate


def votes(*cast: FaceVote, needed: int = 3) -> TrackVotes:
    counted = TrackVotes(needed)
    for one in cast:
        counted.add(one)
    return counted


def found(confidence: float, similarity: float, band: Band, second: float | None = None) -> Identification:
    candidates = [RankedCandidate("ann", "t", similarity, confidence, 1e-4)]
    if second is not None:
        candidates.append(RankedCandidate("bob", "u", second, confidence, 1e-4))
    return Identification(band, tuple(candidates), 0.5, None, 10)


@pytest.mark.parametrize(
    ("identification", "threshold", "band"),
    [
        (found(0.9, 0.7, Band.MATCH), 0.5, Band.MATCH),
        (found(0.5, 0.5, Band.MATCH), 0.5, Band.MATCH),
        (found(0.8, 0.7, Band.MATCH), 0.9, Band.REVIEW),
        (found(0.45, 0.45, Band.REVIEW), 0.5, Band.REVIEW),
        (found(0.45, 0.45, Band.REVIEW), 0.4, Band.MATCH),
        (found(0.9, 0.7, Band.REVIEW, 0.69), 0.5, Band.REVIEW),
        (found(0.01, 0.1, Band.UNKNOWN), 0.5, Band.UNKNOWN),
        (Identification(Band.UNKNOWN, (), 0.5, None, 0), 0.0, Band.UNKNOWN),
    ],
)
def test_the_cameras_threshold_decides_unless_two_are_too_close(
    identification: Identification, threshold: float, band: Band
) -> None:
    cast = vote_of(identification, threshold=threshold, at_s=0.0, quality=0.5, is_live=None)
    assert cast.band is band
    assert cast.subject_id == ("ann" if band is Band.MATCH else None)


def test_three_that_agree_give_a_name() -> None:
    assert votes(vote("ann"), vote("ann")).verdict is None
    verdict = votes(vote("ann"), vote("ann"), vote("ann")).verdict
    assert verdict is not None
    assert (verdict.subject_id, verdict.band, verdict.confidence) == ("ann", Band.MATCH, 0.9)


def test_one_is_enough_where_one_is_asked_for() -> None:
    verdict = votes(vote("ann"), needed=1).verdict
    assert verdict is not None
    assert verdict.subject_id == "ann"


def test_a_stranger_needs_a_second_and_several_faces() -> None:
    assert votes(*(vote(None, step * 0.2) for step in range(5))).verdict is None
    verdict = votes(*(vote(None, step * 0.2) for step in range(6))).verdict
    assert verdict is not None
    assert (verdict.subject_id, verdict.band, verdict.candidates) == (None, Band.UNKNOWN, ())


def test_poor_faces_of_a_stranger_take_longer() -> None:
    cast = [vote(None, step * 0.2, quality=0.1) for step in range(10)]
    assert votes(*cast[:8]).verdict is None
    assert votes(*cast).verdict is not None


def test_a_lucky_face_now_and_then_names_nobody() -> None:
    cast = votes()
    for step in range(200):
        cast.add(vote("ann" if step % 4 == 0 else None, step * 0.2))
        assert cast.verdict is None or cast.verdict.subject_id is None


def test_two_who_look_alike_are_for_review() -> None:
    cast = votes(*(vote("ann" if step % 2 else "bob", step * 0.2) for step in range(12)))
    assert cast.verdict is not None
    assert cast.verdict.band is Band.REVIEW
    assert {candidate.subject_id for candidate in cast.verdict.candidates} <= {"ann", "bob"}


def test_reviews_are_for_review_after_two_seconds() -> None:
    cast = [vote("ann", step * 0.2, band=Band.REVIEW) for step in range(11)]
    assert votes(*cast[:10]).verdict is None
    verdict = votes(*cast).verdict
    assert verdict is not None
    assert (verdict.band, verdict.subject_id) == (Band.REVIEW, None)


def test_a_stranger_who_turns_out_to_be_somebody_gets_the_name() -> None:
    cast = votes(*(vote(None, step * 0.2) for step in range(8)))
    assert cast.is_settled
    cast.add(vote("ann", 1.8))
    assert not cast.is_settled
    cast.add(vote("ann", 2.0))
    cast.add(vote("ann", 2.2))
    assert cast.verdict is not None
    assert cast.verdict.subject_id == "ann"


def test_a_name_stays_until_the_votes_are_for_another() -> None:
    cast = votes(*(vote("ann") for _ in range(3)), *(vote(None, step) for step in range(20)))
    assert cast.verdict is not None
    assert cast.verdict.subject_id == "ann"
    for _ in range(3):
        cast.add(vote("bob"))
    assert cast.verdict is not None
    assert cast.verdict.subject_id == "bob"


def test_faces_that_are_not_live_name_nobody_and_are_told_as_that() -> None:
    cast = votes(*(vote("ann", step * 0.2, is_live=False) for step in range(8)))
    assert cast.verdict is not None
    assert (cast.verdict.subject_id, cast.verdict.band) == (None, Band.UNKNOWN)
    assert cast.verdict.is_live is False


def test_who_is_deleted_is_nobody_at_once() -> None:
    cast = votes(*(vote("ann", step * 0.2) for step in range(4)))
    cast.forget("ann")
    assert cast.verdict is None
    assert not cast.is_settled
    reviewed = votes(*(vote("ann", step * 0.2, band=Band.REVIEW) for step in range(12)))
    reviewed.forget("ann")
    assert reviewed.verdict is None or not reviewed.verdict.candidates


names = st.sampled_from(["ann", "bob", None])


@given(st.lists(names, max_size=60), st.integers(1, 8))
def test_a_name_was_voted_for_often_enough_at_last(cast: Sequence[str | None], needed: int) -> None:
    counted = TrackVotes(needed)
    before: str | None = None
    for step, subject_id in enumerate(cast):
        counted.add(vote(subject_id, step * 0.2))
        name = counted.verdict.subject_id if counted.verdict is not None else None
        if name != before:
            recent = cast[max(0, step + 1 - 2 * needed) : step + 1]
            others = [other for other in recent if other not in (None, name)]
            assert name is not None
            assert recent.count(name) >= needed
            assert recent.count(name) > 2 * len(others)
        before = name


@given(st.lists(names, max_size=60), st.integers(2, 8))
def test_a_single_face_names_nobody(cast: Sequence[str | None], needed: int) -> None:
    counted = TrackVotes(needed)
    for step, subject_id in enumerate(cast):
        counted.add(vote(subject_id, step * 0.2))
        if counted.verdict is not None and counted.verdict.subject_id is not None:
            assert cast[: step + 1].count(counted.verdict.subject_id) >= needed


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 8))
def test_strangers_stay_unknown(qualities: list[bool], needed: int) -> None:
    counted = TrackVotes(needed)
    for step, is_good in enumerate(qualities):
        counted.add(vote(None, step * 0.2, quality=0.9 if is_good else 0.1))
        assert counted.verdict is None or counted.verdict.band is Band.UNKNOWN
