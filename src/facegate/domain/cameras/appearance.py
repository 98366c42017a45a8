"""What somebody looked like just now: a few templates, to tell them from others in view."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.calibration import CalibrationCurve, cross_similarities
from facegate.domain.templates import Metric, Template

_KEPT_TEMPLATES = 5

_SAME_RATE, _JOIN_RATE, _OTHER_RATE = 1e-3, 1e-4, 1e-2
"""Shares of strangers who are as similar. A face of the same track is held to less than one that comes back:
its place speaks for it already. A face less similar than one stranger in a hundred is somebody else's."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """From which similarity of one model on two faces are taken for one person's.

    From `same_from` on a face fits its track, below `other_below` it does not; from `join_from` on two tracks
    are one person's.
    """

    metric: Metric
    same_from: float
    other_below: float
    join_from: float

    @staticmethod
    def by(curve: CalibrationCurve) -> "Likeness":
        """As the model's calibration says."""
        return Likeness(
            curve.metric,
            curve.similarity_at(_SAME_RATE),
            curve.similarity_at(_OTHER_RATE),
            curve.similarity_at(_JOIN_RATE),
        )


class Appearance:
    """The best few templates of one person in view; of one model."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._kept: list[tuple[float, Template]] = []
        self._vectors: NDArray[np.float32] | None = None

    @property
    def metric(self) -> Metric:
        """By which similarity is told."""
        return self._metric

    @property
    def vectors(self) -> NDArray[np.float32] | None:
        """All kept templates as rows; None when there is none."""
        return self._vectors

    def __iter__(self) -> Iterator[tuple[float, Template]]:
        """Qualities with their templates."""
        return iter(tuple(self._kept))

    def add(self, quality: float, template: Template) -> None:
        """Keeps it in place of the poorest where there are enough; the same one twice is kept once."""
        if any(template is known for _, known in self._kept):
            return
        self._kept.append((quality, template))
        if len(self._kept) > _KEPT_TEMPLATES:
            self._kept.remove(min(self._kept, key=lambda pair: pair[0]))
        self._vectors = np.stack([known.vector for _, known in self._kept])

    def merge(self, other: "Appearance") -> None:
        """Adds what another has."""
        for quality, template in other:
            self.add(quality, template)

    def similarity(self, template: Template) -> float | None:
        """To the closest kept template; None when there is none."""
        if self._vectors is None:
            return None
        return float(cross_similarities(self._vectors, template.vector[None, :], self._metric).max())

    def most_alike(self, others: Sequence["Appearance"], least: float) -> int | None:
        """Which of the others is the most similar, and at least so; None when nobody is.

        Of all of them in one product: one by one it took a second in front of a crowd.
        """
        filled = [
            (number, rows) for number, other in enumerate(others) if (rows := other.vectors) is not None
        ]
        if self._vectors is None or not filled:
            return None
        rows = np.concatenate([vectors for _, vectors in filled])
        best = cross_similarities(rows, self._vectors, self._metric).max(axis=1)
        starts = np.cumsum([0, *(len(vectors) for _, vectors in filled[:-1])])
        by_other = np.maximum.reduceat(best, starts)
        found = int(by_other.argmax())
        return filled[found][0] if by_other[found] >= least else None
