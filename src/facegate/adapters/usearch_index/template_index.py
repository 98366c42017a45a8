"""The `TemplateIndex` port as an HNSW graph with an exact overlay of what came after it was built."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from facegate.adapters.usearch_index.graph import (
    Entry,
    Graph,
    GraphOptions,
    best_of_each_subject,
    empty_graph,
)
from facegate.adapters.usearch_index.graph_files import GraphFiles
from facegate.adapters.usearch_index.rebuilding import reconciled, with_entries
from facegate.domain.errors import InvalidInput
from facegate.domain.gallery import IndexCandidate
from facegate.domain.templates import EmbedderIdentity, Vector
from facegate.ports.template_index import TemplateIndex

logger = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")


class UsearchTemplateIndex:
    """Approximate search that never waits for a build.

    The graph is immutable: a removal marks rows, an addition goes to a small exact index beside it, and
    when that has grown to `max_overlay` a thread builds the next graph from a copy. Searches read both
    and look again if a writer was at work meanwhile.
    """

    def __init__(
        self,
        identity: EmbedderIdentity,
        make_overlay: Callable[[], TemplateIndex],
        options: GraphOptions | None = None,
        folder: Path | None = None,
    ) -> None:
        """Empty; `load` reads what was saved in `folder`. `make_overlay` gives an empty exact index."""
        self._identity = identity
        self._options = options or GraphOptions()
        self._make_overlay = make_overlay
        self._files = GraphFiles(folder, identity) if folder is not None else None
        self._write_lock = threading.RLock()
        self._version = 0  # odd while a writer is between two states
        self._crowd_count = 0  # entries that the graph refused when it was last built
        self._generation = 0  # grows when the whole content is replaced
        self._merge_thread: threading.Thread | None = None
        self._graph = empty_graph(identity, self._options)
        self._row_of: dict[str, int] = {}
        self._overlay = make_overlay()
        self._overlay_entries: dict[str, Entry] = {}

    @property
    def identity(self) -> EmbedderIdentity:
        """The model whose vectors are held."""
        return self._identity

    def load(self) -> int | None:
        """Maps what was saved; the store's change number at that time, None when there is nothing usable."""
        saved = self._files.open(self._options) if self._files else None
        if saved is None:
            self.forget_saved()
            return None
        with self._changing():
            self._graph, self._row_of = saved.graph, saved.graph.live_rows()
            self._set_overlay(saved.overlay)
        return saved.change_number

    def save(self, change_number: int) -> None:
        """Keeps the present content for `load`; the caller sees to it that no writer is at work.

        Raises:
            StoreFailed: it cannot be written.
        """
        if self._files is not None:
            with self._write_lock:
                self._files.save(self._graph, list(self._overlay_entries.values()), change_number)

    def forget_saved(self) -> None:
        """Deletes the files, of other models too, until the next `save`: they hold who is not held here."""
        if self._files is not None:
            self._files.discard()

    def add(self, entries: Iterable[Entry]) -> None:
        """Adds or replaces; searchable on return.

        Raises:
            InvalidInput: a vector is of another dimension; nothing was added.
        """
        with self._write_lock:
            batch = {entry[0]: self._checked(entry) for entry in entries}
            if not batch:
                return
            with self._changing():
                self._bury(batch)
                self._overlay.add(batch.values())
                self._overlay_entries.update(batch)
            if len(self._overlay_entries) - self._crowd_count > self._options.max_overlay:
                self._start_merge()

    def remove(self, template_ids: Sequence[str]) -> None:
        """Removes templates, from the disk too; unknown ids are passed over."""
        with self._changing():
            if any(held in self._row_of or held in self._overlay_entries for held in template_ids):
                self.forget_saved()
            self._bury(template_ids)
            self._overlay.remove(template_ids)
            for template_id in template_ids:
                self._overlay_entries.pop(template_id, None)

    def replace_all(self, entries: Iterable[Entry]) -> None:
        """Makes the content equal to `entries`, keeping every row of the graph that is still right.

        Raises:
            InvalidInput: a vector is of another dimension; the old content stays.
        """
        with self._write_lock:
            # A merge that began before this must not bring the old content back.
            self._generation += 1
            checked = (self._checked(entry) for entry in entries)
            graph, fresh = reconciled(self._graph, self._row_of, checked)
            row_of = graph.live_rows()
            held_before = self.template_ids()
            with self._changing():
                self._graph, self._row_of = graph, row_of
                self._set_overlay(fresh)
            if not held_before <= self.template_ids():
                self.forget_saved()
            self._crowd_count = 0

    def search(self, vector: Vector, max_subjects: int) -> list[IndexCandidate]:
        """Distinct subjects, most similar first, of equals the smaller id first.

        Raises:
            InvalidInput: the vector is of another dimension.
        """
        self._check_dimension(vector)
        if max_subjects <= 0:
            return []
        return self._of_one_state(lambda: self._search(vector, max_subjects))

    def similarity_to(self, subject_id: str, vector: Vector) -> float | None:
        """Similarity to the subject's closest template, exact here too.

        Raises:
            InvalidInput: the vector is of another dimension.
        """
        self._check_dimension(vector)
        return self._of_one_state(lambda: self._similarity_to(subject_id, vector))

    def template_count(self) -> int:
        """How many templates are held."""
        # Every search asks; waiting for a writer here would make searches wait for a save.
        return len(self._row_of) + len(self._overlay_entries)

    def template_ids(self) -> set[str]:
        """The ids held."""
        with self._write_lock:
            return {*self._row_of, *self._overlay_entries}

    def wait_for_merge(self, timeout_s: float | None = None) -> None:
        """Returns when no merge is under way, or after `timeout_s`."""
        thread = self._merge_thread
        if thread is not None:
            thread.join(timeout_s)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._write_lock:
            is_outermost = self._version % 2 == 0
            self._version += is_outermost
            try:
                yield
            finally:
                self._version += is_outermost

    def _of_one_state(self, read: Callable[[], _Answer]) -> _Answer:
        """What `read` gives while no writer is between two states; it may be called twice."""
        version = self._version
        if version % 2 == 0:
            answer = read()
            if version == self._version:
                return answer
        with self._write_lock:
            return read()

    def _similarity_to(self, subject_id: str, vector: Vector) -> float | None:
        parts = (self._graph, self._overlay)
        similarities = [part.similarity_to(subject_id, vector) for part in parts]
        return max((held for held in similarities if held is not None), default=None)

    def _search(self, vector: Vector, max_subjects: int) -> list[IndexCandidate]:
        graph, overlay = self._graph, self._overlay
        found = overlay.search(vector, max_subjects)
        if graph.row_count:
            found = best_of_each_subject([*found, *graph.search(vector, max_subjects)])
        return found[:max_subjects]

    def _check_dimension(self, vector: Vector) -> None:
        if vector.shape != (self._identity.dimension,):
            raise InvalidInput(
                f"a template of {self._identity.model_id} has {self._identity.dimension} numbers, "
                f"this one has the shape {vector.shape}"
            )

    def _checked(self, entry: Entry) -> Entry:
        self._check_dimension(entry[2])
        return entry

    def _bury(self, template_ids: Iterable[str]) -> None:
        rows = [self._row_of.pop(held) for held in dict.fromkeys(template_ids) if held in self._row_of]
        if rows:
            self._graph = self._graph.without(rows)

    def _set_overlay(self, entries: Sequence[Entry]) -> None:
        overlay = self._make_overlay()
        overlay.add(entries)
        self._overlay, self._overlay_entries = overlay, {entry[0]: entry for entry in entries}

    def _start_merge(self) -> None:
        if self._merge_thread is None or not self._merge_thread.is_alive():
            self._merge_thread = threading.Thread(target=self._merge, name="index-merge", daemon=True)
            self._merge_thread.start()

    def _merge(self) -> None:
        with self._write_lock:
            graph, merged, generation = self._graph, dict(self._overlay_entries), self._generation
        try:
            built, refused = with_entries(graph, list(merged.values()))
        except (RuntimeError, MemoryError):
            logger.exception("new templates could not be merged into the search graph; they are found anyway")
            return
        with self._write_lock:
            if generation == self._generation:
                for entry in refused:
                    del merged[entry[0]]
                self._take_over(built, merged)
                self._crowd_count = len(refused)

    def _take_over(self, built: Graph, merged: dict[str, Entry]) -> None:
        """Swaps in a graph built from an earlier state; what was removed or replaced since stays so."""
        row_of = built.live_rows()
        waiting = self._overlay_entries
        outdated = [
            template_id
            for template_id in row_of
            if template_id not in self._row_of
            and (template_id not in merged or waiting.get(template_id) is not merged[template_id])
        ]
        graph = built.without([row_of.pop(template_id) for template_id in outdated])
        left = [entry for template_id, entry in waiting.items() if merged.get(template_id) is not entry]
        with self._changing():
            self._graph, self._row_of = graph, row_of
            self._set_overlay(left)
