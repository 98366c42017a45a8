"""Checks hold while nothing changes, never beyond their age, and never after anything was amiss."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.staged import ALL_RAN, STRANGER, face, observed, phone

from facegate.domain.images import DetectedFace
from facegate.domain.presence.memory import ClientMemory
from facegate.domain.presence.observation import Observation, Thumbnail
from facegate.domain.presence.reuse import (
    REUSABLE_CHECKS,
    ReusePolicy,
    SearchInPart,
    Sight,
    may_hold,
    reusable,
)
from facegate.domain.presence.thumbnails import COLUMNS, ROWS
from facegate.domain.presence.verdicts import Check, CheckState, Reason

ROOM: Thumbnail = np.full((ROWS, COLUMNS), 90, dtype=np.uint8)
ALL = set(REUSABLE_CHECKS)
TEN_S = ReusePolicy(max_age_s=10.0, has_turns=False)


def room_with_phone() -> Thumbnail:
    changed = ROOM.copy()
    changed[34:44, 50:56] = 20
    return changed


def room_with_collar(column: int = 0) -> Thumbnail:
    """Ten bright blocks below the face, less than a phone has."""
    changed = ROOM.copy()
    changed[40:42, 28 + column : 33 + column] = 200
    return changed


def room_with_shirt(column: int = 0) -> Thumbnail:
    """Stripes below the face, more blocks than a phone has."""
    changed = ROOM.copy()
    changed[36:48, 24 + column : 40 + column : 4] = 200
    changed[36:48, 25 + column : 40 + column : 4] = 200
    return changed


@dataclass
class Watched:
    """A client whose frames come one after the other, checked as the rules allow."""

    policy: ReusePolicy = TEN_S
    client_id: str = "user"
    memory: ClientMemory = field(default_factory=ClientMemory)
    searches: list[SearchInPart | None] = field(default_factory=list)
    """Of each frame in which phones were searched: where, None for all of the picture."""

    def frame(
        self,
        at_s: float,
        *,
        thumbnail: Thumbnail = ROOM,
        reasons: Sequence[Reason] = (),
        seen: Observation | None = None,
    ) -> set[Check]:
        """Which checks were reused; `seen` is what those that ran would find, else the user alone."""
        found = observed(at_s) if seen is None else replace(seen, at_s=at_s)
        sight = Sight(at_s, found.size, found.faces, thumbnail)
        reuse = reusable(self.client_id, sight, self.memory.frames(at_s), self.policy)
        states = {**ALL_RAN, **dict.fromkeys(reuse.sources, CheckState.REUSED)}
        kept = replace(found, thumbnail=thumbnail, checks=states)
        if Check.PHONE not in reuse.sources:
            in_part = reuse.phones_in_part
            self.searches.append(in_part)
            kept = replace(kept, searched_in_part=None if in_part is None else in_part.searched)
        for check, source in reuse.sources.items():
            kept = _taken_over(kept, check, source)
        self.memory.remember(kept, frozenset(reasons))
        return set(reuse.sources)


def _taken_over(kept: Observation, check: Check, source: Observation) -> Observation:
    match check:
        case Check.IDENTITY:
            return replace(kept, identity=source.identity)
        case Check.LIVENESS:
            return replace(kept, live_probability=source.live_probability)
        case _:
            return replace(kept, phones=source.phones)


def faces_seen(*faces: DetectedFace) -> Observation:
    return observed(faces=faces)


def test_nothing_is_reused_unless_it_is_switched_on() -> None:
    watched = Watched(ReusePolicy())
    assert all(watched.frame(second) == set() for second in range(5))


def test_an_unchanged_frame_takes_over_all_three_checks_until_their_age_ends() -> None:
    watched = Watched()
    reused = {second: watched.frame(second) for second in range(25)}
    ran_at = [second for second, checks in reused.items() if not checks]
    assert ran_at == [0, 10, 20]
    assert all(checks == ALL for second, checks in reused.items() if second not in ran_at)


def test_reusing_does_not_prolong_itself_however_often_frames_come() -> None:
    watched = Watched(replace(TEN_S, max_age_s=2.0))
    ran_at = [step / 10 for step in range(100) if not watched.frame(step / 10)]
    assert ran_at == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_a_change_around_the_face_ends_it_at_once() -> None:
    watched = Watched()
    watched.frame(0)
    assert watched.frame(1) == ALL
    assert watched.frame(2, thumbnail=room_with_phone()) == set()
    # What ran then holds for the picture as it is now.
    assert watched.frame(3, thumbnail=room_with_phone()) == ALL


def test_a_change_smaller_than_a_phone_asks_for_phones_alone() -> None:
    watched = Watched()
    watched.frame(0)
    assert watched.frame(1, thumbnail=room_with_collar()) == {Check.IDENTITY, Check.LIVENESS}
    # That picture was searched, so it is the one that the next is held against.
    assert watched.frame(2, thumbnail=room_with_collar()) == ALL


def test_shoulders_that_follow_the_head_ask_for_phones_alone() -> None:
    moved = faces_seen(face(x=320 + 40))
    watched = Watched()
    watched.frame(0, thumbnail=room_with_shirt())
    assert watched.frame(1, thumbnail=room_with_shirt(4), seen=moved) == {Check.IDENTITY, Check.LIVENESS}


def test_what_moves_while_the_head_does_not_ends_everything() -> None:
    watched = Watched()
    watched.frame(0, thumbnail=room_with_shirt())
    assert watched.frame(1, thumbnail=room_with_shirt(4)) == set()


def test_a_phone_that_comes_while_the_head_moves_ends_everything() -> None:
    watched = Watched()
    watched.frame(0)
    assert watched.frame(1, thumbnail=room_with_phone(), seen=faces_seen(face(x=350))) == set()


def test_another_face_in_the_same_place_ends_everything_though_nothing_else_changes() -> None:
    def with_face(seed: int) -> Thumbnail:
        seen = ROOM.copy()
        seen[16:32, 24:40] = np.random.default_rng(seed).integers(60, 120, (16, 16), dtype=np.uint8)
        return seen

    watched = Watched()
    watched.frame(0, thumbnail=with_face(1))
    assert watched.frame(1, thumbnail=with_face(1)) == ALL
    assert watched.frame(2, thumbnail=with_face(2)) == set()


def test_searching_for_phones_does_not_prolong_what_else_holds() -> None:
    watched = Watched()
    watched.frame(0)
    for second in range(1, 10):
        thumbnail = room_with_collar() if second % 2 else ROOM
        assert watched.frame(second, thumbnail=thumbnail) == {Check.IDENTITY, Check.LIVENESS}
    assert not may_hold("user", 10.0, watched.memory.frames(10.0), TEN_S)
    reused = watched.frame(10, thumbnail=room_with_collar())
    assert not reused & {Check.IDENTITY, Check.LIVENESS}


def test_phones_are_searched_again_only_where_something_has_changed() -> None:
    watched = Watched()
    watched.frame(0)
    watched.frame(1, thumbnail=room_with_phone())
    first, again = watched.searches
    assert first is None
    assert again is not None
    # The phone's blocks are columns 50 to 56 of 64 and rows 34 to 44 of 48.
    assert again.place.left_px <= 460
    assert again.place.top_px <= 300
    assert again.place.right_px >= 600
    assert again.place.bottom_px >= 440
    assert again.place.area_px < 0.25 * 640 * 480


def test_searching_a_part_does_not_prolong_the_rest() -> None:
    watched = Watched()
    for second in range(10):
        watched.frame(second, thumbnail=room_with_collar() if second % 2 else ROOM)
    assert all(search is not None for search in watched.searches[1:])
    watched.frame(10, thumbnail=room_with_collar())
    assert watched.searches[-1] is None, "the corners were searched ten seconds ago"


def test_what_changes_slowly_elsewhere_is_held_against_what_was_really_searched() -> None:
    """Each step is too small for a change. If searching a part renewed the whole, nobody would ever look."""
    watched = Watched()
    watched.frame(0)
    found_in_second = None
    for second in range(1, 9):
        thumbnail = room_with_collar() if second % 2 else ROOM.copy()
        thumbnail[2:12, 2:8] = 90 - 3 * second
        watched.frame(second, thumbnail=thumbnail)
        search = watched.searches[-1]
        if search is None or search.place.left_px == 0.0:
            found_in_second = second
            break
    assert found_in_second == 3


def test_where_most_of_the_picture_has_changed_all_of_it_is_searched() -> None:
    everywhere = ROOM.copy()
    everywhere[2:46:10, 2:62:10] = 200
    everywhere[3:46:10, 2:62:10] = 200
    everywhere[4:46:10, 2:62:10] = 200
    watched = Watched()
    watched.frame(0)
    watched.frame(1, thumbnail=everywhere)
    assert watched.searches == [None, None]


def test_another_face_in_the_same_place_has_the_whole_picture_searched() -> None:
    def with_face(seed: int, room: Thumbnail) -> Thumbnail:
        seen = room.copy()
        seen[16:32, 24:40] = np.random.default_rng(seed).integers(60, 120, (16, 16), dtype=np.uint8)
        return seen

    watched = Watched()
    watched.frame(0, thumbnail=with_face(1, ROOM))
    watched.frame(1, thumbnail=with_face(1, room_with_phone()))
    watched.frame(2, thumbnail=with_face(2, ROOM))
    whole, part, whole_again = watched.searches
    assert part is not None
    assert (whole, whole_again) == (None, None)


def test_a_phone_that_rises_slowly_is_searched_as_a_whole_each_time() -> None:
    watched = Watched()
    watched.frame(0)
    for step in range(1, 8):
        top = 48 - 3 * step
        thumbnail = ROOM.copy()
        thumbnail[top:, 4:17] = 20
        watched.frame(step, thumbnail=thumbnail)
        search = watched.searches[-1]
        assert len(watched.searches) == step + 1
        assert search is not None
        assert search.place.left_px <= 40
        assert search.place.top_px <= 10 * top
        assert search.place.right_px >= 170
        assert search.place.bottom_px == 480


def test_places_that_do_not_touch_are_searched_apart() -> None:
    watched = Watched()
    watched.frame(0)
    watched.frame(1, thumbnail=room_with_phone())
    left = room_with_phone()
    left[2:12, 2:8] = 20
    watched.frame(2, thumbnail=left)
    search = watched.searches[-1]
    assert search is not None
    assert (search.place.left_px, search.place.top_px) == (0, 0)
    assert search.place.area_px < 0.25 * 640 * 480


def test_a_late_frame_with_a_reason_ends_what_was_searched_before_it() -> None:
    watched = Watched()
    watched.frame(0)
    watched.frame(6, thumbnail=room_with_phone())
    watched.frame(5, reasons=[Reason.SPOOF_IMAGE])
    assert Check.PHONE not in watched.frame(7, thumbnail=room_with_phone())
    assert watched.searches[-1] is None


def test_a_frame_with_a_reason_is_never_a_source_and_ends_the_track() -> None:
    watched = Watched()
    watched.frame(0)
    assert watched.frame(1, reasons=[Reason.SPOOF_IMAGE]) == ALL
    assert watched.frame(2) == set(), "what ran before the reason must not stand for what came after it"
    assert watched.frame(3) == ALL


def test_after_a_violation_all_checks_run_until_it_is_over() -> None:
    watched = Watched()
    for second in range(4):
        assert watched.frame(second, reasons=[Reason.PHONE_DETECTION]) == set()
    assert watched.frame(4) == set()
    assert watched.frame(5) == ALL


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (observed(identity=STRANGER), {Check.LIVENESS, Check.PHONE}),
        (observed(identity=None), {Check.LIVENESS, Check.PHONE}),
        (observed(live_probability=0.3), {Check.IDENTITY, Check.PHONE}),
        (observed(live_probability=None), {Check.IDENTITY, Check.PHONE}),
        (observed(phones=[phone()]), {Check.IDENTITY, Check.LIVENESS}),
    ],
)
def test_what_does_not_speak_for_the_user_is_looked_at_again(seen: Observation, expected: set[Check]) -> None:
    watched = Watched()
    watched.frame(0, seen=seen)
    assert watched.frame(1, seen=seen) == expected


def test_the_live_probability_that_is_needed_can_be_set() -> None:
    watched = Watched(replace(TEN_S, min_live_probability=0.97))
    watched.frame(0)
    assert watched.frame(1) == {Check.IDENTITY, Check.PHONE}


@pytest.mark.parametrize(
    "faces",
    [
        (),
        (face(x=450),),
        (face(side=80),),
        (face(), face(x=560, side=60)),
    ],
    ids=["gone", "elsewhere", "farther away", "not alone"],
)
def test_a_track_that_breaks_ends_it(faces: tuple[DetectedFace, ...]) -> None:
    watched = Watched()
    watched.frame(0)
    assert watched.frame(1, seen=faces_seen(*faces)) == set()
    assert watched.frame(2) == set(), "the face that came back may be another"
    assert watched.frame(3) == ALL


def test_two_faces_of_one_size_may_change_their_order() -> None:
    watched = Watched()
    left, right = face(x=150), face(x=500)
    watched.frame(0, seen=faces_seen(left, right))
    assert watched.frame(1, seen=faces_seen(right, left)) == ALL


def test_a_face_that_wanders_slowly_is_looked_at_again_where_it_no_longer_overlaps() -> None:
    watched = Watched()
    steps = [watched.frame(step, seen=faces_seen(face(x=200 + 30 * step))) for step in range(5)]
    assert steps == [set(), ALL, set(), ALL, set()]


def test_a_gap_in_time_breaks_the_track() -> None:
    watched = Watched()
    watched.frame(0)
    watched.policy = replace(watched.policy, max_gap_s=2.5)
    assert watched.frame(2.5) == ALL
    assert watched.frame(5.1) == set()


def test_a_picture_of_another_size_is_not_compared() -> None:
    watched = Watched()
    watched.frame(0)
    larger = replace(observed(), size=replace(observed().size, width_px=800))
    assert watched.frame(1, seen=larger) == set()


def test_pictures_are_compared_only_where_something_could_be_reused() -> None:
    now = observed(1.0)
    sight = Sight(1.0, now.size, now.faces, ROOM)
    memory = ClientMemory()
    assert not reusable("user", sight, memory.frames(1.0), TEN_S).was_compared
    memory.remember(replace(observed(0.0), thumbnail=room_with_phone()), frozenset())
    reuse = reusable("user", sight, memory.frames(1.0), TEN_S)
    assert reuse.was_compared
    assert reuse.sources == {}


@given(st.text(max_size=20), st.floats(0, 1e6), st.floats(0.1, 10))
def test_the_age_is_shortened_never_prolonged_and_ends_at_the_clients_turn(
    client_id: str, ran_at_s: float, max_age_s: float
) -> None:
    policy = ReusePolicy(max_age_s=max_age_s)
    limit_s = policy.age_limit_s(client_id, ran_at_s)
    assert 0.0 < limit_s <= max_age_s
    assert policy.age_limit_s(client_id, ran_at_s) == limit_s
    # What ran halfway between holds until the same moment.
    assert policy.age_limit_s(client_id, ran_at_s + limit_s / 2) == pytest.approx(limit_s / 2, abs=1e-6)


def test_a_key_hides_the_turns() -> None:
    keyed = [ReusePolicy(max_age_s=10.0, turns_key=key).age_limit_s("user", 0.0) for key in (b"a", b"b")]
    assert keyed[0] != keyed[1]


def test_many_clients_that_begin_together_do_not_look_again_together() -> None:
    policy = ReusePolicy(max_age_s=10.0)
    looks = np.zeros(60, dtype=int)
    for number in range(150):
        second = 0
        while second < len(looks):
            looks[second] += 1
            second += math.ceil(policy.age_limit_s(f"client {number}", float(second)))
    assert looks[0] == 150
    # Each looks again every 10 s: that is 15 a second.
    assert looks[1:].max() < 40
    assert 15 <= looks[10:].mean() < 18


@pytest.mark.parametrize("max_age_s", [-1.0, float("nan")])
def test_a_senseless_policy_is_refused(max_age_s: float) -> None:
    with pytest.raises(ValueError, match="age"):
        ReusePolicy(max_age_s=max_age_s)


frames = st.lists(
    st.tuples(
        st.floats(0.05, 3.0),
        st.sampled_from([0.0, 0.0, 0.0, 20.0, 100.0]),
        st.booleans() | st.just(value=False),
        st.sampled_from([(), (), (), (Reason.NO_FACE,)]),
        st.sampled_from([0.95, 0.95, 0.2]),
    ),
    max_size=40,
)


@given(frames, st.floats(0.5, 10.0))
def test_whatever_happens_a_reused_check_ran_a_short_time_ago_and_nothing_was_amiss_since(
    history: list[tuple[float, float, bool, tuple[Reason, ...], float]], max_age_s: float
) -> None:
    watched = Watched(ReusePolicy(max_age_s=max_age_s))
    last_ran_s: dict[Check, float] = {}
    last_amiss_s = float("-inf")
    at_s = 0.0
    for gap_s, shift_px, has_phone, reasons, live_probability in history:
        at_s += gap_s
        seen = observed(faces=(face(x=320 + shift_px),), live_probability=live_probability)
        thumbnail = room_with_phone() if has_phone else ROOM
        reused = watched.frame(at_s, seen=seen, thumbnail=thumbnail, reasons=reasons)
        for check in REUSABLE_CHECKS:
            if check in reused:
                assert at_s - last_ran_s[check] < max_age_s
                assert last_ran_s[check] > last_amiss_s
            else:
                last_ran_s[check] = at_s
        if reasons:
            last_amiss_s = at_s
