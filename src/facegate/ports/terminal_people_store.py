"""People on terminals, durable: enrolments that wait for a review, and placements."""

from collections.abc import Collection, Sequence
from typing import Protocol

from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment


class TerminalPeopleStore(Protocol):
    """Every write is durable when the method returns, and is one transaction.

    Safe to call from several threads. Every method may raise StoreFailed.
    """

    def save_enrolments(self, enrolments: Sequence[TerminalEnrolment]) -> None:
        """Adds or replaces, by serial number, number and credential.

        One that was decided and comes again with the same photo (compared by digest) stays decided.
        """
        ...

    def find_enrolment(
        self, serial_number: str, enroll_id: int, backup_number: int
    ) -> TerminalEnrolment | None:
        """The enrolment with its photo, or None."""
        ...

    def list_enrolments(
        self, *, status: ReviewStatus | None = None, serial_number: str | None = None, limit: int = 1000
    ) -> list[TerminalEnrolment]:
        """Oldest first, without photos."""
        ...

    def save_placements(self, placements: Sequence[Placement]) -> None:
        """Adds or replaces, by serial number and number."""
        ...

    def remove_placements(self, serial_number: str, enroll_ids: Collection[int]) -> None:
        """Deletes these."""
        ...

    def list_placements(
        self,
        *,
        serial_number: str | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
    ) -> list[Placement]:
        """Oldest change first, photos included; empty `states` means every state."""
        ...

    def enrolment_number(self, subject_id: str) -> int | None:
        """The subject's integer id for terminals, allocated now if it has none; None for an unknown subject.

        A canonical decimal id from 1 to 999,999,999,999 that nobody else has and that is not 99999999 is
        taken as it stands; otherwise the next number above all that were ever given.
        """
        ...

    def subject_of_number(self, enroll_id: int) -> str | None:
        """Who has this number, if anybody."""
        ...

    def forget_subjects(self, subject_ids: Collection[str]) -> list[Placement]:
        """Their photos and enrolments go at once; their placements become `unwanted` and are returned."""
        ...
