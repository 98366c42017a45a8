"""Where embedders expect the five landmarks, and the similarity transform that takes a face there.

Warping pixels is the embedder adapter's part; this is geometry only.
"""

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import FaceLandmarks, PointsXY

AffineMatrix = NDArray[np.float64]
"""Shape (2, 3): rotation and scale in the left 2 x 2, shift in the last column."""


@dataclass(frozen=True, slots=True)
class ReferencePoints:
    """Where the five landmarks (order of `FaceLandmarks`) lie in a square crop of `side_px`."""

    side_px: int
    points_xy_px: tuple[tuple[float, float], ...]


# The points of the ArcFace and SFace training crops (deepinsight/insightface, opencv/opencv_zoo).
ARCFACE_112 = ReferencePoints(
    112, ((38.29, 51.70), (73.53, 51.50), (56.03, 71.74), (41.55, 92.37), (70.73, 92.20))
)

# Mean positions of YuNet's landmarks in dlib's own 150 x 150 chips, which dlib cuts with other points (eye
# corners and nose base): 1,042 photos of lfw_grey and lfw_part, 2026-11. docs/engine.md has the accuracy.
DLIB_150 = ReferencePoints(
    150, ((47.76, 45.38), (102.12, 46.01), (74.19, 78.55), (51.54, 102.92), (97.26, 103.73))
)


def similarity_transform(source: PointsXY, target: PointsXY) -> AffineMatrix:
    """The rotation, uniform scale and shift that takes `source` closest to `target` in least squares.

    Both have shape (n, 2), n >= 2. Mirror images are never used. This is the solution of S. Umeyama,
    "Least-squares estimation of transformation parameters between two point patterns", 1991, for the
    plane, where complex numbers give it without a singular value decomposition.

    Raises:
        ValueError: shapes differ, numbers are not finite, or the points of either side coincide.
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2 or len(source) < 2:
        raise ValueError(f"two equally long lists of points are needed, got {source.shape}, {target.shape}")
    # Plain numbers: numpy takes three times as long for five points.
    from_points, to_points = _as_complex(source), _as_complex(target)
    from_mean, to_mean = sum(from_points) / len(from_points), sum(to_points) / len(to_points)
    from_centred = [point - from_mean for point in from_points]
    spread = sum((point * point.conjugate()).real for point in from_centred)
    along = sum(a.conjugate() * (b - to_mean) for a, b in zip(from_centred, to_points, strict=True))
    turn_and_scale = along / spread if spread > 1e-9 else 0j
    if not cmath.isfinite(turn_and_scale) or abs(turn_and_scale) < 1e-9:
        raise ValueError("points that coincide give no transform")
    shift = to_mean - turn_and_scale * from_mean
    real, imaginary = turn_and_scale.real, turn_and_scale.imag
    return np.array([[real, -imaginary, shift.real], [imaginary, real, shift.imag]], dtype=np.float64)


def alignment_of(landmarks: FaceLandmarks, reference: ReferencePoints) -> AffineMatrix:
    """From pixels of the picture to pixels of the aligned crop. Raises ValueError like the transform."""
    return similarity_transform(landmarks.points_xy_px, np.asarray(reference.points_xy_px, dtype=np.float32))


def scale_of(transform: AffineMatrix) -> float:
    """Pixels of the target per pixel of the source; below 1 the picture shrinks."""
    return math.hypot(transform[0, 0], transform[1, 0])


def inverse_of(transform: AffineMatrix) -> AffineMatrix:
    """The way back of a similarity transform."""
    turned = complex(transform[0, 0], transform[1, 0])
    back = 1 / turned
    shift = -back * complex(transform[0, 2], transform[1, 2])
    return np.array([[back.real, -back.imag, shift.real], [back.imag, back.real, shift.imag]])


def transformed(points_xy_px: PointsXY, transform: AffineMatrix) -> PointsXY:
    """Points of shape (n, 2) after the transform, float32."""
    moved = points_xy_px.astype(np.float64) @ transform[:, :2].T + transform[:, 2]
    return np.asarray(moved, dtype=np.float32)


def _as_complex(points: PointsXY) -> list[complex]:
    found = [complex(x, y) for x, y in points.tolist()]
    if not all(cmath.isfinite(point) for point in found):
        raise ValueError("points must be finite")
    return found
