"""Motion of five landmarks as of a flat picture, and of a head."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.unit.domain.presence.staged import face, observed

from facegate.domain.geometry import FaceLandmarks
from facegate.domain.presence.observation import Observation
from facegate.domain.presence.rigid_motion import Motion, motion_of_face

WINDOW_S = 3.0
REST = face().landmarks.points_xy_px
EYES_PX = 60.0

Points = NDArray[np.floating]


def shift(x_px: float, y_px: float) -> Points:
    return np.array([x_px, y_px])


def showing(at_s: float, points: Points) -> Observation:
    shown = replace(face(), landmarks=FaceLandmarks(points.astype(np.float32)))
    return observed(at_s, faces=(shown,))


def motion(*shown: Points, interval_s: float = 0.5) -> Motion:
    frames = [showing(number * interval_s, points) for number, points in enumerate(shown)]
    found = motion_of_face(frames[-1], frames[:-1], WINDOW_S)
    assert found is not None
    return found


def test_a_face_that_rests_does_not_move() -> None:
    found = motion(REST, REST, REST, REST)
    assert found.shift == 0
    assert found.misfit == pytest.approx(0, abs=1e-6)


def test_a_shift_is_in_distances_between_the_eyes() -> None:
    assert motion(REST, REST, REST + shift(0, 30), REST).shift == pytest.approx(30 / EYES_PX)


def test_a_nose_that_moves_alone_is_not_of_a_flat_picture() -> None:
    turned = REST.copy()
    turned[2, 0] += 12
    assert motion(REST, REST, REST, turned).misfit > 0.05


@given(
    st.lists(st.floats(0.7, 1.3), min_size=4, max_size=4),
    st.floats(-0.4, 0.4),
    st.tuples(st.floats(-200, 200), st.floats(-200, 200)),
)
def test_whatever_is_done_to_a_flat_picture_fits(
    scales: list[float], turn: float, shift_px: tuple[float, float]
) -> None:
    map_to = np.array([[scales[0], turn], [-turn, scales[1]]])
    assert motion(REST, REST, REST, REST @ map_to + shift_px).misfit < 1e-3


def test_too_few_frames_say_nothing() -> None:
    frames = [showing(number / 2, REST + shift(number, 0)) for number in range(3)]
    assert motion_of_face(frames[-1], frames[:-1], WINDOW_S) is None
    assert motion_of_face(frames[0], [], WINDOW_S) is None


def test_without_a_face_there_is_no_motion() -> None:
    frames = [showing(number / 2, REST) for number in range(4)]
    assert motion_of_face(observed(2.0, faces=()), frames, WINDOW_S) is None


def test_frames_before_the_window_or_before_the_face_was_gone_do_not_count() -> None:
    far = [showing(number / 2, REST + shift(100, 0)) for number in range(4)]
    near = [showing(4.0 + number / 2, REST) for number in range(4)]
    nobody = [observed(1.8, faces=())]
    late = motion_of_face(near[-1], [*far, *near[:-1]], WINDOW_S)
    gone = motion_of_face(near[-1], [*far, *nobody, *near[:-1]], 30.0)
    seen = motion_of_face(near[-1], [*far, *near[:-1]], 30.0)
    shifts = [None if found is None else found.shift for found in (late, gone, seen)]
    assert shifts == [0, 0, pytest.approx(100 / EYES_PX)]
