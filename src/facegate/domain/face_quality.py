"""How fit a face is for recognition, from its aligned crop and landmarks: cheap rules, no net.

Not a promise about identity, and no liveness. docs/engine.md has the measured distributions.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegate.domain.alignment import ARCFACE_112, DLIB_150
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import AlignedCrop

_Floats = NDArray[np.float32]

# Sharpness is judged on a window of 1.7 interocular distances around the five points, resampled to this
# size, so that crops of any embedder and faces of any size are compared at one scale.
_WINDOW_PX = 48
_WINDOW_IN_INTEROCULARS = 1.7
_GREY_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)

# How far the nose tip stands out of the plane of eyes and mouth, in interocular distances (a common face).
_NOSE_DEPTH = 0.5
# Where the nose tip lies between the eyes (0) and the mouth (1) in a frontal face (median of YuNet's points
# on 1,065 photos), and the distance from eyes to mouth in interocular distances (ArcFace reference points).
_FRONTAL_NOSE_HEIGHT = 0.56
_EYES_TO_MOUTH = 1.155


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """Fitness for recognition. `quality` and the five parts are on 0..1, 1 is good.

    `quality` is the product of the parts. `interocular_px` counts in the picture as sent; `yaw_degrees`
    is positive when the nose points to the right of the image, `pitch_degrees` when it points up,
    `roll_degrees` when the right eye in the image is the lower one. Angles are estimates from five points.
    """

    quality: float
    size: float
    sharpness: float
    pose: float
    exposure: float
    visibility: float
    interocular_px: float
    yaw_degrees: float
    pitch_degrees: float
    roll_degrees: float

    @property
    def advice(self) -> str:
        """What would help most, for people, as the end of a sentence."""
        parts = {
            "come closer or send a larger picture": self.size,
            "hold still and focus: the face is blurred": self.sharpness,
            "look straight into the camera": self.pose,
            "light the face evenly, neither dark nor glaring": self.exposure,
            "show the whole face, not covered or cut off": self.visibility,
        }
        return min(parts, key=lambda advice: parts[advice])


def judge_quality(
    crop: AlignedCrop,
    landmarks: FaceLandmarks,
    *,
    scale_to_original: float,
    detection_confidence: float,
) -> FaceQuality:
    """The quality of one face.

    Args:
        crop: the face as an embedder aligned it, RGB.
        landmarks: the five points in pixels of the frame.
        scale_to_original: from pixels of the frame to pixels of the picture as sent. Only for the record:
            the size part counts pixels of the frame, since those are all that the embedder gets.
        detection_confidence: the detector's own, 0..1; covered and cut-off faces lower it.
    """
    yaw, pitch, roll = head_angles_degrees(landmarks)
    window = _grey_window(crop)
    parts = {
        "size": size_part(landmarks.interocular_px),
        "sharpness": sharpness_part(detail_ratio(window)),
        "pose": pose_part(yaw, pitch, roll),
        "exposure": exposure_part(float(window.mean()), float(window.std())),
        "visibility": visibility_part(detection_confidence),
    }
    return FaceQuality(
        quality=math.prod(parts.values()),
        **parts,
        interocular_px=landmarks.interocular_px * scale_to_original,
        yaw_degrees=yaw,
        pitch_degrees=pitch,
        roll_degrees=roll,
    )


def head_angles_degrees(landmarks: FaceLandmarks) -> tuple[float, float, float]:
    """Yaw, pitch and roll estimated from five points, each within -90..90 (roll within -180..180)."""
    # Plain numbers: numpy takes five times as long for five points (0.04 ms).
    (left_x, left_y), (right_x, right_y), (nose_x, nose_y), *corners = landmarks.points_xy_px.tolist()
    eyes_x, eyes_y = (left_x + right_x) / 2, (left_y + right_y) / 2
    mouth_x, mouth_y = (sum(corner[axis] for corner in corners) / 2 for axis in (0, 1))
    across_x, across_y = right_x - left_x, right_y - left_y
    roll = math.degrees(math.atan2(across_y, across_x))
    interocular = max(math.hypot(across_x, across_y), 1e-6)
    # The face's own axes: (x, y) points to its right in the image, (-y, x) down.
    x, y = across_x / interocular, across_y / interocular
    to_mouth_x, to_mouth_y = mouth_x - eyes_x, mouth_y - eyes_y
    eyes_to_mouth = max(to_mouth_y * x - to_mouth_x * y, 1e-6)
    nose_height = ((nose_y - eyes_y) * x - (nose_x - eyes_x) * y) / eyes_to_mouth
    # On the line from eyes to mouth at the nose's height, so that a slanted mouth is not taken for a turn.
    share = min(1.0, max(0.0, nose_height))
    aside_x = nose_x - eyes_x - to_mouth_x * share
    aside_y = nose_y - eyes_y - to_mouth_y * share
    yaw = math.degrees(math.atan2((aside_x * x + aside_y * y) / interocular, _NOSE_DEPTH))
    rise = (_FRONTAL_NOSE_HEIGHT - nose_height) * _EYES_TO_MOUTH
    pitch = math.degrees(math.atan2(rise, _NOSE_DEPTH))
    return yaw, pitch, roll


def size_part(interocular_px: float) -> float:
    """0 up to 10 px between the eyes, 1 from 36 px: SFace's crop has 35."""
    return _ramp(interocular_px, 10.0, 36.0)


def sharpness_part(ratio: float) -> float:
    """From the share of fine detail, on a logarithmic scale."""
    return _ramp(math.log10(max(ratio, 1e-9)), -1.8, -0.8)


def pose_part(yaw_degrees: float, pitch_degrees: float, roll_degrees: float) -> float:
    """Falls with each angle; roll weighs little, since alignment turns it back."""
    yaw = _ramp(-abs(yaw_degrees), -60.0, -20.0)
    pitch = _ramp(-abs(pitch_degrees), -55.0, -20.0)
    roll = 0.5 + 0.5 * _ramp(-abs(roll_degrees), -120.0, -30.0)
    return yaw * pitch * roll


def exposure_part(mean_grey: float, spread_grey: float) -> float:
    """Falls for crops that are nearly black, nearly white, or flat; both numbers on 0..255.

    The dark limit is low on purpose: dark skin in fair light lies well above it.
    """
    dark = _ramp(mean_grey, 10.0, 45.0)
    bright = _ramp(-mean_grey, -250.0, -215.0)
    contrast = _ramp(spread_grey, 4.0, 18.0)
    return dark * bright * contrast


def visibility_part(detection_confidence: float) -> float:
    """From the detector's confidence; plain faces reach 0.85 and more."""
    return _ramp(detection_confidence, 0.3, 0.8)


def detail_ratio(grey: _Floats) -> float:
    """Mean square of the Laplacian over the variance of a grey picture: blind to contrast and light.

    The picture needs at least 3 x 3 pixels; a flat one has no detail (0).
    """
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4.0 * grey[1:-1, 1:-1]
    variance = float(grey.var())
    return float(np.mean(laplacian * laplacian)) / variance if variance > 1.0 else 0.0


def _ramp(value: float, zero_at: float, one_at: float) -> float:
    """0 up to `zero_at`, 1 from `one_at`, smooth and rising between."""
    share = min(1.0, max(0.0, (value - zero_at) / (one_at - zero_at)))
    return share * share * (3.0 - 2.0 * share)


def _grey_window(crop: AlignedCrop) -> _Floats:
    """The inner face as 48 x 48 grey, float32 0..255, by area averages."""
    rows, columns, inside = _window_weights(crop.side_px)
    grey = crop.pixels_rgb[inside] @ _GREY_WEIGHTS
    return np.asarray(rows @ grey @ columns, dtype=np.float32)


@lru_cache(maxsize=8)
def _window_weights(side_px: int) -> tuple[_Floats, _Floats, tuple[slice, slice]]:
    """Weights that average a part of a crop into the window, from the left and from the right; the part."""
    reference = DLIB_150 if side_px == DLIB_150.side_px else ARCFACE_112
    points = np.asarray(reference.points_xy_px, dtype=np.float64) * (side_px / reference.side_px)
    centre = points.mean(0)
    half_px = _WINDOW_IN_INTEROCULARS / 2 * float(np.hypot(*(points[1] - points[0])))
    columns, rows = (_averaging(value - half_px, value + half_px, side_px) for value in centre)
    down, across = _used(rows), _used(columns)
    return np.ascontiguousarray(rows[:, down]), np.ascontiguousarray(columns[:, across].T), (down, across)


def _used(weights: _Floats) -> slice:
    """From the first to the last pixel that has any weight."""
    used = np.flatnonzero(weights.any(axis=0))
    return slice(int(used[0]), int(used[-1]) + 1)


def _averaging(start_px: float, end_px: float, side_px: int) -> _Floats:
    edges = np.clip(np.linspace(start_px, end_px, _WINDOW_PX + 1), 0.0, side_px)
    pixels = np.arange(side_px)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights = np.clip(overlap, 0.0, None)
    return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-6), dtype=np.float32)
