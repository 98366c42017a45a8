"""Rows of vectors as one search sees them: append-only arrays behind an immutable snapshot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.domain.gallery import IndexCandidate
from facegate.domain.templates import Metric, Vector

_FIRST_ROWS = 32
"""Rows looked at closely at first; more only when they belong to too few persons."""

_SLACK = 1e-5
"""Relative float32 error of a 128- to 512-term product, generously; rows this close are compared again."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What one search sees. The lists and arrays may grow behind `row_count`, never change before it.

    `vectors` is (capacity, dimension) float32, unit length for the cosine; `squared_norms` is (capacity,).
    `dead_rows` are rows of removed templates, `code_of` gives the code of a subject id.
    """

    vectors: NDArray[np.float32]
    squared_norms: NDArray[np.float32]
    subject_codes: NDArray[np.int32]
    template_ids: list[str]
    subject_ids: list[str]
    code_of: dict[str, int]
    row_count: int
    dead_rows: NDArray[np.int64]

    @property
    def live_count(self) -> int:
        """Templates that can be found."""
        return self.row_count - int(self.dead_rows.size)


def closest_subjects(
    snapshot: Snapshot, vector: Vector, metric: Metric, max_subjects: int
) -> list[IndexCandidate]:
    """Distinct subjects, most similar first, of equals the smaller id first."""
    count = snapshot.row_count
    if snapshot.live_count == 0 or max_subjects <= 0:
        return []
    query = _unit(vector) if metric is Metric.COSINE else vector
    closeness = snapshot.vectors[:count] @ query
    if metric is Metric.EUCLIDEAN:
        # 2ab - |b|^2 orders like the distance; |a|^2 is the same for all.
        closeness *= 2.0
        closeness -= snapshot.squared_norms[:count]
    closeness[snapshot.dead_rows] = -np.inf
    slack = _SLACK * (1.0 + float(np.abs(query @ query)))
    row_limit = max(_FIRST_ROWS, 4 * max_subjects)
    while True:
        rows = _top_rows(closeness, min(row_limit, snapshot.live_count), slack)
        found = _distinct(snapshot, rows, query, metric)
        if len(found) >= max_subjects or row_limit >= snapshot.live_count:
            return found[:max_subjects]
        row_limit *= 8


def closest_of_subject(
    snapshot: Snapshot, subject_id: str, vector: Vector, metric: Metric
) -> IndexCandidate | None:
    """The subject's closest template, None when they have none."""
    code = snapshot.code_of.get(subject_id)
    if code is None:
        return None
    is_theirs = snapshot.subject_codes[: snapshot.row_count] == code
    is_theirs[snapshot.dead_rows] = False
    query = _unit(vector) if metric is Metric.COSINE else vector
    found = _distinct(snapshot, np.flatnonzero(is_theirs), query, metric)
    return found[0] if found else None


def _top_rows(closeness: NDArray[np.float32], row_limit: int, slack: float) -> NDArray[np.int64]:
    """The `row_limit` closest rows and every row that float32 cannot tell from the last of them."""
    position = closeness.size - row_limit
    last = float(np.partition(closeness, position)[position])
    return np.flatnonzero(closeness >= last - slack * (1.0 + abs(last)))


def _distinct(
    snapshot: Snapshot, rows: NDArray[np.int64], query: Vector, metric: Metric
) -> list[IndexCandidate]:
    """The best row of each subject, with similarities computed anew in float64, row by row alike."""
    vectors = snapshot.vectors[rows].astype(np.float64)
    wide_query = query.astype(np.float64)
    if metric is Metric.COSINE:
        similarities = np.einsum("ij,j->i", vectors, wide_query)
    else:
        differences = vectors - wide_query
        similarities = 1.0 - np.sqrt(np.einsum("ij,ij->i", differences, differences))
    best: dict[int, tuple[float, str]] = {}
    for row, similarity in zip(rows.tolist(), similarities.tolist(), strict=True):
        code = int(snapshot.subject_codes[row])
        entry = (-similarity, snapshot.template_ids[row])
        if code not in best or entry < best[code]:
            best[code] = entry
    ordered = sorted((entry[0], snapshot.subject_ids[code], entry[1]) for code, entry in best.items())
    return [IndexCandidate(subject, template, -negative) for negative, subject, template in ordered]


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row scaled to length one."""
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(vectors / norms, dtype=np.float32)
