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

        One that was decided and comes again with the same photo (compared by digest) stays decided; one that
        waits and comes again so was received when it came first.
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

    def waiting_photo_count(self, serial_number: str | None = None) -> int:
        """How many photos wait for a review, of this terminal or of all. Of all takes a while."""
        ...

    def save_placements(self, placements: Sequence[Placement]) -> None:
        """Adds or replaces, by serial number and number. Of the same person `was_placed` stays true."""
        ...

    def settle_placement(self, before: Placement | None, after: Placement | None) -> bool:
        """`after` in the place of `before`, None for none; False when something else is there: it stays.

        Photos are not looked at: the one that is there stays as long as `after` is `wanted`.
        """
        ...

    def remove_placements(self, serial_number: str, enroll_ids: Collection[int]) -> None:
        """Deletes these."""
        ...

    def list_placements(
        self,
        *,
        serial_number: str | None = None,
        enroll_id: int | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
    ) -> list[Placement]:
        """Oldest change first, without photos; empty `states` means every state."""
        ...

    def page_placements(
        self,
        *,
        serial_number: str | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
        after: tuple[str, int] | None = None,
        limit: int = 1000,
    ) -> list[Placement]:
        """In order of serial number and number, from behind `after` on, without photos."""
        ...

    def placement_photo(self, serial_number: str, enroll_id: int) -> bytes | None:
        """The photo that waits to be sent, if any."""
        ...

    def enrolment_number(self, subject_id: str) -> int | None:
        """The subject's integer id for terminals, allocated now if it has none; None for an unknown subject.

        A canonical decimal id from 1 to 999,999,999,999 that nobody else has and that is not 99999999 is
        taken as it stands; otherwise the next number above all that were ever given, from 1,000,001 on.
        """
        ...

    def subject_of_number(self, enroll_id: int) -> str | None:
        """Who has this number, if anybody."""
        ...

    def forget_subjects(self, subject_ids: Collection[str]) -> list[Placement]:
        """Their photos and enrolments go at once; their placements become `unwanted` and are returned.

        What still waits for a review under their number goes too, on terminals where they were placed or
        accepted: it is theirs.
        """
        ...
