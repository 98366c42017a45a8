"""Pictures as the engine sees them. Shape, dtype and colour order are checked once, when built."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import FaceLandmarks, ImageSize, PixelBox

PixelsRGB = NDArray[np.uint8]
"""Shape (height, width, 3), uint8, RGB."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture, upright (EXIF orientation applied), C-contiguous uint8 RGB.

    `original_size` is the upright size before a scaled decode; equal to `size` otherwise.
    """

    pixels_rgb: PixelsRGB
    original_size: ImageSize

    def __post_init__(self) -> None:
        pixels = self.pixels_rgb
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise ValueError(f"a frame is height x width x 3 uint8, got {pixels.shape} {pixels.dtype}")

    @staticmethod
    def of(pixels_rgb: PixelsRGB) -> "Frame":
        """A frame that was not scaled while decoding."""
        height, width = pixels_rgb.shape[:2]
        return Frame(pixels_rgb, ImageSize(width, height))

    @property
    def size(self) -> ImageSize:
        """Size of the pixels held."""
        height, width = self.pixels_rgb.shape[:2]
        return ImageSize(width, height)

    @property
    def scale_to_original(self) -> float:
        """Factor from coordinates in `pixels_rgb` to coordinates in the picture as sent."""
        return self.original_size.width_px / max(1, self.size.width_px)


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """A face found by the detector, in pixels of the frame it was found in.

    `detection_confidence` is the detector's own number on 0..1, not an identity confidence.
    """

    box: PixelBox
    landmarks: FaceLandmarks
    detection_confidence: float

    def scaled(self, factor: float) -> "DetectedFace":
        """The same face in a picture that is larger by this factor."""
        points = self.landmarks.points_xy_px * np.float32(factor)
        return DetectedFace(self.box.scaled(factor), FaceLandmarks(points), self.detection_confidence)


@dataclass(frozen=True, slots=True, eq=False)
class SmallLook:
    """What a look at a smaller picture of a frame has shown already.

    `faces` are in pixels of the frame; `scale` is the smaller picture's width over the frame's. Faces that
    were too small to count there are not among them.
    """

    faces: tuple[DetectedFace, ...]
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class AlignedCrop:
    """A square crop warped so that the landmarks lie where one embedder expects them, uint8 RGB."""

    pixels_rgb: PixelsRGB

    def __post_init__(self) -> None:
        pixels = self.pixels_rgb
        is_square = pixels.ndim == 3 and pixels.shape[0] == pixels.shape[1] and pixels.shape[2] == 3
        if not is_square or pixels.dtype != np.uint8:
            raise ValueError(f"an aligned crop is n x n x 3 uint8, got {pixels.shape} {pixels.dtype}")

    @property
    def side_px(self) -> int:
        """Width and height in pixels."""
        return int(self.pixels_rgb.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class FaceCutout:
    """A loose, unwarped piece of the picture around one face, kept so that a later model can re-embed it.

    `encoded_image` is a JPEG; the landmarks are in pixels of that piece.
    """

    encoded_image: bytes
    landmarks: FaceLandmarks


@dataclass(frozen=True, slots=True)
class DetectedPhone:
    """A mobile phone, box in pixels of the frame, `detection_confidence` on 0..1."""

    box: PixelBox
    detection_confidence: float
