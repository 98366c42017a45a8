"""The part of a picture that counts: a polygon in fractions of width and height."""

from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.errors import InvalidInput
from facegate.domain.geometry import ImageSize, PixelBox

_MAX_CORNERS = 32


@dataclass(frozen=True, slots=True)
class Zone:
    """Corners as (x, y) on 0..1, at least three; the last joins the first."""

    corners: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        is_inside = all(0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 for x, y in self.corners)
        if not 3 <= len(self.corners) <= _MAX_CORNERS or not is_inside:
            raise InvalidInput(
                f"a zone has 3 to {_MAX_CORNERS} corners, each a pair of numbers from 0 to 1", field="zone"
            )

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies inside, by the even-odd rule."""
        is_inside = False
        ends: Sequence[tuple[float, float]] = (*self.corners[1:], self.corners[0])
        for (x1, y1), (x2, y2) in zip(self.corners, ends, strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                is_inside = not is_inside
        return is_inside

    def holds_centre_of(self, box: PixelBox, size: ImageSize) -> bool:
        """Whether the middle of a box in a picture of this size lies inside."""
        x = (box.left_px + box.right_px) / 2 / max(1, size.width_px)
        y = (box.top_px + box.bottom_px) / 2 / max(1, size.height_px)
        return self.holds(x, y)
