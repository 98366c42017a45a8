"""Sizes, boxes and landmarks in pixel coordinates. x grows to the right, y downwards."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PointsXY = NDArray[np.float32]
"""Shape (n, 2), float32, columns x and y in pixels."""


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Width and height in pixels, never a bare pair."""

    width_px: int
    height_px: int

    @property
    def pixel_count(self) -> int:
        """Width times height."""
        return self.width_px * self.height_px


@dataclass(frozen=True, slots=True)
class PixelBox:
    """A box as left, top, right, bottom in pixels; may reach beyond the picture."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float

    @property
    def width_px(self) -> float:
        """Right minus left, never negative."""
        return max(0.0, self.right_px - self.left_px)

    @property
    def height_px(self) -> float:
        """Bottom minus top, never negative."""
        return max(0.0, self.bottom_px - self.top_px)

    @property
    def area_px(self) -> float:
        """Width times height."""
        return self.width_px * self.height_px

    def intersection_over_union(self, other: "PixelBox") -> float:
        """Overlap on 0..1; 0 when either box is empty."""
        shared = self.shared_area_px(other)
        return shared / (self.area_px + other.area_px - shared) if shared > 0 else 0.0

    def shared_area_px(self, other: "PixelBox") -> float:
        """Area of what lies in both boxes."""
        width = min(self.right_px, other.right_px) - max(self.left_px, other.left_px)
        height = min(self.bottom_px, other.bottom_px) - max(self.top_px, other.top_px)
        return max(0.0, width) * max(0.0, height)

    def moved(self, right_px: float, down_px: float) -> "PixelBox":
        """The same box in a picture that begins so far to the left of and above this one."""
        return PixelBox(
            self.left_px + right_px, self.top_px + down_px, self.right_px + right_px, self.bottom_px + down_px
        )

    def scaled(self, factor: float) -> "PixelBox":
        """The same box in a picture that is larger by this factor."""
        return PixelBox(
            self.left_px * factor, self.top_px * factor, self.right_px * factor, self.bottom_px * factor
        )

    def clipped_to(self, size: ImageSize) -> "PixelBox":
        """The part of this box that lies inside a picture of this size."""
        return PixelBox(
            min(max(self.left_px, 0.0), float(size.width_px)),
            min(max(self.top_px, 0.0), float(size.height_px)),
            min(max(self.right_px, 0.0), float(size.width_px)),
            min(max(self.bottom_px, 0.0), float(size.height_px)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class FaceLandmarks:
    """Five points: left eye, right eye, nose tip, left and right mouth corner, as seen in the image.

    `points_xy_px` has shape (5, 2), dtype float32, in pixels of the picture it was found in.
    """

    points_xy_px: PointsXY

    def __post_init__(self) -> None:
        points = np.ascontiguousarray(self.points_xy_px, dtype=np.float32)
        if points.shape != (5, 2) or not bool(np.isfinite(points).all()):
            raise ValueError(f"five finite points are needed, got shape {points.shape}")
        object.__setattr__(self, "points_xy_px", points)

    @property
    def interocular_px(self) -> float:
        """Distance between the eyes in pixels."""
        return float(np.linalg.norm(self.points_xy_px[1] - self.points_xy_px[0]))
