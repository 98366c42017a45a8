"""What the checks saw in one frame, as plain numbers: the input of the policy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import ImageSize
from facegate.domain.images import DetectedFace, DetectedPhone
from facegate.domain.presence.verdicts import Check, CheckState

Thumbnail = NDArray[np.uint8]
"""Shape (rows, columns), uint8, grey: the whole frame, small."""


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


@dataclass(frozen=True, slots=True, eq=False)
class SearchedPicture:
    """In what phones were searched: in all of it at `since_s`, and since then in places that had changed."""

    thumbnail: Thumbnail
    since_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One frame. `at_s` is monotonic time of arrival; boxes are in pixels of a frame of `size`.

    `faces` are largest first and only those that count. `identity`, `live_probability` and `phones` are
    None where the check did not run and nothing could be reused; `checks` says why. `searched_in_part` is
    there where phones were searched only in the place that had changed.
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

    @property
    def searched(self) -> SearchedPicture:
        """What a later frame is held against, to tell whether phones have to be searched again."""
        return self.searched_in_part or SearchedPicture(self.thumbnail, self.at_s)
