"""YOLOX-Nano used for one COCO class, mobile phones: its letterbox, its grid and its suppression."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from facegate.adapters.face_nets.box_overlap import surest_boxes
from facegate.adapters.face_nets.grid_inputs import grid_cells, padded_blob
from facegate.adapters.face_nets.tensor_checks import require_finite, require_outputs, require_shape
from facegate.domain.geometry import PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone, Frame, PixelsRGB
from facegate.ports.inference_session import InferenceSession, Tensor
from facegate.ports.phone_detector import PhoneDetector

_NET = "YOLOX"
_INPUT = "images"
_PADDING_GREY = 114
_OBJECTNESS, _PHONE = 4, 5
_COLUMN_COUNT = 6
_SMALLEST_SIDE_PX = 16


@dataclass(frozen=True, slots=True)
class PhoneDetectorOptions:
    """`side_px` is the longer side of the net's input, a multiple of 32."""

    side_px: int = 416
    min_confidence: float = 0.25
    max_overlap: float = 0.45


class YoloxPhoneDetector(PhoneDetector):
    """Phones by YOLOX-Nano (Ge et al.: "YOLOX: Exceeding YOLO Series in 2021"; COCO class 67).

    The session takes `images`, 1 x 3 x h x w float32 BGR 0..255 with h and w multiples of 32, and gives
    1 x cells x 6: centre and log size per cell (raw), then objectness and the phone's probability (with their
    sigmoid; the other classes are not in the graph). The net was trained on squares; a frame of 4:3 leaves a
    quarter of one grey, which is not computed here.
    """

    def __init__(self, session: InferenceSession, options: PhoneDetectorOptions | None = None) -> None:
        self._session = session
        self._options = options or PhoneDetectorOptions()

    @override
    def detect(
        self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        pixels_rgb, left_px, top_px = _part(frame, within)
        if min(pixels_rgb.shape[:2]) < _SMALLEST_SIDE_PX:
            return []
        scale = self._options.side_px / max(frame.size.width_px, frame.size.height_px)
        blob, _ = padded_blob(pixels_rgb, scale, _PADDING_GREY)
        outputs = self._session.run({_INPUT: blob})
        require_outputs(outputs, 1, _NET)
        cells, strides_px = grid_cells(blob.shape[3], blob.shape[2])
        require_shape(outputs[0], (1, len(cells), _COLUMN_COUNT), _NET)
        rows = outputs[0][0]
        confidences = rows[:, _OBJECTNESS] * rows[:, _PHONE]
        chosen = np.flatnonzero(confidences >= self._options.min_confidence)
        if not len(chosen):
            return []
        boxes = _boxes(rows[chosen], cells[chosen], strides_px[chosen]) / np.float32(scale)
        require_finite(boxes, _NET)
        kept = surest_boxes(boxes, confidences[chosen], self._options.max_overlap)
        return [
            DetectedPhone(
                PixelBox(*boxes[position].tolist()).moved(left_px, top_px).clipped_to(frame.size),
                min(1.0, float(confidences[chosen[position]])),
            )
            for position in kept
        ]


def _part(frame: Frame, within: PixelBox | None) -> tuple[PixelsRGB, int, int]:
    """The pixels to look at, and how far from the left and the top of the frame they begin.

    All of a frame that is so small that its part would be nothing to look at.
    """
    if within is None:
        return frame.pixels_rgb, 0, 0
    inside = within.clipped_to(frame.size)
    if min(inside.width_px, inside.height_px) < _SMALLEST_SIDE_PX:
        return frame.pixels_rgb, 0, 0
    left, top, right, bottom = (
        round(edge) for edge in (inside.left_px, inside.top_px, inside.right_px, inside.bottom_px)
    )
    return frame.pixels_rgb[top:bottom, left:right], left, top


def _boxes(rows: Tensor, cells: Tensor, strides_px: Tensor) -> Tensor:
    with np.errstate(over="ignore", invalid="ignore"):
        centres = (rows[:, :2] + cells) * strides_px
        half_sizes = np.exp(rows[:, 2:4]) * strides_px / 2
        boxes = np.concatenate([centres - half_sizes, centres + half_sizes], axis=1)
    return np.asarray(boxes, dtype=np.float32)
