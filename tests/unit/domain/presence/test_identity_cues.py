"""The user, others and nobody; and how long a user who turns away is held."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.staged import ALL_RAN, COLLEAGUE, STRANGER, USER, face, observed, phone

from facegate.domain.presence.identity_cues import IdentityLimits, identity_cues
from facegate.domain.presence.memory import MEMORY_S, ClientMemory
from facegate.domain.presence.observation import Observation, SeenIdentity
from facegate.domain.presence.verdicts import Check, CheckState, Finding

LIMITS = IdentityLimits()
TURNED_AWAY = replace(
    USER, is_user=False, similarity=0.2, best_subject_id=None, quality=0.2, false_match_rate=0.05
)
UNSURE = replace(
    USER, is_user=False, similarity=0.35, best_subject_id=None, quality=0.9, false_match_rate=0.0005
)
POOR_STRANGER = replace(STRANGER, quality=0.1)
GOOD_LOOK_AT_ANOTHER = replace(TURNED_AWAY, quality=0.9)
LOOKALIKE = replace(USER, similarity=0.45, best_subject_id="twin", best_similarity=0.9)
REUSED = {**ALL_RAN, Check.IDENTITY: CheckState.REUSED}


def found(observation: Observation, *past: Observation, limits: IdentityLimits = LIMITS) -> set[Finding]:
    return {cue.finding for cue in identity_cues(observation, past, limits)}


def seen_each_second(*identities: SeenIdentity) -> list[Observation]:
    """One frame a second from 0 on, each with the face at the same place."""
    return [observed(float(second), identity, seed=second) for second, identity in enumerate(identities)]


def found_last(frames: Sequence[Observation], limits: IdentityLimits = LIMITS) -> set[Finding]:
    return found(frames[-1], *frames[:-1], limits=limits)


def test_the_user_alone_is_fine() -> None:
    assert found(observed()) == set()


@pytest.mark.parametrize(
    ("identity", "finding"),
    [
        (COLLEAGUE, Finding.OTHER_PERSON),
        (STRANGER, Finding.STRANGER),
        (LOOKALIKE, Finding.OTHER_PERSON),
    ],
)
def test_somebody_else_is_told_apart(identity: SeenIdentity, finding: Finding) -> None:
    assert found(observed(identity=identity)) == {finding}


def test_a_user_found_by_the_search_alone_is_not_somebody_else() -> None:
    """The search may ask for less than the 1:1 check: then its best is the user."""
    near_miss = replace(USER, is_user=False, similarity=0.42, best_similarity=0.42, false_match_rate=1e-5)
    assert found(observed(identity=near_miss)) == {Finding.STRANGER}
    assert found(observed(1.0, near_miss), observed(0.0)) == set()


def test_nobody_and_a_phone() -> None:
    assert found(observed(identity=None, faces=())) == {Finding.NO_FACE}
    assert found(observed(phones=[phone()])) == {Finding.PHONE}
    assert found(observed(identity=None, faces=(), phones=[phone()])) == {Finding.NO_FACE, Finding.PHONE}


@pytest.mark.parametrize(("side_px", "counts"), [(80, True), (51, True), (50, False), (30, False)])
def test_a_second_face_counts_by_its_size(side_px: float, counts: bool) -> None:
    frame = observed(faces=[face(side=160), face(560, 100, side_px)])
    assert found(frame) == ({Finding.SECOND_FACE} if counts else set())


def test_the_size_of_a_second_face_is_the_operators_to_choose() -> None:
    limits = IdentityLimits(min_second_face_share=0.01)
    assert found(observed(faces=[face(), face(560, 100, 30)]), limits=limits) == {Finding.SECOND_FACE}


def test_an_only_face_counts_however_small() -> None:
    assert found(observed(identity=STRANGER, faces=[face(side=20)])) == {Finding.STRANGER}


@pytest.mark.parametrize("identity", [TURNED_AWAY, UNSURE])
def test_an_uncertain_look_is_held_while_the_user_stays_in_sight(identity: SeenIdentity) -> None:
    frames = seen_each_second(USER, identity, identity, identity)
    assert found_last(frames) == set()
    assert found(frames[-1]) == {Finding.STRANGER}


def test_it_is_held_no_longer_than_the_limit() -> None:
    frames = seen_each_second(USER, *[UNSURE] * 7)
    findings = [found_last(frames[: count + 1]) for count in range(8)]
    assert findings == [set()] * 6 + [{Finding.STRANGER}] * 2


def test_no_hold_at_all_can_be_chosen() -> None:
    limits = IdentityLimits(identity_hold_s=0)
    assert found_last(seen_each_second(USER, UNSURE), limits) == {Finding.STRANGER}


def test_a_certain_look_begins_the_hold_anew() -> None:
    assert found_last(seen_each_second(USER, *[UNSURE] * 4, USER, *[UNSURE] * 4)) == set()


def test_the_hold_counts_from_a_look_that_was_taken() -> None:
    reused = [observed(float(second), USER, checks=REUSED) for second in range(1, 5)]
    assert found(observed(5.0, TURNED_AWAY), observed(0.0), *reused) == set()
    assert found(observed(5.5, TURNED_AWAY), observed(0.0), *reused) == {Finding.STRANGER}


@pytest.mark.parametrize(
    "past",
    [
        [observed(1.0)],
        [observed(2.0), observed(2.5, None, faces=())],
        [observed(2.0), observed(2.5, None)],
        [observed(2.5, faces=[face(100)])],
        [observed(2.5, faces=[face(side=40)])],
    ],
    ids=["a gap", "nobody for a moment", "a face not compared", "a jump aside", "a jump in size"],
)
def test_a_broken_track_ends_the_hold(past: list[Observation]) -> None:
    assert found(observed(3.5, UNSURE), *past) == {Finding.STRANGER}


def test_a_track_may_move_slowly() -> None:
    frames = [
        observed(number / 2, USER if number == 0 else UNSURE, faces=[face(200 + 40 * number)])
        for number in range(8)
    ]
    assert found_last(frames) == set()


@pytest.mark.parametrize("identity", [STRANGER, COLLEAGUE, POOR_STRANGER, GOOD_LOOK_AT_ANOTHER, LOOKALIKE])
def test_somebody_who_takes_the_seat_is_never_held(identity: SeenIdentity) -> None:
    assert found(observed(0.5, identity), observed(0.0)) != set()


@pytest.mark.parametrize("identity", [STRANGER, COLLEAGUE, POOR_STRANGER, LOOKALIKE])
def test_nor_once_they_turn_away(identity: SeenIdentity) -> None:
    assert found_last(seen_each_second(USER, identity, TURNED_AWAY)) == {Finding.STRANGER}


def test_two_faces_may_have_changed_places() -> None:
    together = observed(1.0, UNSURE, faces=[face(), face(560, 200, 120)])
    assert found(together, observed(0.0)) == {Finding.SECOND_FACE}
    assert found(observed(2.0, UNSURE), observed(0.0), together) == {Finding.STRANGER}
    passer_by = observed(1.0, UNSURE, faces=[face(), face(560, 100, 20)])
    assert found(observed(2.0, UNSURE), observed(0.0), passer_by) == set()


@pytest.mark.parametrize("check", [Check.LIVENESS, Check.PHONE])
def test_a_missing_check_fails_closed_unless_it_is_allowed(check: Check) -> None:
    missing = replace(
        observed(checks={**ALL_RAN, check: CheckState.MISSING}), live_probability=None, phones=None
    )
    assert found(missing) == {Finding.CHECK_MISSING}
    both = IdentityLimits(allow_missing=frozenset({Check.LIVENESS, Check.PHONE}))
    assert found(missing, limits=both) == set()


@pytest.mark.parametrize("field", ["identity", "live_probability", "phones"])
def test_a_check_without_an_answer_is_a_missing_one_whatever_it_says(field: str) -> None:
    frame = observed()
    silent = replace(frame, **{field: None})  # type: ignore[arg-type]  # one field by name
    assert found(silent) == {Finding.CHECK_MISSING}


def test_without_a_face_there_is_nothing_to_compare() -> None:
    not_needed = {**ALL_RAN, Check.IDENTITY: CheckState.NOT_NEEDED, Check.LIVENESS: CheckState.NOT_NEEDED}
    empty = observed(identity=None, faces=(), live_probability=None, checks=not_needed)
    assert found(empty) == {Finding.NO_FACE}


def test_a_check_that_is_not_needed_is_not_missed() -> None:
    states = {**ALL_RAN, Check.LIVENESS: CheckState.NOT_NEEDED, Check.PHONE: CheckState.NOT_NEEDED}
    frame = replace(observed(checks=states, live_probability=None), phones=None)
    assert found(frame) == set()


@pytest.mark.parametrize(
    ("observation", "numbers"),
    [
        (observed(identity=STRANGER), (STRANGER.similarity, STRANGER.min_similarity)),
        (observed(identity=COLLEAGUE), (COLLEAGUE.best_similarity, COLLEAGUE.min_similarity)),
        (observed(faces=[face(side=160), face(560, 100, 80)]), (0.25, 0.1)),
        (observed(phones=[phone(0.4), phone(0.7)]), (0.7, None)),
    ],
)
def test_each_cue_has_the_numbers_behind_it(
    observation: Observation, numbers: tuple[float, float | None]
) -> None:
    (cue,) = identity_cues(observation, [], LIMITS)
    assert (cue.value, cue.threshold) == numbers


LOOKS = st.sampled_from([USER, UNSURE, TURNED_AWAY, STRANGER, POOR_STRANGER, COLLEAGUE, LOOKALIKE])
FRAMES = st.builds(
    lambda looks, gaps, places: [
        observed(sum(gaps[: number + 1]), look, faces=[face(place)], seed=0)
        for number, (look, place) in enumerate(zip(looks, places, strict=False))
    ],
    st.lists(LOOKS, min_size=1, max_size=12),
    st.lists(st.sampled_from([0.1, 1.0, 1.9, 2.5]), min_size=12, max_size=12),
    st.lists(st.sampled_from([300.0, 320.0, 340.0, 520.0]), min_size=12, max_size=12),
)


@given(frames=FRAMES)
def test_the_past_only_ever_excuses_an_uncertain_look(frames: list[Observation]) -> None:
    alone = found(frames[-1])
    excused = alone - found_last(frames)
    assert found_last(frames) <= alone
    if excused:
        assert excused == {Finding.STRANGER}
        assert frames[-1].identity in (UNSURE, TURNED_AWAY)
        assert any(
            frame.identity == USER and frames[-1].at_s - frame.at_s <= LIMITS.identity_hold_s
            for frame in frames[:-1]
        )


@given(frames=FRAMES, look=LOOKS)
def test_after_half_a_minute_of_silence_nobody_is_held(frames: list[Observation], look: SeenIdentity) -> None:
    memory = ClientMemory()
    for frame in frames:
        memory.remember(frame, frozenset())
    now = observed(frames[-1].at_s + MEMORY_S + 0.1, look)
    patient = IdentityLimits(identity_hold_s=MEMORY_S, max_gap_s=1000)
    assert found(now, *memory.past(now.at_s), limits=patient) == found(now, limits=patient)
