"""Where cameras are kept."""

from collections.abc import Sequence
from typing import Protocol

from facegate.domain.cameras.camera import Camera


class CameraStore(Protocol):
    """Durable when a method returns; safe from several threads. Every method may raise StoreFailed.

    Sources are encrypted at rest. A camera whose source cannot be decrypted (another key), or whose row is
    damaged, is given out with an empty source, like one that nobody entered: it is no trouble of the others.
    """

    def add_cameras(self, cameras: Sequence[Camera]) -> None:
        """All or none."""
        ...

    def save_camera(self, camera: Camera) -> bool:
        """Replaces it; False when there is none of this id. An empty source leaves the one that is stored."""
        ...

    def find_camera(self, camera_id: str) -> Camera | None:
        """The camera, or None."""
        ...

    def list_cameras(self) -> list[Camera]:
        """All, oldest first."""
        ...

    def delete_camera(self, camera_id: str) -> bool:
        """Whether it was there. Its events stay; its marks and what waits to be told about it go."""
        ...
