"""YOLOX-Nano used for one COCO class, mobile phones: its letterbox, its grid and its suppression."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from typing_extensions import override

from facegate.adapters.face_nets.box_overlap import surest_boxes
from facegate.adapters.face_nets.tensor_checks import require_outputs, require_shape
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone, Frame, PixelsRGB
from facegate.ports.inference_session import InferenceSession, Tensor
from facegate.ports.phone_detector import PhoneDetector

_NET = "YOLOX"
_INPUT = "images"
_STRIDES_PX = (8, 16, 32)
_PADDING_GREY = 114
_PHONE_COLUMN = 5 + 67
_COLUMN_COUNT = 5 + 80
_SMALLEST_FRAME_SIDE_PX = 16


@dataclass(frozen=True, slots=True)
class PhoneDetectorOptions:
    """`side_px` is the longer side of the net's input, a multiple of 32."""

    side_px: int = 416
    min_confidence: float = 0.25
    max_overlap: float = 0.45


class YoloxPhoneDetector(PhoneDetector):
    """Phones by YOLOX-Nano (Ge et al.: "YOLOX: Exceeding YOLO Series in 2021"; COCO class 67).

    The session takes `images`, 1 x 3 x h x w float32 BGR 0..255 with h and w multiples of 32, and gives
    1 x cells x 85: centre and log size per cell (raw), then objectness and 80 class probabilities (sigmoid is
    in the graph). The net was trained on squares; a frame of 4:3 leaves a quarter of one grey, which is not
    computed here.
    """

    def __init__(self, session: InferenceSession, options: PhoneDetectorOptions | None = None) -> None:
        self._session = session
        self._options = options or PhoneDetectorOptions()

    @override
    def detect(self, frame: Frame, faces: Sequence[DetectedFace] = ()) -> list[DetectedPhone]:
        if min(frame.size.width_px, frame.size.height_px) < _SMALLEST_FRAME_SIDE_PX:
            return []
        blob, scale = _letterbox(frame.pixels_rgb, self._options.side_px)
        outputs = self._session.run({_INPUT: blob})
        require_outputs(outputs, 1, _NET)
        cells = _grid(blob.shape[3], blob.shape[2])
        require_shape(outputs[0], (1, len(cells), _COLUMN_COUNT), _NET)
        rows = outputs[0][0]
        confidences = rows[:, 4] * rows[:, _PHONE_COLUMN]
        chosen = np.flatnonzero(confidences >= self._options.min_confidence)
        boxes = _boxes(rows[chosen], cells[chosen]) / np.float32(scale)
        if not bool(np.isfinite(boxes).all()):
            raise EngineFailed(f"{_NET} gave numbers that are not finite.")
        kept = surest_boxes(boxes, confidences[chosen], self._options.max_overlap)
        return [
            DetectedPhone(
                PixelBox(*(float(number) for number in boxes[position])).clipped_to(frame.size),
                min(1.0, float(confidences[chosen[position]])),
            )
            for position in kept
        ]


def _letterbox(pixels_rgb: PixelsRGB, side_px: int) -> tuple[Tensor, float]:
    """The picture in the top left corner of a grey one with sides that the net accepts, and its scale."""
    height, width = pixels_rgb.shape[:2]
    scale = min(side_px / width, side_px / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(pixels_rgb, size, interpolation=how), dtype=np.uint8)
    blob = np.full((1, 3, _padded(size[1]), _padded(size[0])), _PADDING_GREY, dtype=np.float32)
    for channel in range(3):
        blob[0, channel, : size[1], : size[0]] = resized[:, :, 2 - channel]
    return blob, scale


def _padded(side_px: int) -> int:
    return -(-side_px // _STRIDES_PX[-1]) * _STRIDES_PX[-1]


@lru_cache(maxsize=32)
def _grid(width_px: int, height_px: int) -> Tensor:
    """Per cell, in the order of the output: column, row, stride in pixels."""
    levels = []
    for stride_px in _STRIDES_PX:
        columns_count, rows_count = width_px // stride_px, height_px // stride_px
        rows, columns = np.divmod(np.arange(rows_count * columns_count), columns_count)
        levels.append(np.stack([columns, rows, np.full_like(rows, stride_px)], axis=1))
    return np.concatenate(levels).astype(np.float32)


def _boxes(rows: Tensor, cells: Tensor) -> Tensor:
    strides = cells[:, 2:3]
    centres = (rows[:, :2] + cells[:, :2]) * strides
    with np.errstate(over="ignore"):
        half_sizes = np.exp(rows[:, 2:4]) * strides / 2
    return np.asarray(np.concatenate([centres - half_sizes, centres + half_sizes], axis=1), dtype=np.float32)
