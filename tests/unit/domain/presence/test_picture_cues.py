"""Covered cameras, attacks and devices around a face; and that none of it is said of a live user."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.staged import face, observed

from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import DetectedPhone
from facegate.domain.presence.observation import Observation, Thumbnail
from facegate.domain.presence.picture_cues import PictureLimits, detail_of, picture_cues
from facegate.domain.presence.verdicts import Finding

LIMITS = PictureLimits()
ROWS, COLUMNS = 48, 64
FACE_IN_PHONE = DetectedPhone(PixelBox(220, 100, 420, 460), 0.5)


def found(observation: Observation, *past: Observation, limits: PictureLimits = LIMITS) -> set[Finding]:
    return {cue.finding for cue in picture_cues(observation, past, limits)}


def found_last(frames: Sequence[Observation]) -> set[Finding]:
    return found(frames[-1], *frames[:-1])


def nobody_in(thumbnail: Thumbnail) -> Observation:
    return replace(observed(faces=(), live_probability=None), thumbnail=thumbnail)


def flat(level: float, noise: float = 1.0) -> Thumbnail:
    values = np.random.default_rng(0).normal(level, noise, (ROWS, COLUMNS))
    return np.clip(values, 0, 255).astype(np.uint8)


def light_from_a_side() -> Thumbnail:
    """A hand over the lens: light comes in at one side, nothing is sharp."""
    return np.broadcast_to(np.linspace(20, 120, COLUMNS), (ROWS, COLUMNS)).astype(np.uint8)


def moved(second: float, points_px: np.ndarray, live_probability: float = 0.95) -> Observation:
    moved_face = replace(face(), landmarks=FaceLandmarks(points_px.astype(np.float32)))
    return observed(second, faces=(moved_face,), live_probability=live_probability)


def test_a_live_user_gives_no_cue() -> None:
    assert found_last([observed(second / 2) for second in range(40)]) == set()


@pytest.mark.parametrize("thumbnail", [flat(2), flat(120), light_from_a_side()])
def test_a_covered_camera_is_told_from_an_empty_room(thumbnail: Thumbnail) -> None:
    assert found(nobody_in(thumbnail)) == {Finding.COVERED_CAMERA}


def test_an_empty_room_is_not_covered() -> None:
    room = flat(120)
    room[10:30, 20:24] = 40  # a door
    room[34:, :] = 70  # a desk
    assert found(nobody_in(room)) == set()


def test_a_face_before_a_plain_dark_wall_is_not_covered() -> None:
    assert found(replace(observed(), thumbnail=flat(2))) == set()


def test_a_covered_camera_is_not_called_frozen_too() -> None:
    black = [replace(nobody_in(flat(0, 0)), at_s=float(second), encoded_sha256=b"") for second in range(20)]
    assert found_last(black) == {Finding.COVERED_CAMERA}


def test_a_frozen_empty_room_is_told() -> None:
    room = [replace(observed(faces=(), seed=1), at_s=float(second)) for second in range(7)]
    assert found_last(room) == {Finding.FROZEN_PICTURE}


@pytest.mark.parametrize(("frames", "interval_s", "is_frozen"), [(6, 1.0, True), (6, 0.9, False)])
def test_frozen_needs_five_seconds(frames: int, interval_s: float, is_frozen: bool) -> None:
    same = [observed(number * interval_s, seed=1) for number in range(frames)]
    assert (Finding.FROZEN_PICTURE in found_last(same)) is is_frozen


@pytest.mark.parametrize(("frames", "is_frozen"), [(3, False), (4, True)])
def test_frozen_needs_four_frames(frames: int, is_frozen: bool) -> None:
    same = [observed(number * 5.0, seed=1) for number in range(frames)]
    assert (Finding.FROZEN_PICTURE in found_last(same)) is is_frozen


def test_a_loop_is_told_at_its_third_picture_that_comes_again() -> None:
    clip = [observed(float(number), seed=number % 5) for number in range(8)]
    assert [found_last(clip[: end + 1]) for end in range(8)] == [set()] * 7 + [{Finding.LOOPED_PICTURE}]


def test_after_a_loop_a_new_picture_is_fine() -> None:
    clip = [observed(float(number), seed=number % 5) for number in range(12)]
    assert found(observed(12.0, seed=99), *clip) == set()


def test_one_look_alone_decides_when_there_is_no_other() -> None:
    assert found(observed(live_probability=0.2)) == {Finding.SPOOF_TEXTURE}
    assert found(observed(live_probability=LIMITS.min_live_probability)) == set()


def test_without_a_look_there_is_no_texture_cue() -> None:
    assert found(observed(live_probability=None)) == set()


def test_an_attack_is_told_though_a_live_user_sat_there_before() -> None:
    """At one frame a second the second frame of the attack."""
    live = [observed(float(second), live_probability=0.99) for second in range(30)]
    attack = [observed(30.0 + second, live_probability=0.02) for second in range(2)]
    assert found_last([*live, *attack]) == {Finding.SPOOF_TEXTURE}


def test_a_phone_around_the_face_is_a_device() -> None:
    assert found(observed(phones=[FACE_IN_PHONE])) == {Finding.DEVICE_AROUND_FACE}


@pytest.mark.parametrize("box", [PixelBox(370, 200, 420, 300), PixelBox(500, 360, 560, 460)])
def test_a_phone_at_the_ear_or_in_the_hand_is_no_device_around_the_face(box: PixelBox) -> None:
    assert found(observed(phones=[DetectedPhone(box, 0.9)])) == set()


def test_without_a_face_a_phone_is_around_none() -> None:
    assert found(observed(faces=(), phones=[FACE_IN_PHONE])) == set()


def waved_about(live_probability: float) -> list[Observation]:
    points = face().landmarks.points_xy_px
    return [
        moved(number / 2, points + np.array([10 * number, 4 * number]), live_probability)
        for number in range(6)
    ]


def test_motion_as_of_a_flat_picture_is_told_beside_another_sign_only() -> None:
    assert found_last(waved_about(0.1)) == {Finding.SPOOF_TEXTURE, Finding.RIGID_FACE}
    assert found_last(waved_about(0.9)) == set()


def test_a_head_that_turns_does_not_move_like_a_flat_picture() -> None:
    frames = waved_about(0.1)
    turned = frames[-1].faces[0].landmarks.points_xy_px.copy()
    turned[2, 0] += 12.0
    assert found_last([*frames[:-1], moved(2.5, turned, 0.1)]) == {Finding.SPOOF_TEXTURE}


@pytest.mark.parametrize("limits", [{"frozen_frames": 1}, {"loop_recurrences": 0}])
def test_what_every_first_frame_would_show_is_refused(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="second frame"):
        PictureLimits(**limits)


PROBABILITIES = st.none() | st.floats(0, 1)


@given(PROBABILITIES, st.booleans(), st.booleans())
def test_an_empty_past_gives_only_what_one_frame_shows(
    probability: float | None, has_face: bool, has_phone: bool
) -> None:
    faces = [face()] if has_face else []
    only = observed(live_probability=probability, faces=faces, phones=[FACE_IN_PHONE] * has_phone)
    of_one_frame = {Finding.COVERED_CAMERA, Finding.SPOOF_TEXTURE, Finding.DEVICE_AROUND_FACE}
    assert found(only) <= of_one_frame


@given(st.lists(st.floats(0, 0.49), min_size=1, max_size=12))
def test_no_past_makes_an_attack_live_longer_than_the_window(attack: list[float]) -> None:
    live = [observed(second / 4, live_probability=1.0) for second in range(40)]
    start_s = live[-1].at_s + LIMITS.liveness_window_s + 0.01
    frames = [observed(start_s + number / 4, live_probability=low) for number, low in enumerate(attack)]
    assert Finding.SPOOF_TEXTURE in found_last([*live, *frames])


def test_detail_is_that_of_edges_not_of_a_slope_of_light() -> None:
    assert detail_of(light_from_a_side()) <= 2
    edges = np.kron(np.indices((6, 8)).sum(axis=0) % 2, np.ones((8, 8))) * 100
    assert detail_of(edges.astype(np.uint8)) == 100
