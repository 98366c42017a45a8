"""The `TemplateIndex` port as one float32 matrix that every search reads in full."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from facegate.adapters.memory_index.vector_rows import (
    Snapshot,
    closest_of_subject,
    closest_subjects,
    unit_rows,
)
from facegate.domain.errors import InvalidInput
from facegate.domain.gallery import IndexCandidate
from facegate.domain.templates import EmbedderIdentity, Metric, Vector

_FIRST_CAPACITY = 256

_BATCH_ROWS = 4096

_MAX_DEAD_SHARE = 0.25
"""Removed rows cost time in every search; beyond this share they are squeezed out."""


class ExactTemplateIndex:
    """Exact search. Readers take no lock: they see the last published snapshot, whole.

    New rows are written behind what snapshots show, removed ones are listed as dead, so neither copies
    the matrix. 10,000 x 128 take 5 MB.
    """

    def __init__(self, identity: EmbedderIdentity) -> None:
        self._identity = identity
        self._write_lock = threading.Lock()
        self._row_of: dict[str, int] = {}
        self._snapshot = _empty(identity.dimension)

    @property
    def identity(self) -> EmbedderIdentity:
        """The model whose vectors are held."""
        return self._identity

    def add(self, entries: Iterable[tuple[str, str, Vector]]) -> None:
        """Adds or replaces; visible at once and together.

        Raises:
            InvalidInput: a vector is of another dimension; nothing was added.
        """
        with self._write_lock:
            batch = list(entries)
            vectors = self._checked(batch)
            if batch:
                self._publish_added(batch, vectors)

    def remove(self, template_ids: Sequence[str]) -> None:
        """Removes templates; unknown ids are passed over."""
        with self._write_lock:
            rows = [self._row_of.pop(held) for held in dict.fromkeys(template_ids) if held in self._row_of]
            if rows:
                self._publish_dead(rows)

    def replace_all(self, entries: Iterable[tuple[str, str, Vector]]) -> None:
        """Builds the new content beside the old and then swaps.

        Raises:
            InvalidInput: a vector is of another dimension; the old content stays.
        """
        with self._write_lock:
            fresh = ExactTemplateIndex(self._identity)
            iterator = iter(entries)
            while batch := list(islice(iterator, _BATCH_ROWS)):
                fresh.add(batch)
            self._row_of, self._snapshot = fresh._row_of, fresh._snapshot

    def search(self, vector: Vector, max_subjects: int) -> list[IndexCandidate]:
        """Distinct subjects, most similar first, of equals the smaller id first.

        Raises:
            InvalidInput: the vector is of another dimension.
        """
        self._check_dimension(vector)
        return closest_subjects(self._snapshot, vector, self._identity.metric, max_subjects)

    def similarity_to(self, subject_id: str, vector: Vector) -> float | None:
        """Similarity to the subject's closest template; looks at every row's subject, at few vectors.

        Raises:
            InvalidInput: the vector is of another dimension.
        """
        self._check_dimension(vector)
        found = closest_of_subject(self._snapshot, subject_id, vector, self._identity.metric)
        return None if found is None else found.similarity

    def template_count(self) -> int:
        """How many templates are held."""
        return self._snapshot.live_count

    def template_ids(self) -> set[str]:
        """The ids held."""
        with self._write_lock:
            return set(self._row_of)

    def entries(self) -> Iterator[tuple[str, str, Vector]]:
        """Everything held, as one snapshot; cosine vectors come back at unit length."""
        snapshot = self._snapshot
        dead = set(snapshot.dead_rows.tolist())
        for row in range(snapshot.row_count):
            if row not in dead:
                subject_id = snapshot.subject_ids[int(snapshot.subject_codes[row])]
                yield snapshot.template_ids[row], subject_id, snapshot.vectors[row]

    def _check_dimension(self, vector: Vector) -> None:
        if vector.shape != (self._identity.dimension,):
            raise InvalidInput(
                f"a template of {self._identity.model_id} has {self._identity.dimension} numbers, "
                f"this one has the shape {vector.shape}"
            )

    def _checked(self, batch: Sequence[tuple[str, str, Vector]]) -> NDArray[np.float32]:
        for _, _, vector in batch:
            self._check_dimension(vector)
        vectors = np.array([vector for _, _, vector in batch], dtype=np.float32)
        vectors = vectors.reshape(len(batch), self._identity.dimension)
        return unit_rows(vectors) if self._identity.metric is Metric.COSINE else vectors

    def _publish_added(self, batch: Sequence[tuple[str, str, Vector]], vectors: NDArray[np.float32]) -> None:
        first = self._snapshot.row_count
        grown = _with_capacity(self._snapshot, first + len(batch))
        superseded: list[int] = []
        for row, (template_id, subject_id, _) in enumerate(batch, start=first):
            if template_id in self._row_of:
                superseded.append(self._row_of[template_id])
            self._row_of[template_id] = row
            if subject_id not in grown.code_of:
                grown.code_of[subject_id] = len(grown.subject_ids)
                grown.subject_ids.append(subject_id)
            grown.subject_codes[row] = grown.code_of[subject_id]
            grown.template_ids.append(template_id)
        last = first + len(batch)
        grown.vectors[first:last] = vectors
        grown.squared_norms[first:last] = np.einsum("ij,ij->i", vectors, vectors)
        self._snapshot = _copy_of(grown, row_count=last, more_dead=superseded)
        self._squeeze_if_worthwhile()

    def _publish_dead(self, rows: list[int]) -> None:
        self._snapshot = _copy_of(self._snapshot, row_count=self._snapshot.row_count, more_dead=rows)
        self._squeeze_if_worthwhile()

    def _squeeze_if_worthwhile(self) -> None:
        old = self._snapshot
        if old.dead_rows.size <= max(_FIRST_CAPACITY, _MAX_DEAD_SHARE * old.row_count):
            return
        rows = np.setdiff1d(np.arange(old.row_count), old.dead_rows)
        kept_codes, codes = np.unique(old.subject_codes[rows], return_inverse=True)
        subject_ids = [old.subject_ids[code] for code in kept_codes.tolist()]
        squeezed = Snapshot(
            vectors=old.vectors[rows],
            squared_norms=old.squared_norms[rows],
            subject_codes=codes.astype(np.int32),
            template_ids=[old.template_ids[row] for row in rows.tolist()],
            subject_ids=subject_ids,
            code_of={held: code for code, held in enumerate(subject_ids)},
            row_count=rows.size,
            dead_rows=np.empty(0, dtype=np.int64),
        )
        self._row_of = {held: row for row, held in enumerate(squeezed.template_ids)}
        self._snapshot = squeezed


def _empty(dimension: int) -> Snapshot:
    return Snapshot(
        vectors=np.empty((0, dimension), dtype=np.float32),
        squared_norms=np.empty(0, dtype=np.float32),
        subject_codes=np.empty(0, dtype=np.int32),
        template_ids=[],
        subject_ids=[],
        code_of={},
        row_count=0,
        dead_rows=np.empty(0, dtype=np.int64),
    )


def _copy_of(snapshot: Snapshot, *, row_count: int, more_dead: list[int]) -> Snapshot:
    """The same arrays, seen further and with more dead rows."""
    dead_rows = np.concatenate([snapshot.dead_rows, np.array(more_dead, dtype=np.int64)])
    return Snapshot(
        vectors=snapshot.vectors,
        squared_norms=snapshot.squared_norms,
        subject_codes=snapshot.subject_codes,
        template_ids=snapshot.template_ids,
        subject_ids=snapshot.subject_ids,
        code_of=snapshot.code_of,
        row_count=row_count,
        dead_rows=dead_rows,
    )


def _with_capacity(snapshot: Snapshot, row_count: int) -> Snapshot:
    """The snapshot itself, or a copy in larger arrays: doubled, so that growing costs O(1) per row."""
    capacity, dimension = snapshot.vectors.shape
    if row_count <= capacity:
        return snapshot
    capacity = max(row_count, 2 * capacity, _FIRST_CAPACITY)
    used = snapshot.row_count
    vectors = np.empty((capacity, dimension), dtype=np.float32)
    squared_norms = np.empty(capacity, dtype=np.float32)
    subject_codes = np.empty(capacity, dtype=np.int32)
    vectors[:used] = snapshot.vectors[:used]
    squared_norms[:used] = snapshot.squared_norms[:used]
    subject_codes[:used] = snapshot.subject_codes[:used]
    return Snapshot(
        vectors=vectors,
        squared_norms=squared_norms,
        subject_codes=subject_codes,
        template_ids=snapshot.template_ids,
        subject_ids=snapshot.subject_ids,
        code_of=snapshot.code_of,
        row_count=used,
        dead_rows=snapshot.dead_rows,
    )
