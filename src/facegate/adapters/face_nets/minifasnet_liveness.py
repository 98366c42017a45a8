"""MiniFASNet-SE: the loose crop it looks at, its input and its meaning."""

import cv2
import numpy as np
from typing_extensions import override

from facegate.adapters.face_nets.tensor_checks import require_outputs, require_shape
from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import DetectedFace, Frame
from facegate.ports.inference_session import InferenceSession, Tensor
from facegate.ports.liveness_checker import LivenessChecker

_NET = "MiniFASNet"
_INPUT = "input"
_SIDE_PX = 128
_CROP_SCALE = 2.7
_CLASS_COUNT = 3
_LIVE_CLASS = 0


class MiniFasNetLiveness(LivenessChecker):
    """Liveness by a MiniFASNet-SE of the Silent-Face family (128 px; class 0 is live in this file).

    The session takes `input`, n x 3 x 128 x 128 float32 BGR 0..255, and gives n x 3 logits.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session

    @override
    def live_probability(self, frame: Frame, face: DetectedFace) -> float:
        outputs = self._session.run({_INPUT: _input_blob(frame, face.box)})
        require_outputs(outputs, 1, _NET)
        require_shape(outputs[0], (1, _CLASS_COUNT), _NET)
        logits = outputs[0][0].astype(np.float64)
        weights = np.exp(logits - logits.max())
        return float(weights[_LIVE_CLASS] / weights.sum())


def _input_blob(frame: Frame, box: PixelBox) -> Tensor:
    left, top, right, bottom = _loose_crop(box, frame.size)
    crop = np.ascontiguousarray(frame.pixels_rgb[top:bottom, left:right])
    how = cv2.INTER_AREA if min(crop.shape[:2]) > 2 * _SIDE_PX else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(crop, (_SIDE_PX, _SIDE_PX), interpolation=how), dtype=np.uint8)
    return np.ascontiguousarray(resized[None, :, :, ::-1].transpose(0, 3, 1, 2), dtype=np.float32)


def _loose_crop(box: PixelBox, size: ImageSize) -> tuple[int, int, int, int]:
    """The box grown about its centre and shifted to lie inside the picture: left, top, right, bottom.

    It grows less where the picture is too small; the net was trained on such crops, never on padding.
    """
    inside = box.clipped_to(size)
    width, height = max(1.0, inside.width_px), max(1.0, inside.height_px)
    scale = min(_CROP_SCALE, (size.width_px - 1) / width, (size.height_px - 1) / height)
    half_width, half_height = max(1.0, width * scale) / 2, max(1.0, height * scale) / 2
    centre_x, centre_y = (inside.left_px + inside.right_px) / 2, (inside.top_px + inside.bottom_px) / 2
    left = min(max(0.0, centre_x - half_width), max(0.0, size.width_px - 2 * half_width))
    top = min(max(0.0, centre_y - half_height), max(0.0, size.height_px - 2 * half_height))
    right = min(size.width_px, max(int(left) + 1, round(left + 2 * half_width)))
    bottom = min(size.height_px, max(int(top) + 1, round(top + 2 * half_height)))
    return int(left), int(top), right, bottom
