"""What YuNet takes and gives: pixels to its input, its scores and rows to candidate faces. No policy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegate.adapters.face_nets.box_overlap import surest_boxes
from facegate.adapters.face_nets.grid_inputs import grid_cells, padded_blob
from facegate.adapters.face_nets.tensor_checks import require_finite, require_outputs, require_shape
from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import DetectedFace, PixelsRGB
from facegate.ports.inference_session import InferenceSession, Tensor

_NET = "YuNet"
_INPUT = "input"
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
    blob, (scaled_width, scaled_height) = padded_blob(pixels_rgb, scale, padding=0)
    outputs = session.run({_INPUT: blob})
    rows = _candidate_rows(outputs, blob.shape[3], blob.shape[2], min(min_confidence, _VOTING_CONFIDENCE))
    if not len(rows):
        return []
    rows[:, 1::2] /= scaled_width / pixels_rgb.shape[1]
    rows[:, 2::2] /= scaled_height / pixels_rgb.shape[0]
    # The rows are in order, so the sure ones come first.
    sure = rows[: np.count_nonzero(rows[:, 0] >= min_confidence)]
    kept = surest_boxes(sure[:, 1:5], sure[:, 0], max_overlap)
    return [_face_of(sure[position], rows) for position in kept]


def _candidate_rows(
    outputs: Sequence[Tensor], width_px: int, height_px: int, min_confidence: float
) -> Tensor:
    """Rows of confidence, left, top, right, bottom and ten landmark coordinates, in pixels of the input.

    The surest first. Whatever can wait is computed for the chosen cells alone, of which there are few.

    Raises:
        EngineFailed: there are not two outputs of the right shapes, or a number is not finite.
    """
    cells, strides_px = grid_cells(width_px, height_px)
    require_outputs(outputs, 2, _NET)
    scores, values = outputs
    require_shape(scores, (1, len(cells), 2), _NET)
    require_shape(values, (1, len(cells), 14), _NET)
    chosen, confidences = _chosen_cells(scores[0], min_confidence)
    cells, strides_px, values = cells[chosen], strides_px[chosen], values[0, chosen]
    rows = np.empty((len(chosen), 15), dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        centres = (cells + values[:, :2]) * strides_px
        half_sizes = np.exp(values[:, 2:4]) * (strides_px / 2)
        rows[:, 0] = confidences
        rows[:, 1:3] = centres - half_sizes
        rows[:, 3:5] = centres + half_sizes
        # The net numbers the person's own right eye first, which is the left one as seen in the image.
        points = values[:, 4:].reshape(-1, 5, 2) + cells[:, np.newaxis]
        rows[:, 5:] = points.reshape(-1, 10) * strides_px
    require_finite(rows, _NET)
    return rows


def _chosen_cells(scores: Tensor, min_confidence: float) -> tuple[NDArray[np.intp], Tensor]:
    """The cells that are sure enough, the surest first, and their confidences.

    A confidence is the root of class times object; it is taken of the few that are left.
    """
    squares = scores[:, 0] * scores[:, 1]
    # A little lower for the rounding of the root.
    chosen = np.flatnonzero(squares >= 0.999 * min_confidence**2)
    confidences = np.minimum(1, np.sqrt(squares[chosen]))
    order = np.argsort(-confidences, kind="stable")[: np.count_nonzero(confidences >= min_confidence)]
    order = order[:_MOST_CANDIDATES]
    return chosen[order], confidences[order]


def _face_of(row: Tensor, candidates: Tensor) -> DetectedFace:
    """The face of a kept row, its landmarks the mean over all cells that saw the same face."""
    votes = candidates[_overlaps(row, candidates) >= _VOTING_OVERLAP]
    weights = votes[:, 0]
    landmarks = weights @ votes[:, 5:] / weights.sum() if len(votes) else row[5:]
    confidence, left, top, right, bottom = row[:5].tolist()
    points = np.asarray(landmarks, dtype=np.float32).reshape(5, 2)
    return DetectedFace(PixelBox(left, top, right, bottom), FaceLandmarks(points), confidence)


def _overlaps(row: Tensor, candidates: Tensor) -> NDArray[np.float32]:
    """Intersection over union of one row's box with the boxes of all rows."""
    left, top, right, bottom = candidates[:, 1:5].T
    widths = np.maximum(0, np.minimum(row[3], right) - np.maximum(row[1], left))
    heights = np.maximum(0, np.minimum(row[4], bottom) - np.maximum(row[2], top))
    shared = widths * heights
    union = (right - left) * (bottom - top) + (row[3] - row[1]) * (row[4] - row[2]) - shared
    return np.asarray(shared / np.maximum(union, 1e-6), dtype=np.float32)
