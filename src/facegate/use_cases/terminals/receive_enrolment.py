"""Taking in a person who was enrolled on a terminal."""

import logging
from dataclasses import replace

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.enrolment_numbers import MAX_ENROLMENT_NUMBER, RESERVED_NUMBERS
from facegate.domain.terminals.enrolments import PHOTO_BACKUP_NUMBER, ReviewStatus, TerminalEnrolment
from facegate.ports.terminal_people_store import TerminalPeopleStore

logger = logging.getLogger(__name__)

MAX_PHOTO_BYTES = 2 * 2**20
"""Terminals' photos have some 50 to 150 kB. Anybody who reaches the port can send more, to fill the disk."""


class ReceiveEnrolment:
    """Keeps what a terminal sent about a person until somebody has reviewed it."""

    def __init__(self, people: TerminalPeopleStore) -> None:
        self._people = people

    def __call__(self, enrolment: TerminalEnrolment) -> None:
        """Durable on return. Call it on a worker thread.

        Of passwords, cards and fingerprints only the fact is kept. So it is with a photo beyond 2 MiB: a
        refused one would come again for ever.

        Raises:
            InvalidInput: a number that no person can have.
            StoreFailed: nothing was kept; the terminal sends it again.
        """
        number = enrolment.enroll_id
        if not 1 <= number <= MAX_ENROLMENT_NUMBER or number in RESERVED_NUMBERS:
            raise InvalidInput("no person has this number", field="enrollid")
        photo = enrolment.photo if enrolment.backup_number == PHOTO_BACKUP_NUMBER else None
        if photo is not None and len(photo) > MAX_PHOTO_BYTES:
            logger.warning("terminal %s sent a photo beyond 2 MiB: not kept", enrolment.serial_number)
            photo = None
        self._people.save_enrolments(
            [replace(enrolment, photo=photo, status=ReviewStatus.WAITING, subject_id=None, decided_at=None)]
        )
