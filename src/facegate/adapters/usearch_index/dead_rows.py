"""Overwriting removed people in a saved graph file. The links stay, so that nothing has to be built anew."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegate.adapters.usearch_index.graph import Graph

_HEAD_BYTES = 8
"""A usearch file begins with rows and bytes per row, two little-endian uint32; the rows follow."""

_BATCH_ROWS = 65_536


def overwrite_dead_rows(path: Path, graph: Graph) -> None:
    """Puts zeros in the place of every vector that only dead rows hold.

    The file's rows are in the order in which threads added them and not in that of the keys, so they
    are found by their content.

    Raises:
        ValueError: the file is not laid out as expected.
        OSError: it cannot be written.
    """
    dead = graph.vectors(np.flatnonzero(~graph.is_live))
    # Of a graph that was loaded, the dead rows of earlier saves are zeros already.
    dead = dead[dead.any(axis=1)]
    if not dead.size:
        return
    dead_counts = _counted(dead)
    places: dict[bytes, list[int]] = {}
    rows = _mapped_rows(path, graph)
    first_words = np.unique(dead[:, 0].view(np.uint32))
    for first in range(0, len(rows), _BATCH_ROWS):
        batch = rows[first : first + _BATCH_ROWS]
        alike = np.flatnonzero(np.isin(np.ascontiguousarray(batch[:, 0]).view(np.uint32), first_words))
        for place in alike.tolist():
            content = batch[place].tobytes()
            if content in dead_counts:
                places.setdefault(content, []).append(first + place)
    if places.keys() != dead_counts.keys():
        raise ValueError("a dead row was not found")
    for content, found in places.items():
        # More places than dead rows: a living row holds the very same vector, by right.
        if len(found) == dead_counts[content]:
            rows[found] = 0.0
    rows.flush()


def _mapped_rows(path: Path, graph: Graph) -> "np.memmap[tuple[int, int], np.dtype[np.float32]]":
    shape = (graph.row_count, graph.identity.dimension)
    with path.open("rb") as file:
        row_count, row_bytes = np.frombuffer(file.read(_HEAD_BYTES), dtype="<u4").tolist()
    if (row_count, row_bytes) != (shape[0], 4 * shape[1]):
        raise ValueError("the graph file is laid out otherwise")
    return np.memmap(path, dtype="<f4", mode="r+", offset=_HEAD_BYTES, shape=shape)


def _counted(rows: NDArray[np.float32]) -> dict[bytes, int]:
    counts: dict[bytes, int] = {}
    for row in rows:
        content = row.tobytes()
        counts[content] = counts.get(content, 0) + 1
    return counts
