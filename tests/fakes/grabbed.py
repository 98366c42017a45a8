"""Pictures of a camera that the fake engine sees people in, at places of the test's choice."""

from collections.abc import Sequence

import numpy as np
from tests.fakes.engine import FakeFace
from tests.fakes.video import FakeGrabbedFrame

from facegate.domain.images import Frame

TILE_PX = 100


def scene(*places: FakeFace | None) -> FakeGrabbedFrame:
    """People from left to right, a place of 100 px each; None is an empty one."""
    return FakeGrabbedFrame(scene_frame(places))


def scene_frame(places: Sequence[FakeFace | None]) -> Frame:
    """The same as a frame."""
    pixels = np.zeros((TILE_PX, TILE_PX * max(1, len(places)), 3), dtype=np.uint8)
    for place, face in enumerate(places):
        if face is not None:
            pixels[:, place * TILE_PX : (place + 1) * TILE_PX] = face.colour
    return Frame.of(pixels)
