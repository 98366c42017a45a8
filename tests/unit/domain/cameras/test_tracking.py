"""Faces that move, as boxes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.cameras.people import face_at

from facegate.domain.cameras.tracking import FaceTracker
from facegate.domain.geometry import PixelBox


def test_a_face_that_stands_still_is_one_track_without_doubt() -> None:
    tracker = FaceTracker()
    tracks = [tracker.assign([face_at(100)], step * 0.2)[0] for step in range(20)]
    assert len({track.track_id for track in tracks}) == 1
    assert not tracks[-1].is_doubtful


@pytest.mark.parametrize("step_px", [5, 20, 60, 100])
def test_somebody_who_walks_stays_one_track(step_px: int) -> None:
    tracker = FaceTracker()
    ids = {tracker.assign([face_at(100 + step * step_px)], step * 0.2)[0].track_id for step in range(10)}
    assert len(ids) == 1


def test_once_the_pace_is_known_a_fast_walker_is_no_guess() -> None:
    tracker = FaceTracker()
    for step in range(3):
        track = tracker.assign([face_at(100 + 60 * step)], step * 0.2)[0]
    track.is_doubtful = False
    for step in range(3, 8):
        track = tracker.assign([face_at(100 + 60 * step)], step * 0.2)[0]
        assert not track.is_doubtful


def test_missed_faces_do_not_break_a_track_but_a_long_absence_does() -> None:
    tracker = FaceTracker(lost_after_s=1.5)
    first = tracker.assign([face_at(100)], 0.0)[0]
    tracker.assign([], 0.5)
    assert tracker.assign([face_at(100)], 1.2)[0] is first
    assert not tracker.drop_lost(2.6)
    assert tracker.drop_lost(2.8) == [first]
    assert tracker.assign([face_at(100)], 2.9)[0] is not first


def test_a_face_that_jumps_is_a_guess() -> None:
    tracker = FaceTracker()
    tracker.assign([face_at(100)], 0.0)
    assert tracker.assign([face_at(190)], 0.2)[0].is_doubtful


def test_a_face_at_the_other_end_or_of_another_size_is_another() -> None:
    tracker = FaceTracker()
    first = tracker.assign([face_at(100)], 0.0)[0]
    far, large = tracker.assign([face_at(900), face_at(100, size_px=150)], 0.2)
    assert first not in (far, large)


def test_two_who_cross_keep_their_tracks_by_their_pace_and_are_in_doubt_where_they_meet() -> None:
    tracker = FaceTracker()
    met = False
    for step in range(21):
        boxes = [face_at(100 + 20 * step), face_at(500 - 20 * step)]
        left, right = tracker.assign(boxes, step * 0.2)
        met |= left.is_doubtful and right.is_doubtful
        if step == 0:
            first = (left, right)
    assert (left, right) == first
    assert met


def test_two_side_by_side_are_in_doubt_only_until_it_is_known_how_they_move() -> None:
    tracker = FaceTracker()
    for step in range(20):
        tracks = tracker.assign([face_at(100 + step), face_at(170 + step)], step * 0.2)
        assert step == 1 or not any(track.is_doubtful for track in tracks)
        for track in tracks:
            track.is_doubtful = False


def test_two_who_stop_in_front_of_each_other_are_in_doubt() -> None:
    tracker = FaceTracker()
    for step in range(5):
        boxes = [face_at(100 + 60 * step), face_at(640 - 60 * step)]
        tracks = tracker.assign(boxes, step * 0.2)
        for track in tracks:
            track.is_doubtful = False
    assert all(track.is_doubtful for track in tracker.assign(boxes, 1.0))


def test_a_box_that_is_taken_back_leaves_the_track_where_it_was_until_its_face_is_found() -> None:
    tracker = FaceTracker()
    track = tracker.assign([face_at(100)], 0.0)[0]
    tracker.assign([face_at(110)], 0.2)
    tracker.put_back(track)
    assert (track.box, track.seen_s) == (face_at(100), 0.0)
    assert tracker.assign([face_at(100)], 0.4)[0] is not track
    tracker.adopt(track, face_at(400), 0.6)
    assert tracker.assign([face_at(400)], 0.8)[0] is track


boxes = st.builds(face_at, st.floats(0, 2000), st.floats(0, 2000), st.floats(0.0, 500))


@given(st.lists(st.lists(boxes, max_size=12), max_size=12), st.floats(0.0, 3.0))
def test_every_box_has_a_track_of_its_own(looks: list[list[PixelBox]], step_s: float) -> None:
    tracker = FaceTracker()
    for number, seen in enumerate(looks):
        tracks = tracker.assign(seen, number * step_s)
        assert len({id(track) for track in tracks}) == len(seen)
        assert [track.box for track in tracks] == seen
        tracker.drop_lost(number * step_s)


def test_tracks_are_bounded_whatever_comes() -> None:
    tracker = FaceTracker()
    for step in range(30):
        tracker.assign([face_at(3000 * step + 100 * n) for n in range(64)], step * 0.01)
        tracker.drop_lost(step * 0.01)
    assert len(tracker.tracks) <= 128
