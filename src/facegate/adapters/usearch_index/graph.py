"""An HNSW graph of one moment with the ids of its rows. It never changes; a builder makes the next one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from usearch.index import Index

from facegate.domain.gallery import IndexCandidate
from facegate.domain.templates import EmbedderIdentity, Metric, Vector

Entry = tuple[str, str, Vector]
"""Template id, subject id, vector."""


@dataclass(frozen=True, slots=True)
class GraphOptions:
    """Trade of memory and time for recall.

    Attributes:
        connectivity: links per row; the lowest layer has twice as many.
        expansion_add: rows considered when one is added; costs build time only.
        expansion_search: rows considered by a search.
        max_overlay: new templates that are searched exactly beside the graph before they are merged.
        max_rows_per_subject: more templates of one person stay beside the graph. A crowd of hundreds of
            nearly equal rows links only to itself: with 20 persons x 500 photos of one sitting, searches
            for 4,000 others fell to a recall of 0.79 (2026-11-21), with 16 rows each it stayed 1.
        build_threads: threads while building; 0 is one per core.
        max_rows_looked_at: bound for a search that finds too few different persons.
    """

    connectivity: int = 16
    expansion_add: int = 128
    expansion_search: int = 512
    max_overlay: int = 10_000
    max_rows_per_subject: int = 16
    build_threads: int = 0
    max_rows_looked_at: int = 4096


def usearch_index(identity: EmbedderIdentity, options: GraphOptions) -> Any:
    """An empty index of float32: a lower precision would need the float32 rows a second time to rank by."""
    return Index(
        ndim=identity.dimension,
        metric="ip" if identity.metric is Metric.COSINE else "l2sq",
        dtype="f32",
        connectivity=options.connectivity,
        expansion_add=options.expansion_add,
        expansion_search=options.expansion_search,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Row r of `index` is the template `template_ids[r]`; rows that are not live belong to removed ones.

    `code_of` gives the code of a subject id that has rows, live or not.
    """

    identity: EmbedderIdentity
    options: GraphOptions
    index: Any
    template_ids: Sequence[str]
    subject_codes: NDArray[np.int32]
    subject_ids: Sequence[str]
    code_of: Mapping[str, int]
    is_live: NDArray[np.bool_]

    @property
    def row_count(self) -> int:
        """Rows, dead ones too."""
        return len(self.template_ids)

    def live_rows(self) -> dict[str, int]:
        """Row by template id."""
        return {self.template_ids[row]: row for row in np.flatnonzero(self.is_live).tolist()}

    def subject_of(self, row: int) -> str:
        """The subject of a row."""
        return self.subject_ids[int(self.subject_codes[row])]

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of rows as they are held: unit length for the cosine."""
        if rows.size == 0:
            return np.empty((0, self.identity.dimension), dtype=np.float32)
        return np.asarray(self.index.get(rows.astype(np.uint64)), dtype=np.float32)

    def without(self, rows: Iterable[int]) -> "Graph":
        """The same graph with more dead rows."""
        is_live = self.is_live.copy()
        is_live[list(rows)] = False
        return replace(self, is_live=is_live)

    def search(self, vector: Vector, max_subjects: int) -> list[IndexCandidate]:
        """Distinct subjects; similarities are computed anew in float64, as exact search does."""
        wanted_rows = max(32, 4 * max_subjects)
        query = held_form(vector[None, :], self.identity.metric)[0]
        while True:
            matches = self.index.search(query, min(wanted_rows, self.row_count), threads=1)
            rows = np.asarray(matches.keys, dtype=np.int64)
            live_rows = rows[self.is_live[rows]]
            found = self._distinct(live_rows, query)
            is_last = wanted_rows >= min(self.row_count, self.options.max_rows_looked_at)
            if len(found) >= max_subjects or is_last:
                return found[:max_subjects]
            wanted_rows *= 8

    def similarity_to(self, subject_id: str, vector: Vector) -> float | None:
        """Similarity to the closest live row of a subject, None when there is none."""
        code = self.code_of.get(subject_id)
        if code is None:
            return None
        rows = np.flatnonzero((self.subject_codes == code) & self.is_live)
        query = held_form(vector[None, :], self.identity.metric)[0]
        return max(similarities_of(self.vectors(rows), query, self.identity.metric).tolist(), default=None)

    def _distinct(self, rows: NDArray[np.int64], query: Vector) -> list[IndexCandidate]:
        similarities = similarities_of(self.vectors(rows), query, self.identity.metric)
        candidates = [
            IndexCandidate(self.subject_of(row), self.template_ids[row], similarity)
            for row, similarity in zip(rows.tolist(), similarities.tolist(), strict=True)
        ]
        return best_of_each_subject(candidates)


def empty_graph(identity: EmbedderIdentity, options: GraphOptions) -> Graph:
    """A graph without rows."""
    return Graph(
        identity,
        options,
        usearch_index(identity, options),
        template_ids=[],
        subject_codes=np.empty(0, dtype=np.int32),
        subject_ids=[],
        code_of={},
        is_live=np.empty(0, dtype=np.bool_),
    )


class GraphBuilder:
    """Makes a larger graph beside one that searches go on using. `refused` are entries it did not take."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._index = graph.index.copy() if graph.row_count else usearch_index(graph.identity, graph.options)
        self._template_ids = list(graph.template_ids)
        self._subject_ids = list(graph.subject_ids)
        self._code_of = dict(graph.code_of)
        live_codes = graph.subject_codes[graph.is_live]
        self._rows_of_code: list[int] = np.bincount(live_codes, minlength=len(self._subject_ids)).tolist()
        self._new_codes: list[int] = []
        self.refused: list[Entry] = []

    def add(self, entries: Sequence[Entry]) -> None:
        """Adds rows; ids must not be live in the graph that this one comes from."""
        taken = [entry for entry in entries if self._has_room_for(entry)]
        if not taken:
            return
        first = len(self._template_ids)
        self._template_ids += [template_id for template_id, _, _ in taken]
        self._new_codes += [self._code_of[subject_id] for _, subject_id, _ in taken]
        vectors = held_form(stacked(taken), self._graph.identity.metric)
        keys = np.arange(first, first + len(taken), dtype=np.uint64)
        self._index.add(keys, vectors, threads=self._graph.options.build_threads)

    def _has_room_for(self, entry: Entry) -> bool:
        code = self._code_of.setdefault(entry[1], len(self._subject_ids))
        if code == len(self._subject_ids):
            self._subject_ids.append(entry[1])
            self._rows_of_code.append(0)
        if self._rows_of_code[code] >= self._graph.options.max_rows_per_subject:
            self.refused.append(entry)
            return False
        self._rows_of_code[code] += 1
        return True

    def finish(self) -> Graph:
        """The new graph."""
        added_count = len(self._new_codes)
        return replace(
            self._graph,
            index=self._index,
            template_ids=self._template_ids,
            subject_ids=self._subject_ids,
            code_of=self._code_of,
            subject_codes=np.concatenate(
                [self._graph.subject_codes, np.array(self._new_codes, dtype=np.int32)]
            ),
            is_live=np.concatenate([self._graph.is_live, np.ones(added_count, dtype=np.bool_)]),
        )


def stacked(entries: Sequence[Entry]) -> NDArray[np.float32]:
    """Vectors of entries as rows."""
    return np.array([vector for _, _, vector in entries], dtype=np.float32)


def held_form(vectors: NDArray[np.float32], metric: Metric) -> NDArray[np.float32]:
    """Rows as the graph holds them: unit length for the cosine, as they are otherwise."""
    if metric is not Metric.COSINE:
        return vectors
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(vectors / norms, dtype=np.float32)


def similarities_of(vectors: NDArray[np.float32], query: Vector, metric: Metric) -> NDArray[np.float64]:
    """Similarity of each row to the query, both in the form in which they are held."""
    wide_vectors, wide_query = vectors.astype(np.float64), query.astype(np.float64)
    if metric is Metric.COSINE:
        return np.asarray(np.einsum("ij,j->i", wide_vectors, wide_query))
    differences = wide_vectors - wide_query
    return np.asarray(1.0 - np.sqrt(np.einsum("ij,ij->i", differences, differences)))


def best_of_each_subject(candidates: Iterable[IndexCandidate]) -> list[IndexCandidate]:
    """One candidate per subject, most similar first, of equals the smaller id first."""
    best: dict[str, IndexCandidate] = {}
    for candidate in sorted(candidates, key=lambda found: (-found.similarity, found.template_id)):
        best.setdefault(candidate.subject_id, candidate)
    return sorted(best.values(), key=lambda found: (-found.similarity, found.subject_id))
