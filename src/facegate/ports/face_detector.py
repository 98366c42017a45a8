"""Finding faces."""

from typing import Protocol

from facegate.domain.images import DetectedFace, Frame, SmallLook


class FaceDetector(Protocol):
    """Finds faces with their five landmarks."""

    def detect(self, frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        """Faces in pixels of the frame, largest box first; an empty list when there is none.

        Faces that were `seen` in a small picture of it by this detector need not be found again, only better.

        Raises:
            EngineFailed: the runtime broke or gave values that are not finite.
        """
        ...
