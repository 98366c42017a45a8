"""Keeping a loose piece of the picture around a face, and reading it back."""

from typing import Protocol

from facegate.domain.images import DetectedFace, FaceCutout, Frame


class FaceCutter(Protocol):
    """Makes the cutouts from which a later model can make new templates."""

    def cut(self, frame: Frame, face: DetectedFace) -> FaceCutout:
        """The box with a margin, at most 256 px a side, as JPEG, landmarks moved along."""
        ...

    def open(self, cutout: FaceCutout) -> Frame:
        """The cutout's picture again.

        Raises:
            UnreadableImage: the kept bytes are damaged.
        """
        ...
