"""The `TemplateIndex` port over two others: the switch from the exact to the approximate one."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Protocol

from facegate.domain.errors import FacegateError
from facegate.domain.gallery import IndexCandidate
from facegate.domain.templates import EmbedderIdentity, Vector
from facegate.ports.template_index import TemplateIndex

SWITCH_AT = 1_000_000
"""Exact search takes 2 ms of one core at 100,000 templates and 21 at a million, and misses nobody. A graph
takes 1.0 and 1.5 ms, but of looks as far from the enrolled one as real photos are it found only 89 and 57 %
of what exact search finds (expansion 128, 2026-11-21; docs/decisions/0009)."""

Entry = tuple[str, str, Vector]

logger = logging.getLogger(__name__)


class ListingIndex(TemplateIndex, Protocol):
    """An index that can hand over what it holds."""

    def entries(self) -> Iterator[Entry]:
        """All entries of one moment."""
        ...


class GrowingTemplateIndex:
    """Begins with the exact index and goes over to the approximate one for good.

    The approximate index is built by a thread while the exact one goes on answering; changes that come
    meanwhile are written to both in their order.
    """

    def __init__(
        self,
        exact: ListingIndex,
        make_approximate: Callable[[], TemplateIndex],
        switch_at: int = SWITCH_AT,
    ) -> None:
        """`make_approximate` is called when the gallery first holds more than `switch_at` templates."""
        self._identity = exact.identity
        self._exact: ListingIndex | None = exact
        self._make_approximate = make_approximate
        self._switch_at = switch_at
        self._write_lock = threading.Lock()
        self._current: TemplateIndex = exact
        self._missed: list[Callable[[TemplateIndex], None]] = []
        self._build_thread: threading.Thread | None = None

    @property
    def identity(self) -> EmbedderIdentity:
        """The model whose vectors are held."""
        return self._identity

    @property
    def is_approximate(self) -> bool:
        """Whether searches have gone over to the approximate index."""
        return self._exact is None

    @property
    def current(self) -> TemplateIndex:
        """The index that answers now."""
        return self._current

    def add(self, entries: Iterable[Entry]) -> None:
        """Adds or replaces."""
        batch = list(entries)
        self._change(lambda index: index.add(batch))

    def remove(self, template_ids: Sequence[str]) -> None:
        """Removes templates; unknown ids are passed over."""
        gone = list(template_ids)
        self._change(lambda index: index.remove(gone))

    def replace_all(self, entries: Iterable[Entry]) -> None:
        """Swaps the content; a large one goes to the approximate index at once, before this returns."""
        with self._nothing_building():
            iterator = iter(entries)
            if self._exact is None:
                self._current.replace_all(iterator)
                return
            first = list(islice(iterator, self._switch_at + 1))
            if len(first) <= self._switch_at:
                self._exact.replace_all(first)
                return
            approximate = self._make_approximate()
            approximate.replace_all(chain(first, iterator))
            self._switch_to(approximate)

    def search(self, vector: Vector, max_subjects: int) -> list[IndexCandidate]:
        """Distinct subjects, most similar first."""
        return self._current.search(vector, max_subjects)

    def similarity_to(self, subject_id: str, vector: Vector) -> float | None:
        """Similarity to the subject's closest template; None when none of theirs is held."""
        return self._current.similarity_to(subject_id, vector)

    def template_count(self) -> int:
        """How many templates are held."""
        return self._current.template_count()

    def template_ids(self) -> set[str]:
        """The ids held."""
        return self._current.template_ids()

    def wait_for_build(self, timeout_s: float | None = None) -> None:
        """Returns when no build is under way, or after `timeout_s`."""
        thread = self._build_thread
        if thread is not None:
            thread.join(timeout_s)

    @contextmanager
    def _nothing_building(self) -> Iterator[None]:
        while True:
            self.wait_for_build()
            with self._write_lock:
                if self._build_thread is None:
                    yield
                    return

    def _change(self, change: Callable[[TemplateIndex], None]) -> None:
        with self._write_lock:
            change(self._current)
            if self._build_thread is not None:
                self._missed.append(change)
            elif self._exact is not None and self._exact.template_count() > self._switch_at:
                self._build_thread = threading.Thread(
                    target=self._build, args=(self._exact,), name="index-build", daemon=True
                )
                self._build_thread.start()

    def _build(self, exact: ListingIndex) -> None:
        try:
            approximate = self._make_approximate()
            approximate.replace_all(exact.entries())
            with self._write_lock:
                # Some of these may be in it already: adding and removing again changes nothing.
                for change in self._missed:
                    change(approximate)
                self._switch_to(approximate)
                self._build_ended()
        except (FacegateError, RuntimeError, MemoryError):
            logger.exception("the approximate index could not be built; exact search goes on")
            with self._write_lock:
                self._switch_at *= 2  # not again with every change
                self._build_ended()

    def _build_ended(self) -> None:
        self._build_thread = None
        self._missed.clear()

    def _switch_to(self, approximate: TemplateIndex) -> None:
        self._current = approximate
        self._exact = None
        logger.info("search is approximate now: %d templates", approximate.template_count())
