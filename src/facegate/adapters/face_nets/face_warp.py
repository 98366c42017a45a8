"""Cuts aligned crops out of frames and stacks them for a net. The geometry comes from the domain."""

from collections.abc import Sequence

import cv2
import numpy as np

from facegate.domain.alignment import (
    AffineMatrix,
    ReferencePoints,
    alignment_of,
    inverse_of,
    scale_of,
    transformed,
)
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import AlignedCrop, Frame, PixelsRGB
from facegate.ports.inference_session import Tensor


def warped_face(frame: Frame, landmarks: FaceLandmarks, reference: ReferencePoints) -> AlignedCrop:
    """The face as a square crop, black where it reaches beyond the frame.

    Raises:
        EngineFailed: the landmarks coincide, which no working detector gives.
    """
    try:
        transform = alignment_of(landmarks, reference)
    except ValueError as error:
        raise EngineFailed("The landmarks of this face lie in one point.") from error
    # Bilinear warping skips pixels below half scale, so faces much larger than the crop are averaged first.
    factor = round(0.5 / max(scale_of(transform), 1e-3))
    source = frame.pixels_rgb
    if factor >= 2:
        source, transform = _shrunk(source, transform, reference.side_px, factor)
    size = (reference.side_px, reference.side_px)
    crop = cv2.warpAffine(source, transform, size, flags=cv2.INTER_LINEAR)
    return AlignedCrop(np.asarray(crop, dtype=np.uint8))


def rgb_batch(crops: Sequence[AlignedCrop]) -> Tensor:
    """Crops of one size as n x 3 x side x side float32, RGB 0..255. There must be at least one."""
    pixels = np.stack([crop.pixels_rgb for crop in crops])
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)


def _shrunk(
    pixels_rgb: PixelsRGB, transform: AffineMatrix, side_px: int, factor: int
) -> tuple[PixelsRGB, AffineMatrix]:
    """The part of the frame that the crop shows, shrunk by a whole factor, and the transform from there."""
    height, width = pixels_rgb.shape[:2]
    corners = np.array([[0, 0], [side_px, 0], [side_px, side_px], [0, side_px]], dtype=np.float32)
    seen = transformed(corners, inverse_of(transform))
    left, top = (max(0, int(number) - factor) for number in seen.min(axis=0))
    small_width = (min(width, int(seen[:, 0].max()) + factor + 1) - left) // factor
    small_height = (min(height, int(seen[:, 1].max()) + factor + 1) - top) // factor
    if small_width < 1 or small_height < 1:
        return pixels_rgb, transform
    part = pixels_rgb[top : top + small_height * factor, left : left + small_width * factor]
    small = cv2.resize(part, (small_width, small_height), interpolation=cv2.INTER_AREA)
    # Whole numbers are pixel centres: the first small pixel is the mean of pixels 0 to factor - 1.
    origin = np.array([left, top]) + (factor - 1) / 2
    moved = np.column_stack([transform[:, :2] * factor, transform[:, :2] @ origin + transform[:, 2]])
    return np.asarray(small, dtype=np.uint8), moved
