"""What YuNet takes and gives: pixels to its input, its twelve maps to candidate faces. No policy."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from facegate.adapters.face_nets.box_overlap import surest_boxes
from facegate.adapters.face_nets.tensor_checks import require_outputs, require_shape
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import DetectedFace, PixelsRGB
from facegate.ports.inference_session import InferenceSession, Tensor

_NET = "YuNet"
_INPUT = "input"
_STRIDES_PX = (8, 16, 32)
_SIDE_MULTIPLE_PX = 32
_MOST_CANDIDATES = 1000

# Cells from this confidence on take part in the mean of the landmarks; and the least overlap with the
# surest cell of the face. On faces of 50 px between the eyes the mean lifted SFace's true accepts at a
# false-match rate of 1e-3 from 93.9 to 96.1 %, on larger ones it changed nothing (lfw_grey, 2026-11).
_VOTING_CONFIDENCE = 0.3
_VOTING_OVERLAP = 0.6


def faces_in(
    session: InferenceSession, pixels_rgb: PixelsRGB, scale: float, min_confidence: float, max_overlap: float
) -> list[DetectedFace]:
    """One run of the net on the picture at this scale: faces in pixels of the picture, surest first.

    Raises:
        EngineFailed: the runtime broke, or the net's answer has a wrong shape or is not finite.
    """
    blob, scale_x, scale_y = _input_blob(pixels_rgb, scale)
    outputs = session.run({_INPUT: blob})
    require_outputs(outputs, 4 * len(_STRIDES_PX), _NET)
    rows = _candidate_rows(outputs, blob.shape[3], blob.shape[2], min(min_confidence, _VOTING_CONFIDENCE))
    if not bool(np.isfinite(rows).all()):
        raise EngineFailed(f"{_NET} gave numbers that are not finite.")
    rows = rows[np.argsort(-rows[:, 0], kind="stable")][:_MOST_CANDIDATES]
    rows[:, 1::2] /= scale_x
    rows[:, 2::2] /= scale_y
    sure = rows[rows[:, 0] >= min_confidence]
    kept = surest_boxes(sure[:, 1:5], sure[:, 0], max_overlap)
    return [_face_of(sure[position], rows) for position in kept]


def _input_blob(pixels_rgb: PixelsRGB, scale: float) -> tuple[Tensor, float, float]:
    """The scaled picture in the corner of a black one with sides that the net accepts, and its scales."""
    height, width = pixels_rgb.shape[:2]
    scaled_width, scaled_height = max(1, round(width * scale)), max(1, round(height * scale))
    scaled = pixels_rgb
    if (scaled_width, scaled_height) != (width, height):
        how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
        resized = cv2.resize(pixels_rgb, (scaled_width, scaled_height), interpolation=how)
        scaled = np.asarray(resized, dtype=np.uint8)
    blob = np.zeros((1, 3, _padded(scaled_height), _padded(scaled_width)), dtype=np.float32)
    for channel in range(3):
        blob[0, channel, :scaled_height, :scaled_width] = scaled[:, :, 2 - channel]
    return blob, scaled_width / width, scaled_height / height


def _padded(side_px: int) -> int:
    return -(-side_px // _SIDE_MULTIPLE_PX) * _SIDE_MULTIPLE_PX


def _candidate_rows(
    outputs: Sequence[Tensor], width_px: int, height_px: int, min_confidence: float
) -> Tensor:
    """Rows of confidence, left, top, right, bottom and ten landmark coordinates, in pixels of the input."""
    levels = []
    for level, stride_px in enumerate(_STRIDES_PX):
        columns, lines = width_px // stride_px, height_px // stride_px
        classes, objects, boxes, points = (outputs[kind * len(_STRIDES_PX) + level] for kind in range(4))
        for output, channels in ((classes, 1), (objects, 1), (boxes, 4), (points, 10)):
            require_shape(output, (1, lines * columns, channels), _NET)
        confidence = np.sqrt(np.clip(classes[0, :, 0], 0, 1) * np.clip(objects[0, :, 0], 0, 1))
        chosen = np.flatnonzero(confidence >= min_confidence)
        cells = np.stack([chosen % columns, chosen // columns], axis=1).astype(np.float32)
        centres = (cells + boxes[0, chosen, :2]) * stride_px
        with np.errstate(over="ignore"):
            half_sizes = np.exp(boxes[0, chosen, 2:]) * (stride_px / 2)
        # The net numbers the person's own right eye first, which is the left one as seen in the image.
        landmarks = (points[0, chosen].reshape(-1, 5, 2) + cells[:, None, :]) * stride_px
        corners = [centres - half_sizes, centres + half_sizes]
        levels.append(np.concatenate([confidence[chosen, None], *corners, landmarks.reshape(-1, 10)], axis=1))
    return np.asarray(np.concatenate(levels), dtype=np.float32)


def _face_of(row: Tensor, candidates: Tensor) -> DetectedFace:
    """The face of a kept row, its landmarks the mean over all cells that saw the same face."""
    votes = candidates[_overlaps(row, candidates) >= _VOTING_OVERLAP]
    landmarks = np.average(votes[:, 5:], axis=0, weights=votes[:, 0]) if len(votes) else row[5:]
    left, top, right, bottom = (float(number) for number in row[1:5])
    points = np.asarray(landmarks, dtype=np.float32).reshape(5, 2)
    return DetectedFace(PixelBox(left, top, right, bottom), FaceLandmarks(points), float(row[0]))


def _overlaps(row: Tensor, candidates: Tensor) -> NDArray[np.float32]:
    """Intersection over union of one row's box with the boxes of all rows."""
    left, top, right, bottom = candidates[:, 1:5].T
    widths = np.maximum(0, np.minimum(row[3], right) - np.maximum(row[1], left))
    heights = np.maximum(0, np.minimum(row[4], bottom) - np.maximum(row[2], top))
    shared = widths * heights
    union = (right - left) * (bottom - top) + (row[3] - row[1]) * (row[4] - row[2]) - shared
    return np.asarray(shared / np.maximum(union, 1e-6), dtype=np.float32)
