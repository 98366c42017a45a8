"""People on terminals in memory, and what the fakes of terminals share."""

import hashlib
import threading
from collections.abc import Collection, Sequence
from dataclasses import replace

from tests.fakes.gallery import InMemoryGalleryStore, given_number, unwanted

from facegate.domain.errors import InvalidInput, StoreFailed
from facegate.domain.terminals.enrolment_numbers import FIRST_ALLOCATED_NUMBER, free_number, own_number
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment

_MAX_INTEGER = 2**63 - 1


class Breakable:
    """Something that can be told to fail, as a store whose disk is full."""

    def __init__(self) -> None:
        self.is_broken = False
        self._lock = threading.RLock()

    def _check(self) -> None:
        if self.is_broken:
            raise StoreFailed("the disk is full: nothing was written; make room and try again")


class FakeTerminalPeopleStore(Breakable):
    """Enrolments and placements in the content of a gallery, whose subjects have the numbers."""

    def __init__(self, gallery: InMemoryGalleryStore | None = None) -> None:
        super().__init__()
        self.gallery = gallery or InMemoryGalleryStore()

    def save_enrolments(self, enrolments: Sequence[TerminalEnrolment]) -> None:
        self._check()
        for enrolment in enrolments:
            refuse_unstorable([enrolment.serial_number, enrolment.subject_id or ""])
            refuse_too_large(enrolment.enroll_id, enrolment.backup_number)
        with self.gallery.changing() as content:
            for enrolment in enrolments:
                key = (enrolment.serial_number, enrolment.enroll_id, enrolment.backup_number)
                content.enrolments[key] = _merged(content.enrolments.get(key), enrolment)

    def find_enrolment(
        self, serial_number: str, enroll_id: int, backup_number: int
    ) -> TerminalEnrolment | None:
        self._check()
        found = self.gallery.content().enrolments.get((serial_number, enroll_id, backup_number))
        return None if found is None else found[0]

    def list_enrolments(
        self, *, status: ReviewStatus | None = None, serial_number: str | None = None, limit: int = 1000
    ) -> list[TerminalEnrolment]:
        self._check()
        found = [
            replace(enrolment, photo=None)
            for enrolment, _ in self.gallery.content().enrolments.values()
            if status in (None, enrolment.status) and serial_number in (None, enrolment.serial_number)
        ]
        found.sort(key=lambda one: (one.received_at, one.serial_number, one.enroll_id, one.backup_number))
        return found[: max(0, limit)]

    def waiting_photo_count(self, serial_number: str | None = None) -> int:
        self._check()
        return sum(
            digest is not None
            and enrolment.status is ReviewStatus.WAITING
            and serial_number in (None, enrolment.serial_number)
            for enrolment, digest in self.gallery.content().enrolments.values()
        )

    def save_placements(self, placements: Sequence[Placement]) -> None:
        self._check()
        for placement in placements:
            refuse_unstorable([placement.serial_number, placement.subject_id])
            refuse_too_large(placement.enroll_id)
        with self.gallery.changing() as content:
            for placement in placements:
                is_done = placement.state in (PlacementState.PLACED, PlacementState.UNWANTED)
                key = placement.serial_number, placement.enroll_id
                known = content.placements.get(key)
                was_placed = known is not None and known.was_placed
                content.placements[key] = replace(
                    _clean(placement),
                    photo=None if is_done else placement.photo,
                    was_placed=placement.was_placed
                    or (was_placed and known is not None and known.subject_id == placement.subject_id),
                )

    def settle_placement(self, before: Placement | None, after: Placement | None) -> bool:
        self._check()
        wanted = before or after
        if wanted is None:
            return True
        if after is not None:
            refuse_unstorable([after.serial_number, after.subject_id])
            refuse_too_large(after.enroll_id)
        key = wanted.serial_number, wanted.enroll_id
        with self.gallery.changing() as content:
            known = content.placements.get(key)
            if _bare(known) != _bare(before):
                return False
            if after is None:
                content.placements.pop(key, None)
                return True
            keeps_photo = known is not None and after.state is PlacementState.WANTED
            photo = known.photo if known is not None and keeps_photo else None
            content.placements[key] = replace(_clean(after), photo=photo)
            return True

    def remove_placements(self, serial_number: str, enroll_ids: Collection[int]) -> None:
        self._check()
        with self.gallery.changing() as content:
            for enroll_id in enroll_ids:
                content.placements.pop((serial_number, enroll_id), None)

    def list_placements(
        self,
        *,
        serial_number: str | None = None,
        enroll_id: int | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
    ) -> list[Placement]:
        self._check()
        found = [
            replace(placement, photo=None)
            for placement in self.gallery.content().placements.values()
            if serial_number in (None, placement.serial_number)
            and enroll_id in (None, placement.enroll_id)
            and subject_id in (None, placement.subject_id)
            and (not states or placement.state in states)
        ]
        return sorted(found, key=lambda one: (one.changed_at, one.serial_number, one.enroll_id))

    def page_placements(
        self,
        *,
        serial_number: str | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
        after: tuple[str, int] | None = None,
        limit: int = 1000,
    ) -> list[Placement]:
        found = self.list_placements(serial_number=serial_number, subject_id=subject_id, states=states)
        found.sort(key=lambda one: (one.serial_number, one.enroll_id))
        behind = [one for one in found if after is None or (one.serial_number, one.enroll_id) > after]
        return behind[: max(0, limit)]

    def placement_photo(self, serial_number: str, enroll_id: int) -> bytes | None:
        self._check()
        found = self.gallery.content().placements.get((serial_number, enroll_id))
        return None if found is None else found.photo

    def enrolment_number(self, subject_id: str) -> int | None:
        self._check()
        with self.gallery.changing() as content:
            subject = content.subjects.get(subject_id)
            if subject is None or subject.enrolment_number is not None:
                return None if subject is None else subject.enrolment_number
            held = {one.enrolment_number for one in content.subjects.values()}
            on_terminals = {enroll_id for _, enroll_id, _ in content.enrolments}

            def taken(first: int, last: int) -> set[int]:
                block = set(range(first, last + 1))
                return block & (content.given_numbers | on_terminals) | {
                    int(one) for one in content.subjects if own_number(one) in block
                }

            number = own_number(subject_id)
            if number is None or number in held:
                highest = max(content.given_numbers, default=0)
                first = FIRST_ALLOCATED_NUMBER
                number = free_number(max(first, highest + 1), taken) or free_number(first, taken)
            if number is None:
                raise StoreFailed("every enrolment number was given")
            given_number(content, subject_id, number)
            return number

    def subject_of_number(self, enroll_id: int) -> str | None:
        self._check()
        for subject in self.gallery.content().subjects.values():
            if subject.enrolment_number == enroll_id:
                return subject.subject_id
        return None

    def forget_subjects(self, subject_ids: Collection[str]) -> list[Placement]:
        self._check()
        gone = set(subject_ids)
        with self.gallery.changing() as content:
            unwanted(content, gone)
        return [one for one in self.list_placements() if one.subject_id in gone]

    def forget_terminal(self, serial_number: str) -> None:
        """What goes with a terminal."""
        with self.gallery.changing() as content:
            for at in [at for at in content.placements if at[0] == serial_number]:
                del content.placements[at]
            for key, (enrolment, _) in list(content.enrolments.items()):
                if key[0] == serial_number and enrolment.status is ReviewStatus.WAITING:
                    del content.enrolments[key]


def _bare(placement: Placement | None) -> Placement | None:
    return None if placement is None else replace(placement, photo=None)


def _clean(placement: Placement) -> Placement:
    return replace(placement, name=storable(placement.name), last_error=storable(placement.last_error))


def _merged(
    known: tuple[TerminalEnrolment, str | None] | None, new: TerminalEnrolment
) -> tuple[TerminalEnrolment, str | None]:
    digest = None if new.photo is None else hashlib.sha256(new.photo).hexdigest()
    new = replace(new, name=storable(new.name))
    if new.status is ReviewStatus.WAITING:
        if known is None or known[1] != digest:
            return new, digest
        is_decided = known[0].status is not ReviewStatus.WAITING
        return known if is_decided else (replace(new, received_at=known[0].received_at), digest)
    if known is None:
        return replace(new, photo=None), digest
    if known[0].status is ReviewStatus.WAITING and known[0].received_at > new.received_at:
        return known  # the decision is about one that a newer one has replaced
    return replace(new, photo=None), digest or known[1]


def storable(text: str) -> str:
    return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text)


def refuse_unstorable(texts: Sequence[str]) -> None:
    if any(storable(text) != text for text in texts):
        raise InvalidInput("an id or a name holds a character that cannot be stored")


def refuse_too_large(*numbers: int) -> None:
    if any(abs(number) > _MAX_INTEGER for number in numbers):
        raise InvalidInput("a number does not fit into 64 bits")
