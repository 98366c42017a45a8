"""Pictures of visits: one that is kept and could be enrolled from, one for the alert with box and name."""

import logging
from dataclasses import dataclass

import numpy as np

from facegate.domain.cameras.visits import VisitShot
from facegate.domain.errors import StoreFailed
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.domain.matching import Band
from facegate.ports.cameras.frame_drawer import DrawnBox, FrameDrawer
from facegate.ports.events.shot_store import ShotStore
from facegate.ports.picture_encoder import PictureEncoder

logger = logging.getLogger(__name__)

MARGIN_OF_FACE = 1.0
"""Kept on each side, in widths and heights of the face: enough to find it again, little of what is behind."""


@dataclass(frozen=True, slots=True)
class ShotOptions:
    """`keeps_shots` by the operator's choice; `max_side_px` of pictures in alerts."""

    keeps_shots: bool = True
    max_side_px: int = 1280


class VisitShots:
    """Makes and keeps them. A store of pictures that is away costs pictures, never an event or an alert."""

    def __init__(
        self,
        store: ShotStore,
        encoder: PictureEncoder,
        drawer: FrameDrawer,
        options: ShotOptions | None = None,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._drawer = drawer
        self._options = options or ShotOptions()
        self._is_failing = False

    def keep(self, event_id: str, shot: VisitShot) -> bool:
        """Whether the face was kept as the picture of this event, durably."""
        if not self._options.keeps_shots:
            return False
        picture = self._encoder.encode(around(shot.frame, shot.box))
        try:
            self._store.save(event_id, picture)
        except StoreFailed as error:
            if not self._is_failing:
                logger.error("pictures of visits are not kept: %s", error.message)
            self._is_failing = True
            return False
        if self._is_failing:
            logger.warning("pictures of visits are kept again")
        self._is_failing = False
        return True

    def drop(self, event_id: str) -> None:
        """Takes back what was kept. Raises StoreFailed."""
        self._store.delete([event_id])

    def draw(self, shot: VisitShot, label: str, band: Band) -> bytes:
        """The whole picture as a JPEG, the face in a box with these words."""
        box = DrawnBox(shot.box, label, band)
        return self._drawer.draw(shot.frame, [box], max_side_px=self._options.max_side_px)


def around(frame: Frame, box: PixelBox) -> Frame:
    """The face with its surroundings, cut to the picture; the whole picture where the box lies outside."""
    wide, high = box.width_px * MARGIN_OF_FACE, box.height_px * MARGIN_OF_FACE
    loose = PixelBox(box.left_px - wide, box.top_px - high, box.right_px + wide, box.bottom_px + high)
    inside = loose.clipped_to(frame.size)
    left, top = int(inside.left_px), int(inside.top_px)
    right, bottom = round(inside.right_px), round(inside.bottom_px)
    if right - left < 2 or bottom - top < 2:
        return frame
    return Frame.of(np.ascontiguousarray(frame.pixels_rgb[top:bottom, left:right]))
