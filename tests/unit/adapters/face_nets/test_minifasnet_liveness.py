"""MiniFASNet: which part of the picture it is shown, and how its answer is read."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.inference import FakeSession

from facegate.adapters.face_nets.minifasnet_liveness import MiniFasNetLiveness
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import DetectedFace, Frame


def face(left: float, top: float, right: float, bottom: float) -> DetectedFace:
    points = FaceLandmarks(np.array([[0, 0], [9, 0], [5, 5], [1, 9], [8, 9]], dtype=np.float32))
    return DetectedFace(PixelBox(left, top, right, bottom), points, 0.9)


def answering(*logits: float) -> FakeSession:
    return FakeSession(lambda _: [np.array([logits], dtype=np.float32)])


def gradient(width: int, height: int) -> Frame:
    """Red tells the column, green the row."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[:, :, 0] = np.arange(width)[None, :]
    pixels[:, :, 1] = np.arange(height)[:, None]
    return Frame.of(pixels)


def shown(frame: Frame, box: DetectedFace) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what the net saw, read from the gradient."""
    session = answering(0, 0, 0)
    MiniFasNetLiveness(session).live_probability(frame, box)
    blob = session.fed[0]["input"]
    assert blob.shape == (1, 3, 128, 128)
    assert blob[0, 0].max() == 0, "blue comes first and is empty"
    columns, rows = blob[0, 2, 0], blob[0, 1, :, 0]
    return float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1])


def test_the_first_class_is_live() -> None:
    live = MiniFasNetLiveness(answering(4, 0, 0)).live_probability(gradient(200, 200), face(50, 50, 90, 90))
    spoof = MiniFasNetLiveness(answering(0, 4, 0)).live_probability(gradient(200, 200), face(50, 50, 90, 90))

    assert live == pytest.approx(math.exp(4) / (math.exp(4) + 2))
    assert spoof == pytest.approx(1 / (math.exp(4) + 2))


def test_large_logits_do_not_overflow() -> None:
    checker = MiniFasNetLiveness(answering(9e4, 0, 0))

    assert checker.live_probability(gradient(50, 50), face(10, 10, 30, 30)) == 1.0


def test_the_crop_is_2_7_times_the_face() -> None:
    left, top, right, bottom = shown(gradient(250, 250), face(100, 90, 140, 140))

    assert left == pytest.approx(120 - 54, abs=2)
    assert right == pytest.approx(120 + 54, abs=2)
    assert top == pytest.approx(115 - 67, abs=2)
    assert bottom == pytest.approx(115 + 67, abs=2)


def test_at_the_border_the_crop_is_shifted_not_cut() -> None:
    left, top, right, bottom = shown(gradient(250, 250), face(0, 200, 40, 249))

    assert left == 0
    assert right == pytest.approx(108, abs=2)
    assert bottom == pytest.approx(249, abs=1)
    assert bottom - top == pytest.approx(132, abs=3)


def test_in_a_small_picture_the_crop_is_smaller() -> None:
    left, top, right, bottom = shown(gradient(100, 80), face(20, 10, 80, 70))

    assert left >= 0
    assert right <= 99
    assert bottom - top == pytest.approx(79, abs=2)
    assert right - left == pytest.approx(79, abs=3)


@given(
    width=st.integers(1, 60),
    height=st.integers(1, 60),
    corners=st.tuples(*[st.floats(-100, 160)] * 4),
)
def test_any_box_in_any_frame_is_answered(
    width: int, height: int, corners: tuple[float, float, float, float]
) -> None:
    answer = MiniFasNetLiveness(answering(1, 2, 3)).live_probability(gradient(width, height), face(*corners))

    assert 0 < answer < 1


@pytest.mark.parametrize("logits", [(math.nan, 0, 0), (math.inf, 0, 0), (1, 2)])
def test_a_broken_answer_is_an_engine_failure(logits: tuple[float, ...]) -> None:
    with pytest.raises(EngineFailed):
        MiniFasNetLiveness(answering(*logits)).live_probability(gradient(50, 50), face(10, 10, 30, 30))
