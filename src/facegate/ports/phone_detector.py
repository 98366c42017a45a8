"""Finding mobile phones."""

from typing import Protocol

from facegate.domain.images import DetectedPhone, Frame


class PhoneDetector(Protocol):
    """Finds mobile phones in view."""

    def detect(self, frame: Frame) -> list[DetectedPhone]:
        """Phones in pixels of the frame, surest first; an empty list when there is none.

        Raises:
            EngineFailed: the runtime broke or gave values that are not finite.
        """
        ...
