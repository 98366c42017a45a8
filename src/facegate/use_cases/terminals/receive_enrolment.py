"""Taking in a person who was enrolled on a terminal."""

import logging
import threading
from dataclasses import replace

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.enrolment_numbers import MAX_ENROLMENT_NUMBER, RESERVED_NUMBERS
from facegate.domain.terminals.enrolments import PHOTO_BACKUP_NUMBER, ReviewStatus, TerminalEnrolment
from facegate.ports.terminal_people_store import TerminalPeopleStore

logger = logging.getLogger(__name__)

MAX_PHOTO_BYTES = 2**20
"""Terminals' photos have some 50 to 150 kB. Anybody who reaches the port can send more, to fill the disk."""

MAX_PHOTOS_OF_TERMINAL = 5_000
"""Photos of one terminal that wait for a review: as many as a large one has people."""

MAX_PHOTOS = 10_000
"""Photos of all terminals that wait: about 1 GB of real ones, 10 GB at the very most."""

_COUNTED_AFTER = 100
"""Counting all of them is too slow for every one."""


class ReceiveEnrolment:
    """Keeps what a terminal sent about a person until somebody has reviewed it."""

    def __init__(self, people: TerminalPeopleStore) -> None:
        self._people = people
        self._lock = threading.Lock()
        self._room = 0
        self._until_counted = 0

    def __call__(self, enrolment: TerminalEnrolment) -> None:
        """Durable on return. Call it on a worker thread.

        Of passwords, cards and fingerprints only the fact is kept. So it is with a photo beyond 1 MiB, and
        where too many wait for a review: a refused one would come again for ever.

        Raises:
            InvalidInput: a number that no person can have.
            StoreFailed: nothing was kept; the terminal sends it again.
        """
        number = enrolment.enroll_id
        if not 1 <= number <= MAX_ENROLMENT_NUMBER or number in RESERVED_NUMBERS:
            raise InvalidInput("no person has this number", field="enrollid")
        photo = enrolment.photo if enrolment.backup_number == PHOTO_BACKUP_NUMBER else None
        if photo is not None and len(photo) > MAX_PHOTO_BYTES:
            logger.warning("terminal %s sent a photo beyond 1 MiB: not kept", enrolment.serial_number)
            photo = None
        if photo is not None and not self._has_room(enrolment):
            logger.warning(
                "too many photos wait for a review: one of %s is not kept", enrolment.serial_number
            )
            photo = None
        self._people.save_enrolments(
            [replace(enrolment, photo=photo, status=ReviewStatus.WAITING, subject_id=None, decided_at=None)]
        )

    def _has_room(self, enrolment: TerminalEnrolment) -> bool:
        """Whether the photo may wait; several at once may become a few too many."""
        number, backup_number = enrolment.enroll_id, enrolment.backup_number
        known = self._people.find_enrolment(enrolment.serial_number, number, backup_number)
        if known is not None and known.photo is not None:
            return True  # it takes that one's place
        if self._people.waiting_photo_count(enrolment.serial_number) >= MAX_PHOTOS_OF_TERMINAL:
            return False
        with self._lock:
            if self._room <= 0 or self._until_counted <= 0:
                self._room = MAX_PHOTOS - self._people.waiting_photo_count()
                self._until_counted = _COUNTED_AFTER
            self._room -= 1
            self._until_counted -= 1
            return self._room >= 0
