"""The user, others and nobody; and how long a user who turns away is held."""

from dataclasses import replace

import pytest
from tests.unit.domain.presence.staged import ALL_RAN, COLLEAGUE, STRANGER, USER, face, observed, phone

from facegate.domain.presence.identity_cues import IdentityLimits, identity_cues
from facegate.domain.presence.observation import Observation, SeenIdentity
from facegate.domain.presence.verdicts import Check, CheckState, Finding

LIMITS = IdentityLimits()
TURNED_AWAY = replace(USER, is_user=False, similarity=0.2, best_subject_id=None, quality=0.2)
UNSURE = replace(USER, is_user=False, similarity=0.35, best_subject_id=None, quality=0.9)


def found(observation: Observation, *past: Observation, limits: IdentityLimits = LIMITS) -> set[Finding]:
    return {cue.finding for cue in identity_cues(observation, past, limits)}


def test_the_user_alone_is_fine() -> None:
    assert found(observed()) == set()


@pytest.mark.parametrize(
    ("identity", "finding"), [(COLLEAGUE, Finding.OTHER_PERSON), (STRANGER, Finding.STRANGER)]
)
def test_somebody_else_is_told_apart(identity: SeenIdentity, finding: Finding) -> None:
    assert found(observed(identity=identity)) == {finding}


def test_nobody_and_a_phone() -> None:
    assert found(observed(identity=None, faces=())) == {Finding.NO_FACE}
    assert found(observed(phones=[phone()])) == {Finding.PHONE}


def test_a_second_face_counts_by_its_size() -> None:
    assert found(observed(faces=[face(), face(560, 100, 80)])) == {Finding.SECOND_FACE}
    assert found(observed(faces=[face(), face(560, 100, 30)])) == set()


@pytest.mark.parametrize("identity", [TURNED_AWAY, UNSURE])
def test_an_uncertain_look_is_held_while_the_user_stays_in_sight(identity: SeenIdentity) -> None:
    past = [observed(0.0), observed(1.0, identity), observed(2.0, identity)]
    assert found(observed(3.0, identity), *past) == set()
    assert found(observed(3.0, identity)) == {Finding.STRANGER}


def test_it_is_held_no_longer_than_the_limit() -> None:
    looks = [observed(0.0), *(observed(float(second), UNSURE) for second in range(1, 8))]
    assert found(looks[5], *looks[:5]) == set()
    assert found(looks[6], *looks[:6]) == {Finding.STRANGER}


def test_a_reused_identity_does_not_prolong_the_hold() -> None:
    reused = {**ALL_RAN, Check.IDENTITY: CheckState.REUSED}
    past = [observed(0.0), *(observed(float(second), USER, checks=reused) for second in range(1, 6))]
    assert found(observed(6.0, UNSURE), *past) == {Finding.STRANGER}


def test_a_gap_or_a_jump_ends_the_hold() -> None:
    assert found(observed(2.5, UNSURE), observed(0.0)) == {Finding.STRANGER}
    assert found(observed(1.0, UNSURE, faces=[face(100)]), observed(0.0)) == {Finding.STRANGER}
    gone = observed(1.0, None, faces=())
    assert found(observed(2.0, UNSURE), observed(0.0), gone) == {Finding.STRANGER}


@pytest.mark.parametrize("identity", [STRANGER, COLLEAGUE, replace(STRANGER, quality=0.1)])
def test_somebody_who_takes_the_seat_is_never_held(identity: SeenIdentity) -> None:
    assert found(observed(0.5, identity), observed(0.0)) != set()


def test_a_missing_check_fails_closed_unless_it_is_allowed() -> None:
    missing = {**ALL_RAN, Check.LIVENESS: CheckState.MISSING}
    assert found(observed(checks=missing, live_probability=None)) == {Finding.CHECK_MISSING}
    allowed = IdentityLimits(allow_missing=frozenset({Check.LIVENESS}))
    assert found(observed(checks=missing, live_probability=None), limits=allowed) == set()


def test_each_cue_has_the_numbers_behind_it() -> None:
    (cue,) = identity_cues(observed(identity=STRANGER), [], LIMITS)
    assert (cue.value, cue.threshold) == (STRANGER.similarity, STRANGER.min_similarity)
