"""YuNet as a face detector: at which sizes a picture is looked at. The net's maps are in `yunet_maps.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from typing_extensions import override

from facegate.adapters.face_nets.yunet_maps import faces_in
from facegate.domain.geometry import FaceLandmarks, ImageSize, PixelBox
from facegate.domain.images import DetectedFace, Frame, PixelsRGB, SmallLook
from facegate.ports.face_detector import FaceDetector
from facegate.ports.inference_session import InferenceSession

_SMALLEST_FRAME_SIDE_PX = 10
_SAME_FACE_OVERLAP = 0.4
_LEAST_SHRINKING = 0.75


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """Sizes at which a picture is looked at, and which faces count.

    First with `first_pass_px` on the longer side, and with half of that if there is no face. Again with
    `second_pass_px` if there still is none, or if the largest had less than
    `second_pass_below_interocular_px` between the eyes in the scaled picture: then further, smaller faces
    may have been missed. Last, each of the `refined_faces` largest faces that had less than
    `refine_below_interocular_px` is looked at by itself at up to `refined_interocular_px`, which makes its
    landmarks exact enough for embedding. Pictures are never enlarged, nor shrunk by less than a quarter.
    Faces with a box side below `min_face_px` of the frame are left out. docs/engine.md has the
    measurements behind the numbers.
    """

    first_pass_px: int = 320
    second_pass_px: int = 1280
    second_pass_below_interocular_px: float = 16.0
    refine_below_interocular_px: float = 60.0
    refined_interocular_px: float = 85.0
    refined_faces: int = 4
    min_confidence: float = 0.6
    min_face_px: float = 12.0
    max_overlap: float = 0.3


class YuNetDetector(FaceDetector):
    """Faces by YuNet (Wu, Peng, Yu: "YuNet: A Tiny Millisecond-level Face Detector", 2023; 2023mar model).

    The session takes `input`, n x 3 x h x w float32 BGR 0..255 with h and w multiples of 32, and gives
    `scores` (class and object) and `rows` (box and landmarks) of the cells at strides 8, 16 and 32, one after
    the other.
    """

    def __init__(self, session: InferenceSession, options: DetectorOptions | None = None) -> None:
        self._session = session
        self._options = options or DetectorOptions()

    @override
    def detect(self, frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        options = self._options
        if min(frame.size.width_px, frame.size.height_px) < _SMALLEST_FRAME_SIDE_PX:
            return []
        faces, scale = (list(seen.faces), seen.scale) if seen is not None else ([], 1.0)
        if not faces:
            faces, scale = self._first_look(frame)
        second_scale = _scale_to(frame.size, options.second_pass_px)
        if second_scale > scale and self._may_miss_faces(faces, scale):
            scale = second_scale
            faces = self._look(frame.pixels_rgb, scale)
        faces = [face for face in faces if _shorter_side_px(face.box) >= options.min_face_px]
        faces.sort(key=lambda face: -face.box.area_px)
        refined = [self._refined(frame, face, scale) for face in faces[: options.refined_faces]]
        return refined + faces[options.refined_faces :]

    def _first_look(self, frame: Frame) -> tuple[list[DetectedFace], float]:
        """Faces, and the scale at which they were seen."""
        scale = _scale_to(frame.size, self._options.first_pass_px)
        if faces := self._look(frame.pixels_rgb, scale):
            return faces, scale
        # Faces that fill the picture are too large for the net: 1 of 965 close-ups was found only so.
        faces = self._look(frame.pixels_rgb, scale / 2)
        return faces, scale / 2 if faces else scale

    def _look(self, pixels_rgb: PixelsRGB, scale: float) -> list[DetectedFace]:
        options = self._options
        return faces_in(self._session, pixels_rgb, scale, options.min_confidence, options.max_overlap)

    def _may_miss_faces(self, faces: Sequence[DetectedFace], scale: float) -> bool:
        largest_px = max((face.landmarks.interocular_px for face in faces), default=0.0) * scale
        return largest_px < self._options.second_pass_below_interocular_px

    def _refined(self, frame: Frame, face: DetectedFace, seen_scale: float) -> DetectedFace:
        """The face with landmarks from a look at it alone; as it was where that would show no more."""
        options = self._options
        interocular_px = max(1.0, face.landmarks.interocular_px)
        scale = min(1.0, options.refined_interocular_px / interocular_px)
        if interocular_px * seen_scale >= options.refine_below_interocular_px or scale < 1.25 * seen_scale:
            return face
        left, top, right, bottom = _surroundings(face.box, frame.size)
        found = self._look(frame.pixels_rgb[top:bottom, left:right], scale)
        moved = [_moved(other, left, top) for other in found]
        best = max(moved, key=lambda other: other.box.intersection_over_union(face.box), default=face)
        is_same = best.box.intersection_over_union(face.box) > _SAME_FACE_OVERLAP
        return replace(face, landmarks=best.landmarks) if is_same else face


def _scale_to(size: ImageSize, longer_side_px: int) -> float:
    """The scale to that size; 1 where shrinking would save little and only blur the picture."""
    scale = longer_side_px / max(size.width_px, size.height_px)
    return scale if scale < _LEAST_SHRINKING else 1.0


def _shorter_side_px(box: PixelBox) -> float:
    return min(box.width_px, box.height_px)


def _surroundings(box: PixelBox, size: ImageSize) -> tuple[int, int, int, int]:
    """A square of 1.1 times the box's longer side about its centre, cut at the frame; whole pixels."""
    half_px = 0.55 * max(box.width_px, box.height_px)
    x, y = (box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2
    inside = PixelBox(x - half_px, y - half_px, x + half_px, y + half_px).clipped_to(size)
    left = min(int(inside.left_px), size.width_px - 1)
    top = min(int(inside.top_px), size.height_px - 1)
    return left, top, max(left + 1, round(inside.right_px)), max(top + 1, round(inside.bottom_px))


def _moved(face: DetectedFace, right_px: int, down_px: int) -> DetectedFace:
    points = face.landmarks.points_xy_px + np.array([right_px, down_px], dtype=np.float32)
    return DetectedFace(face.box.moved(right_px, down_px), FaceLandmarks(points), face.detection_confidence)
