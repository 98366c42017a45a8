"""What the checks saw in one frame, as plain numbers: the input of the policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone
from facegate.domain.presence.verdicts import Check, CheckState

Thumbnail = NDArray[np.uint8]
"""Shape (rows, columns), uint8, grey: the whole frame, small."""

FaceSamples = NDArray[np.float32]
"""Shape (samples, samples), float32: how a face in a thumbnail differs from its own mean."""


@dataclass(frozen=True, slots=True)
class SeenIdentity:
    """The main face against the claimed user (1:1) and against everybody (1:N).

    `best_subject_id` is the closest person of the search when the policy of the gallery calls it a match,
    else None. `similarity` is to the claimed user's closest template, and `false_match_rate` the share of
    strangers who come this close to somebody, which means the same with every model.
    """

    is_user: bool
    similarity: float
    min_similarity: float
    best_subject_id: str | None
    best_similarity: float | None
    quality: float
    false_match_rate: float


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """A part of a thumbnail, in whole blocks; `right` and `bottom` are the first beyond it."""

    left: int
    top: int
    right: int
    bottom: int

    def share_of(self, thumbnail: Thumbnail) -> float:
        """How much of the picture it is, 0..1."""
        return (self.right - self.left) * (self.bottom - self.top) / thumbnail.size

    def box(self, thumbnail: Thumbnail, size: ImageSize) -> PixelBox:
        """The same in pixels of frames of `size`."""
        rows, columns = thumbnail.shape
        across, down = size.width_px / columns, size.height_px / rows
        return PixelBox(self.left * across, self.top * down, self.right * across, self.bottom * down)

    def joined_with(self, others: Sequence["BlockPlace"]) -> "BlockPlace":
        """The rectangle about this place and all others that touch it, or touch what was joined already."""
        joined = self
        apart = list(others)
        while touching := [other for other in apart if joined._touches(other)]:
            apart = [other for other in apart if other not in touching]
            places = (joined, *touching)
            joined = BlockPlace(
                min(place.left for place in places),
                min(place.top for place in places),
                max(place.right for place in places),
                max(place.bottom for place in places),
            )
        return joined

    def _touches(self, other: "BlockPlace") -> bool:
        is_beside = self.left <= other.right and other.left <= self.right
        return is_beside and self.top <= other.bottom and other.top <= self.bottom


@dataclass(frozen=True, slots=True, eq=False)
class SearchedPicture:
    """In what phones were searched: all of it at `since_s`, and since then the `places` that had changed."""

    thumbnail: Thumbnail
    since_s: float
    places: tuple[BlockPlace, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One frame. `at_s` is monotonic time of arrival; boxes are in pixels of a frame of `size`.

    `faces` are largest first and only those that count. `identity`, `live_probability` and `phones` are
    None where the check did not run and nothing could be reused; `checks` says why. `searched_in_part` is
    there where phones were searched only in the place that had changed. `face_samples` are of the largest
    face; without them they are taken from the thumbnail.
    """

    at_s: float
    size: ImageSize
    faces: tuple[DetectedFace, ...]
    thumbnail: Thumbnail
    encoded_sha256: bytes
    identity: SeenIdentity | None
    live_probability: float | None
    phones: tuple[DetectedPhone, ...] | None
    checks: Mapping[Check, CheckState]
    searched_in_part: SearchedPicture | None = None
    face_samples: FaceSamples | None = None

    @property
    def searched(self) -> SearchedPicture:
        """Where phones were searched in this frame: a later one is held against it to tell whether again."""
        return self.searched_in_part or SearchedPicture(self.thumbnail, self.at_s)
