"""YuNet: preparing its input, decoding its twelve maps, and the two-pass size policy."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from typing_extensions import override

from facegate.adapters.face_nets.box_overlap import surest_boxes
from facegate.adapters.face_nets.tensor_checks import require_outputs, require_shape
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import FaceLandmarks, ImageSize, PixelBox
from facegate.domain.images import DetectedFace, Frame, PixelsRGB
from facegate.ports.face_detector import FaceDetector
from facegate.ports.inference_session import InferenceSession, Tensor

_NET = "YuNet"
_INPUT = "input"
_STRIDES_PX = (8, 16, 32)
_SIDE_MULTIPLE_PX = 32
_SMALLEST_FRAME_SIDE_PX = 10
_MOST_CANDIDATES = 1000


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """Sizes of the two passes, and which faces count.

    The picture is scaled so that its longer side has `first_pass_px`, and again with `second_pass_px` if
    no face was found or the largest one has an interocular distance below
    `second_pass_below_interocular_px` in the scaled picture. `max_upscale` bounds how far a small picture
    is enlarged. Faces with a box side below `min_face_px` of the frame are left out.
    """

    first_pass_px: int = 320
    second_pass_px: int = 640
    second_pass_below_interocular_px: float = 24.0
    max_upscale: float = 1.0
    min_confidence: float = 0.6
    min_face_px: float = 12.0
    max_overlap: float = 0.3


class YuNetDetector(FaceDetector):
    """Faces by YuNet (Wu, Peng, Yu: "YuNet: A Tiny Millisecond-level Face Detector", 2023; 2023mar model).

    The session takes `input`, n x 3 x h x w float32 BGR 0..255 with h and w multiples of 32, and gives
    cls, obj, bbox and kps at strides 8, 16 and 32, in this order.
    """

    def __init__(self, session: InferenceSession, options: DetectorOptions | None = None) -> None:
        self._session = session
        self._options = options or DetectorOptions()

    @override
    def detect(self, frame: Frame) -> list[DetectedFace]:
        options = self._options
        if min(frame.size.width_px, frame.size.height_px) < _SMALLEST_FRAME_SIDE_PX:
            return []
        first_scale = self._scale_to(frame.size, options.first_pass_px)
        faces = self._one_pass(frame, first_scale)
        second_scale = self._scale_to(frame.size, options.second_pass_px)
        if second_scale > first_scale and self._needs_closer_look(faces, first_scale):
            faces = self._one_pass(frame, second_scale)
        return sorted(faces, key=lambda face: -face.box.area_px)

    def _scale_to(self, size: ImageSize, longer_side_px: int) -> float:
        return min(self._options.max_upscale, longer_side_px / max(size.width_px, size.height_px))

    def _needs_closer_look(self, faces: Sequence[DetectedFace], scale: float) -> bool:
        if not faces:
            return True
        largest_px = max(face.landmarks.interocular_px for face in faces) * scale
        return largest_px < self._options.second_pass_below_interocular_px

    def _one_pass(self, frame: Frame, scale: float) -> list[DetectedFace]:
        blob, scale_x, scale_y = _input_blob(frame.pixels_rgb, scale)
        outputs = self._session.run({_INPUT: blob})
        require_outputs(outputs, 4 * len(_STRIDES_PX), _NET)
        rows = _candidate_rows(outputs, ImageSize(blob.shape[3], blob.shape[2]), self._options.min_confidence)
        if not bool(np.isfinite(rows).all()):
            raise EngineFailed(f"{_NET} gave numbers that are not finite.")
        rows = rows[np.argsort(-rows[:, 0], kind="stable")][:_MOST_CANDIDATES]
        rows[:, 1::2] /= scale_x
        rows[:, 2::2] /= scale_y
        kept = surest_boxes(rows[:, 1:5], rows[:, 0], self._options.max_overlap)
        faces = [_face_of(rows[position]) for position in kept]
        least_px = self._options.min_face_px
        return [face for face in faces if min(face.box.width_px, face.box.height_px) >= least_px]


def _input_blob(pixels_rgb: PixelsRGB, scale: float) -> tuple[Tensor, float, float]:
    """The scaled picture in the corner of a black one with sides that the net accepts, and its scales."""
    height, width = pixels_rgb.shape[:2]
    scaled_width, scaled_height = max(1, round(width * scale)), max(1, round(height * scale))
    scaled = pixels_rgb
    if (scaled_width, scaled_height) != (width, height):
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        resized = cv2.resize(pixels_rgb, (scaled_width, scaled_height), interpolation=how)
        scaled = np.asarray(resized, dtype=np.uint8)
    blob = np.zeros((1, 3, _padded(scaled_height), _padded(scaled_width)), dtype=np.float32)
    for channel in range(3):
        blob[0, channel, :scaled_height, :scaled_width] = scaled[:, :, 2 - channel]
    return blob, scaled_width / width, scaled_height / height


def _padded(side_px: int) -> int:
    return -(-side_px // _SIDE_MULTIPLE_PX) * _SIDE_MULTIPLE_PX


def _candidate_rows(outputs: Sequence[Tensor], size: ImageSize, min_confidence: float) -> Tensor:
    """Rows of confidence, left, top, right, bottom and ten landmark coordinates, in pixels of the input."""
    per_stride = []
    for level, stride_px in enumerate(_STRIDES_PX):
        columns, lines = size.width_px // stride_px, size.height_px // stride_px
        classes, objects, boxes, points = (outputs[kind * len(_STRIDES_PX) + level] for kind in range(4))
        for output, channels in ((classes, 1), (objects, 1), (boxes, 4), (points, 10)):
            require_shape(output, (1, lines * columns, channels), _NET)
        confidence = np.sqrt(np.clip(classes[0, :, 0], 0, 1) * np.clip(objects[0, :, 0], 0, 1))
        chosen = np.flatnonzero(confidence >= min_confidence)
        cells = np.stack([chosen % columns, chosen // columns], axis=1).astype(np.float32)
        centres = (cells + boxes[0, chosen, :2]) * stride_px
        with np.errstate(over="ignore"):
            half_sizes = np.exp(boxes[0, chosen, 2:]) * (stride_px / 2)
        landmarks = (points[0, chosen].reshape(-1, 5, 2) + cells[:, None, :]) * stride_px
        per_stride.append(
            np.concatenate(
                [
                    confidence[chosen, None],
                    centres - half_sizes,
                    centres + half_sizes,
                    landmarks.reshape(-1, 10),
                ],
                axis=1,
            )
        )
    return np.asarray(np.concatenate(per_stride), dtype=np.float32)


def _face_of(row: Tensor) -> DetectedFace:
    left, top, right, bottom = (float(number) for number in row[1:5])
    # The net numbers the person's own right eye first, which is the left one as seen in the image.
    landmarks = FaceLandmarks(row[5:].reshape(5, 2))
    return DetectedFace(PixelBox(left, top, right, bottom), landmarks, float(row[0]))
