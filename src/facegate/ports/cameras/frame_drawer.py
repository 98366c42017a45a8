"""Boxes and names on pictures that people look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.domain.matching import Band


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box in pixels of the frame, with its words; the band chooses the colour, None is a neutral one."""

    box: PixelBox
    label: str
    band: Band | None = None


class FrameDrawer(Protocol):
    """Makes JPEGs for people."""

    def draw(self, frame: Frame, boxes: Sequence[DrawnBox], *, max_side_px: int | None = None) -> bytes:
        """A JPEG without metadata; names in any script are readable, nothing is drawn outside."""
        ...
