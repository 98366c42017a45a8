"""Making templates of faces."""

from collections.abc import Sequence
from typing import Protocol

from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import AlignedCrop, Frame
from facegate.domain.templates import EmbedderIdentity, Template


class FaceEmbedder(Protocol):
    """One embedding net with the alignment that it was trained on."""

    @property
    def identity(self) -> EmbedderIdentity:
        """The model that makes these templates, its dimension and metric."""
        ...

    def crop(self, frame: Frame, landmarks: FaceLandmarks) -> AlignedCrop:
        """The face warped to this net's reference points, RGB."""
        ...

    def embed(self, crops: Sequence[AlignedCrop]) -> list[Template]:
        """One template per crop, in the same order. No crops gives an empty list.

        Raises:
            EngineFailed: the runtime broke or gave values that are not finite.
        """
        ...
