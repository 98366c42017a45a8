"""Groups of persons: who is family, staff, banned."""

from collections.abc import Collection
from typing import Protocol


class SubjectGroupStore(Protocol):
    """Durable when a method returns; safe from several threads. Every method may raise StoreFailed.

    A person's memberships go with the person.
    """

    def groups_of(self, subject_id: str) -> frozenset[str]:
        """Names of the groups; empty for a person in none or nobody at all."""
        ...

    def set_groups(self, subject_id: str, groups: Collection[str]) -> None:
        """Replaces them. Raises SubjectNotFound."""
        ...

    def list_groups(self) -> dict[str, int]:
        """Every group with somebody in it, and how many."""
        ...
