"""Making the next graph from the present one: merging, keeping what is still right, dropping the dead."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from facegate.adapters.usearch_index.graph import Entry, Graph, GraphBuilder, empty_graph, held_form, stacked

_BATCH_ROWS = 4096

_MAX_DEAD_SHARE = 0.25
"""Dead rows lengthen every search; beyond this share the graph is built anew without them."""


def with_entries(graph: Graph, entries: Sequence[Entry]) -> tuple[Graph, list[Entry]]:
    """The graph with these entries, less its dead rows if they were many, and the entries it refused."""
    builder = GraphBuilder(squeezed(graph))
    builder.add(entries)
    return builder.finish(), builder.refused


def reconciled(
    graph: Graph, row_of: Mapping[str, int], entries: Iterable[Entry]
) -> tuple[Graph, list[Entry]]:
    """A graph that holds nothing but `entries`, and those few of them that it lacks.

    Rows of `graph` that still hold the same template of the same subject are kept, so that a restart
    with few changes builds nothing.
    """
    kept: list[int] = []
    fresh: dict[str, Entry] = {}
    builder: GraphBuilder | None = None
    iterator = iter(entries)
    while batch := list(islice(iterator, _BATCH_ROWS)):
        for entry, row in _rows_still_right(graph, row_of, batch):
            fresh.pop(entry[0], None)
            if row is None:
                fresh[entry[0]] = entry
            else:
                kept.append(row)
        if len(fresh) > graph.options.max_overlay:
            builder = builder or GraphBuilder(graph)
            builder.add(list(fresh.values()))
            fresh.clear()
    grown = builder.finish() if builder else graph
    is_live = np.zeros(grown.row_count, dtype=np.bool_)
    is_live[kept] = True
    is_live[graph.row_count :] = True
    grown = grown.without(np.flatnonzero(~is_live).tolist())
    # An id that came twice has two rows, or a row and a fresh entry: the later one counts.
    last_rows = {row for template_id, row in grown.live_rows().items() if template_id not in fresh}
    superseded = [row for row in np.flatnonzero(grown.is_live).tolist() if row not in last_rows]
    refused = {entry[0]: entry for entry in builder.refused} if builder else {}
    return squeezed(grown.without(superseded)), list({**refused, **fresh}.values())


def squeezed(graph: Graph) -> Graph:
    """The same graph, or one built anew from its live rows when too many are dead."""
    live_rows = np.flatnonzero(graph.is_live)
    if graph.row_count - live_rows.size <= _MAX_DEAD_SHARE * graph.row_count:
        return graph
    builder = GraphBuilder(empty_graph(graph.identity, graph.options))
    for first in range(0, live_rows.size, _BATCH_ROWS):
        rows = live_rows[first : first + _BATCH_ROWS]
        vectors = graph.vectors(rows)
        builder.add(
            [
                (graph.template_ids[row], graph.subject_of(row), vector)
                for row, vector in zip(rows.tolist(), vectors, strict=True)
            ]
        )
    return builder.finish()


def _rows_still_right(
    graph: Graph, row_of: Mapping[str, int], batch: Sequence[Entry]
) -> Iterator[tuple[Entry, int | None]]:
    """Each entry with the row that holds it already: same subject, same vector."""
    rows = np.array([row_of.get(entry[0], -1) for entry in batch], dtype=np.int64)
    known = np.flatnonzero(rows >= 0)
    is_right = np.zeros(len(batch), dtype=np.bool_)
    if known.size:
        held = graph.vectors(rows[known])
        offered = held_form(stacked([batch[place] for place in known.tolist()]), graph.identity.metric)
        is_right[known] = np.isclose(held, offered, rtol=1e-5, atol=1e-6).all(axis=1)
    for place, entry in enumerate(batch):
        row = int(rows[place])
        yield entry, row if is_right[place] and graph.subject_of(row) == entry[1] else None
