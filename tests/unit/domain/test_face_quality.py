"""Face quality: each part moves the right way, angles have the right sign, and blur is seen."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.alignment import ARCFACE_112
from facegate.domain.face_quality import (
    FaceQuality,
    detail_ratio,
    exposure_part,
    head_angles_degrees,
    judge_quality,
    pose_part,
    sharpness_part,
    size_part,
    visibility_part,
)
from facegate.domain.geometry import FaceLandmarks, PointsXY
from facegate.domain.images import AlignedCrop, PixelsRGB

# Eyes, nose tip, mouth corners of a common face: x right, y down, z towards the camera, in interocular
# distances. The nose stands 0.5 out of the plane of the others.
HEAD = np.array(
    [[-0.5, 0, 0], [0.5, 0, 0], [0, 0.56 * 1.155, 0.5], [-0.42, 1.155, 0], [0.42, 1.155, 0]], dtype=np.float64
)


def turned(
    yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, interocular_px: float = 60.0
) -> FaceLandmarks:
    """The head seen from far away after a turn to the image's right, upwards, and clockwise; degrees."""
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    turn_yaw = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    turn_pitch = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    turn_roll = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    seen = HEAD @ (turn_roll @ turn_pitch @ turn_yaw).T
    return FaceLandmarks(np.asarray(seen[:, :2] * interocular_px + 200, dtype=np.float32))


def smoothed(pixels: PixelsRGB, rounds: int) -> PixelsRGB:
    """Averages neighbours that many times."""
    wide = pixels.astype(np.float64)
    for _ in range(rounds):
        for axis in (0, 1):
            wide = (np.roll(wide, 1, axis) + 2 * wide + np.roll(wide, -1, axis)) / 4
    return wide.astype(np.uint8)


def face_like(rounds: int = 0, side_px: int = 112) -> AlignedCrop:
    """Coarse shapes with fine texture on them."""
    random = np.random.default_rng(5)
    coarse = np.kron(random.integers(60, 190, (side_px // 14 + 1,) * 2), np.ones((14, 14)))[
        :side_px, :side_px
    ]
    grey = coarse + random.normal(0, 12, (side_px, side_px))
    return AlignedCrop(smoothed(np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2), rounds))


def judged(
    crop: AlignedCrop | None = None, landmarks: FaceLandmarks | None = None, confidence: float = 0.93
) -> FaceQuality:
    return judge_quality(
        crop or face_like(),
        landmarks or turned(),
        scale_to_original=2.0,
        detection_confidence=confidence,
    )


def test_a_plain_face_is_good_and_reports_its_size_as_sent() -> None:
    quality = judged()

    assert quality.quality > 0.9
    assert quality.interocular_px == pytest.approx(120, rel=0.01)


@pytest.mark.parametrize("angle", [-40, -20, 0, 20, 40])
def test_angles_are_estimated_with_the_right_sign(angle: float) -> None:
    assert head_angles_degrees(turned(yaw=angle))[0] == pytest.approx(angle, abs=6)
    assert head_angles_degrees(turned(pitch=angle))[1] == pytest.approx(angle, abs=16)
    assert head_angles_degrees(turned(roll=angle))[2] == pytest.approx(angle, abs=1)


@pytest.mark.parametrize("roll", [0, 30, 90, 180])
def test_roll_does_not_look_like_yaw(roll: float) -> None:
    assert head_angles_degrees(turned(yaw=25, roll=roll))[0] == pytest.approx(25, abs=4)


@pytest.mark.parametrize(
    ("worse", "advice"),
    [
        (judged(crop=face_like(12)), "focus"),
        (judged(landmarks=turned(interocular_px=16)), "closer"),
        (judged(landmarks=turned(yaw=50)), "straight"),
        (judged(landmarks=turned(pitch=50)), "straight"),
        (judged(crop=AlignedCrop((face_like().pixels_rgb // 12).astype(np.uint8))), "light"),
        (judged(confidence=0.5), "whole face"),
    ],
    ids=["blurred", "tiny", "turned", "looking up", "dark", "unsure"],
)
def test_each_fault_lowers_the_quality_and_is_named(worse: FaceQuality, advice: str) -> None:
    assert worse.quality < 0.6
    assert advice in worse.advice


def test_more_blur_is_never_sharper() -> None:
    parts = [judged(crop=face_like(rounds)).sharpness for rounds in (0, 1, 2, 4, 8, 16)]

    assert parts == sorted(parts, reverse=True)
    assert parts[-1] < 0.1


def test_sharpness_hardly_depends_on_contrast() -> None:
    crop = face_like(1)
    faint = AlignedCrop((crop.pixels_rgb // 2 + 60).astype(np.uint8))

    assert judged(crop=faint).sharpness == pytest.approx(judged(crop=crop).sharpness, abs=0.1)


def test_crops_of_other_sizes_are_judged_too() -> None:
    assert judged(crop=face_like(side_px=150)).quality > 0.9
    assert judged(crop=face_like(side_px=224)).quality > 0.5


def test_a_flat_crop_has_no_quality() -> None:
    assert judged(crop=AlignedCrop(np.full((112, 112, 3), 128, np.uint8))).quality == 0.0


MONOTONE: dict[str, Callable[[float], float]] = {
    "size": size_part,
    "detail": sharpness_part,
    "confidence": visibility_part,
    "yaw": lambda angle: 1 - pose_part(abs(angle), 0, 0),
    "pitch": lambda angle: 1 - pose_part(0, -abs(angle), 0),
    "roll": lambda angle: 1 - pose_part(0, 0, abs(angle)),
    "contrast": lambda spread: exposure_part(120, spread),
}


@pytest.mark.parametrize("name", list(MONOTONE))
@given(lower=st.floats(0, 300), step=st.floats(0, 300))
def test_parts_are_monotone_and_on_0_to_1(name: str, lower: float, step: float) -> None:
    part = MONOTONE[name]

    assert 0 <= part(lower) <= part(lower + step) <= 1


@given(
    points=st.lists(
        st.tuples(st.floats(-1e4, 1e4, width=32), st.floats(-1e4, 1e4, width=32)), min_size=5, max_size=5
    ),
    seed=st.integers(0, 100),
    confidence=st.floats(0, 1),
)
def test_any_face_has_a_finite_quality(
    points: list[tuple[float, float]], seed: int, confidence: float
) -> None:
    landmarks = FaceLandmarks(np.array(points, dtype=np.float32))
    pixels = np.random.default_rng(seed).integers(0, 256, (112, 112, 3), dtype=np.uint8)

    quality = judged(AlignedCrop(pixels), landmarks, confidence)

    assert 0 <= quality.quality <= 1
    angles = (quality.yaw_degrees, quality.pitch_degrees, quality.roll_degrees)
    assert all(math.isfinite(angle) for angle in angles)


def test_detail_of_a_flat_picture_is_zero() -> None:
    assert detail_ratio(np.full((8, 8), 50, dtype=np.float32)) == 0.0


def test_reference_points_look_straight_ahead() -> None:
    points: PointsXY = np.array(ARCFACE_112.points_xy_px, dtype=np.float32)

    assert all(abs(angle) < 10 for angle in head_angles_degrees(FaceLandmarks(points)))
