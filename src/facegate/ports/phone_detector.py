"""Finding mobile phones."""

from collections.abc import Sequence
from typing import Protocol

from facegate.domain.geometry import PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone, Frame


class PhoneDetector(Protocol):
    """Finds mobile phones in view."""

    def detect(
        self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        """Phones in pixels of the frame, surest first; an empty list when there is none.

        `faces` are those found in this frame; where they are known, hands can be looked for beside them. With
        `within` only this part of the frame is looked at, as large as in a look at all of it.

        Raises:
            EngineFailed: the runtime broke or gave values that are not finite.
        """
        ...
