"""Frames to pictures that anybody can open."""

from typing import Protocol

from facegate.domain.images import Frame


class PictureEncoder(Protocol):
    """Makes the pictures that are kept as evidence."""

    def encode(self, frame: Frame) -> bytes:
        """The whole frame as a JPEG without any metadata, scaled down where it is large."""
        ...
