"""Finding faces."""

from typing import Protocol

from facegate.domain.images import DetectedFace, Frame


class FaceDetector(Protocol):
    """Finds faces with their five landmarks."""

    def detect(self, frame: Frame) -> list[DetectedFace]:
        """Faces in pixels of the frame, largest box first; an empty list when there is none.

        Raises:
            EngineFailed: the runtime broke or gave values that are not finite.
        """
        ...
