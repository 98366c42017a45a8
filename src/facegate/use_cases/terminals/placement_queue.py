"""What waits to be told to terminals about people."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from facegate.domain.terminals.enrolments import Placement, PlacementState
from facegate.ports.clock import Clock
from facegate.ports.terminal_people_store import TerminalPeopleStore

WaitingListener = Callable[[Collection[str]], None]
"""Hears the serial numbers of terminals for which something waits now, on any thread."""

_WAITING = (PlacementState.UNWANTED, PlacementState.WANTED)


class PlacementQueue:
    """Placements, changed by administrators and by deliveries that cross. Safe from several threads.

    Without the lock a delivery that ends would overwrite a removal that came meanwhile, and the person would
    stay on the terminal.
    """

    def __init__(self, people: TerminalPeopleStore, clock: Clock) -> None:
        self._people = people
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners: list[WaitingListener] = []

    def on_waiting(self, listener: WaitingListener) -> None:
        """Calls the listener whenever something new waits."""
        self._listeners.append(listener)

    def waiting(self, serial_number: str) -> list[Placement]:
        """What is to be done there: first those who must not be on it any more, then the others."""
        found = self._people.list_placements(serial_number=serial_number, states=_WAITING)
        return sorted(found, key=lambda placement: placement.state is PlacementState.WANTED)

    def of_number(self, serial_number: str, enroll_id: int) -> Placement | None:
        """Who is, or is to be, on the terminal under this number."""
        found = self._people.list_placements(serial_number=serial_number, enroll_id=enroll_id)
        return found[0] if found else None

    def photo(self, placement: Placement) -> bytes | None:
        """The photo that waits to be sent."""
        return self._people.placement_photo(placement.serial_number, placement.enroll_id)

    def put(self, placements: Sequence[Placement]) -> None:
        """Keeps what is wanted from now on."""
        with self._lock:
            self._people.save_placements(placements)
        self._tell(placements)

    def want_removed(self, subject_id: str, serial_numbers: Collection[str] | None) -> list[Placement]:
        """The person's placements, all or on these terminals, which are unwanted now."""
        now = self._clock.now_utc()
        with self._lock:
            found = [
                placement
                if placement.state is PlacementState.UNWANTED
                else replace(
                    placement,
                    state=PlacementState.UNWANTED,
                    photo=None,
                    changed_at=now,
                    attempt_count=0,
                    last_error="",
                )
                for placement in self._people.list_placements(subject_id=subject_id)
                if serial_numbers is None or placement.serial_number in serial_numbers
            ]
            self._people.save_placements(found)
        self._tell(found)
        return found

    def forget(self, subject_ids: Collection[str]) -> None:
        """Their photos go at once, and their terminals are to be told."""
        with self._lock:
            unwanted = self._people.forget_subjects(subject_ids)
        self._tell(unwanted)

    def settle(self, before: Placement, after: Placement | None) -> bool:
        """What a delivery made of a placement, None to delete it; False when it was changed meanwhile."""
        with self._lock:
            return self._people.settle_placement(before, after)

    def _tell(self, placements: Sequence[Placement]) -> None:
        serial_numbers = {placement.serial_number for placement in placements}
        for listener in self._listeners if serial_numbers else ():
            listener(serial_numbers)
