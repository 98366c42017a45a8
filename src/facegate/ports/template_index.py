"""Searching the templates of one model."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from facegate.domain.gallery import IndexCandidate
from facegate.domain.templates import EmbedderIdentity, Vector


class TemplateIndex(Protocol):
    """Holds vectors of exactly one model and finds the closest subjects. Safe from several threads."""

    @property
    def identity(self) -> EmbedderIdentity:
        """The model whose vectors are held; its metric defines similarity."""
        ...

    def add(self, entries: Iterable[tuple[str, str, Vector]]) -> None:
        """Adds (template id, subject id, vector); an id that is held is replaced."""
        ...

    def remove(self, template_ids: Sequence[str]) -> None:
        """Removes templates; ids that are not held are passed over."""
        ...

    def replace_all(self, entries: Iterable[tuple[str, str, Vector]]) -> None:
        """Swaps the whole content at once; searches meanwhile see the old content."""
        ...

    def search(self, vector: Vector, max_subjects: int) -> list[IndexCandidate]:
        """Distinct subjects with their closest template, most similar first, at most `max_subjects`."""
        ...

    def similarity_to(self, subject_id: str, vector: Vector) -> float | None:
        """Similarity to the subject's closest template; None when none of theirs is held.

        Exact in every index: a 1:1 check must not depend on what a search happens to find.
        """
        ...

    def template_count(self) -> int:
        """How many templates are held."""
        ...

    def template_ids(self) -> set[str]:
        """The ids held, for checking against the store."""
        ...
