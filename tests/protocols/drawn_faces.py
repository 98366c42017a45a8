"""Pictures that say in their first row which faces they show, and an engine that reads them.

The pictures are real PNGs and are decoded by the real decoder: only the nets are stood in for.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from facegate.adapters.pillow_images.face_cutter import PillowFaceCutter
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.alignment import ARCFACE_112
from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import AlignedCrop, DetectedFace, Frame, PixelsRGB, SmallLook
from facegate.domain.templates import EmbedderIdentity, Metric, Template, Vector
from facegate.use_cases.face_analysis import FaceAnalysis

IDENTITY = EmbedderIdentity("drawn-faces", 128, Metric.COSINE)

_FACE_PITCH_PX = 120
_MAX_FACES = 5


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """A face of person number 1..250, `likeness_percent` similar to that person's own (cosine).

    `clarity_percent` is the detector's confidence, which the quality follows.
    """

    person: int
    likeness_percent: int = 100
    clarity_percent: int = 95


def picture_of(*faces: DrawnFace | int, image_format: str = "PNG") -> bytes:
    """An encoded picture of these faces, largest first; a number is a plain face of that person."""
    pixels = np.full((120, _FACE_PITCH_PX * _MAX_FACES, 3), 200, dtype=np.uint8)
    pixels[0] = 0
    for place, face in enumerate(faces):
        drawn = DrawnFace(face) if isinstance(face, int) else face
        pixels[0, place] = (drawn.person, drawn.clarity_percent, drawn.likeness_percent)
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, image_format)
    return written.getvalue()


class DrawnFaceDetector:
    """Finds the faces that the first row tells of."""

    def detect(self, frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        marks = frame.pixels_rgb[0, :_MAX_FACES]
        return [
            _face_at(place, confidence=float(mark[1]) / 100)
            for place, mark in enumerate(marks)
            if mark[0] != 0
        ]


class DrawnFaceEmbedder:
    """Gives every person number its own fixed direction."""

    @property
    def identity(self) -> EmbedderIdentity:
        return IDENTITY

    def crop(self, frame: Frame, landmarks: FaceLandmarks) -> AlignedCrop:
        mark = frame.pixels_rgb[0, int(landmarks.points_xy_px[0, 0]) // _FACE_PITCH_PX]
        pixels = _texture()
        pixels[0, 0] = mark
        return AlignedCrop(pixels)

    def embed(self, crops: Sequence[AlignedCrop]) -> list[Template]:
        marks = [crop.pixels_rgb[0, 0] for crop in crops]
        return [Template(IDENTITY.model_id, _vector(int(mark[0]), int(mark[2]))) for mark in marks]


class FixedLiveness:
    """Says the same of every face."""

    def __init__(self, probability: float) -> None:
        self._probability = probability

    def live_probability(self, frame: Frame, face: DetectedFace) -> float:
        return self._probability


def drawn_face_analysis(live_probability: float | None = None) -> FaceAnalysis:
    """The engine for drawn pictures, with a liveness net of one opinion or without one."""
    return FaceAnalysis(
        decoder=PillowImageDecoder(),
        detector=DrawnFaceDetector(),
        embedder=DrawnFaceEmbedder(),
        cutter=PillowFaceCutter(),
        liveness=None if live_probability is None else FixedLiveness(live_probability),
    )


def _face_at(place: int, *, confidence: float) -> DetectedFace:
    left = float(place * _FACE_PITCH_PX)
    side = 110.0 - 5 * place
    points = np.asarray(ARCFACE_112.points_xy_px, dtype=np.float32) + np.array([left, 0], dtype=np.float32)
    return DetectedFace(PixelBox(left, 5.0, left + side, 5.0 + side), FaceLandmarks(points), confidence)


def _texture() -> PixelsRGB:
    noise = np.random.default_rng(7).integers(40, 216, (112, 112, 1), dtype=np.uint8)
    return np.ascontiguousarray(np.repeat(noise, 3, axis=2))


def _vector(person: int, likeness_percent: int) -> Vector:
    own = np.random.default_rng(person).normal(size=IDENTITY.dimension)
    own /= np.linalg.norm(own)
    aside = np.random.default_rng(1000 + person).normal(size=IDENTITY.dimension)
    aside -= own * (aside @ own)
    aside /= np.linalg.norm(aside)
    share = likeness_percent / 100
    return np.asarray(own * share + aside * np.sqrt(1 - share**2), dtype=np.float32)
