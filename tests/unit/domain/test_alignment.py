"""The similarity transform: exact on exact data, best in least squares, and clear about nonsense."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.alignment import (
    ARCFACE_112,
    DLIB_150,
    ReferencePoints,
    alignment_of,
    inverse_of,
    scale_of,
    similarity_transform,
    transformed,
)
from facegate.domain.geometry import FaceLandmarks, PointsXY

coordinates = st.floats(-2000, 2000, allow_nan=False, width=32)
point_lists = st.lists(st.tuples(coordinates, coordinates), min_size=5, max_size=5).map(
    lambda points: np.array(points, dtype=np.float32)
)
spread_points = point_lists.filter(lambda points: float(points.std(axis=0).max()) > 5)


def reference(points: ReferencePoints) -> PointsXY:
    return np.array(points.points_xy_px, dtype=np.float32)


@given(
    points=spread_points,
    angle=st.floats(-math.pi, math.pi),
    scale=st.floats(0.05, 20),
    shift=st.tuples(coordinates, coordinates),
)
def test_a_similarity_is_found_exactly(
    points: PointsXY, angle: float, scale: float, shift: tuple[float, float]
) -> None:
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    target = (points.astype(np.float64) @ turn.T + np.array(shift)).astype(np.float32)

    found = similarity_transform(points, target)

    tolerance = 1e-3 * (1 + float(np.abs(target).max()))
    assert np.allclose(transformed(points, found), target, atol=tolerance)
    assert scale_of(found) == pytest.approx(scale, rel=1e-2)


@given(source=spread_points, points=point_lists)
def test_there_and_back_returns_the_points(source: PointsXY, points: PointsXY) -> None:
    transform = alignment_of(FaceLandmarks(source), ARCFACE_112) if _has_transform(source) else None
    if transform is None or scale_of(transform) < 1e-3:
        return

    back = transformed(transformed(points, transform), inverse_of(transform))

    assert np.allclose(back, points, atol=1e-3 * (1 + float(np.abs(points).max())) / scale_of(transform))


@given(source=spread_points, nudge=st.tuples(*[st.floats(-0.05, 0.05)] * 4))
def test_no_other_similarity_is_closer(source: PointsXY, nudge: tuple[float, float, float, float]) -> None:
    if not _has_transform(source):
        return
    target = reference(ARCFACE_112)
    found = similarity_transform(source, target)
    real, imaginary, x, y = nudge
    other = found + np.array([[real, -imaginary, x], [imaginary, real, y]])

    def error(transform: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        moved = source.astype(np.float64) @ transform[:, :2].T + transform[:, 2]
        return float(((moved - target) ** 2).sum())

    assert error(found) <= error(other) * (1 + 1e-9) + 1e-6


@pytest.mark.parametrize("points", [ARCFACE_112, DLIB_150])
def test_reference_points_align_to_themselves(points: ReferencePoints) -> None:
    transform = alignment_of(FaceLandmarks(reference(points)), points)

    assert np.allclose(transform, [[1, 0, 0], [0, 1, 0]], atol=1e-5)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = reference(ARCFACE_112) * np.array([-1, 1], dtype=np.float32)

    transform = similarity_transform(mirrored, reference(ARCFACE_112))

    assert np.linalg.det(transform[:, :2]) > 0


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (np.full((5, 2), 7.0), np.eye(5, 2)),
        (np.eye(5, 2), np.full((5, 2), 7.0)),
        (np.eye(4, 2), np.eye(5, 2)),
        (np.eye(5, 3), np.eye(5, 3)),
        (np.eye(1, 2), np.eye(1, 2)),
        (np.full((5, 2), np.nan), np.eye(5, 2)),
        (np.eye(5, 2), np.full((5, 2), np.inf)),
    ],
    ids=["all equal", "target equal", "lengths differ", "three columns", "one point", "nan", "infinite"],
)
def test_nonsense_is_refused(source: PointsXY, target: PointsXY) -> None:
    with pytest.raises(ValueError, match="point"):
        similarity_transform(source.astype(np.float32), target.astype(np.float32))


def _has_transform(source: PointsXY) -> bool:
    try:
        similarity_transform(source, reference(ARCFACE_112))
    except ValueError:
        return False
    return True
