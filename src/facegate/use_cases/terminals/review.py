"""Reviewing people who were enrolled on a terminal: into the gallery, or not."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from facegate.domain.errors import ClientConflict, EnrolmentNotFound, InvalidInput, SubjectNotFound
from facegate.domain.gallery import Enrolment
from facegate.domain.subjects import Subject, parse_display_name, parse_subject_id
from facegate.domain.terminals.enrolments import (
    PHOTO_BACKUP_NUMBER,
    Placement,
    PlacementState,
    ReviewStatus,
    TerminalEnrolment,
)
from facegate.ports.clock import Clock
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos, EnrolPhotosRequest, Photo
from facegate.use_cases.gallery import Gallery

SOURCE = "terminal"
"""What templates that came this way say of where they are from."""


class ReviewEnrolments:
    """What an administrator does with enrolments from terminals. Safe from several threads."""

    def __init__(
        self,
        people: TerminalPeopleStore,
        enrol_photos: EnrolPhotos,
        gallery: Gallery,
        rules: EnrolmentRules,
        clock: Clock,
    ) -> None:
        self._people = people
        self._enrol_photos = enrol_photos
        self._gallery = gallery
        # An acceptance that was cut short is simply made again.
        self._rules = replace(rules, skip_known=True)
        self._clock = clock
        self._lock = threading.Lock()

    def list(
        self,
        *,
        status: ReviewStatus | None = ReviewStatus.WAITING,
        serial_number: str | None = None,
        limit: int = 1000,
    ) -> Sequence[TerminalEnrolment]:
        """Oldest first, without photos; with `status` None those that were decided, too."""
        return self._people.list_enrolments(status=status, serial_number=serial_number, limit=limit)

    def photo(self, serial_number: str, enroll_id: int, backup_number: int = PHOTO_BACKUP_NUMBER) -> bytes:
        """The encoded photo, which is kept until the review alone.

        Raises:
            EnrolmentNotFound: there is no such enrolment, or no photo of it.
        """
        enrolment = self._people.find_enrolment(serial_number, enroll_id, backup_number)
        if enrolment is None or enrolment.photo is None:
            raise EnrolmentNotFound("no photo of such an enrolment is kept")
        return enrolment.photo

    def accept(
        self,
        serial_number: str,
        enroll_id: int,
        backup_number: int = PHOTO_BACKUP_NUMBER,
        subject_id: str | None = None,
        display_name: str | None = None,
        received_at: datetime | None = None,
    ) -> Subject:
        """The person in the gallery whom the enrolment now belongs to; runs the engine on the photo.

        Without `subject_id` it is a new person whose id is the number. A person without a number gets the
        terminal's, unless somebody else has it: then that terminal's scans are counted as somebody else's
        until the person is placed there under their own. `received_at` is that of the enrolment which the
        reviewer was shown.

        Raises:
            EnrolmentNotFound: no such enrolment waits.
            ClientConflict: the terminal sent another one since `received_at`.
            InvalidInput: an id or a name that is none; the photo cannot be read or was not kept; or it is not
                clear whose enrolment this is.
            FaceRefused: the photo cannot be used.
            SubjectNotFound: the person was removed meanwhile.
            EngineFailed, StoreFailed: the enrolment still waits.
        """
        with self._lock:
            enrolment = self._waiting(serial_number, enroll_id, backup_number)
            if received_at is not None and enrolment.received_at > received_at:
                raise ClientConflict("the terminal has sent this enrolment anew: look at it again")
            owner_id = self._new_owner(enrolment) if subject_id is None else parse_subject_id(subject_id)
            placement = self._placement(enrolment, owner_id)
            name = self._name(enrolment, owner_id, display_name)
            # Who is removed while the engine looks must not be created again.
            must_exist = self._gallery.find_subject(owner_id) is not None
            if backup_number == PHOTO_BACKUP_NUMBER:
                self._enrol(enrolment, owner_id, name, must_exist=must_exist)
                must_exist = True
            subject = self._gallery.enrol(
                Enrolment(
                    owner_id,
                    (),
                    self._clock.now_utc(),
                    display_name=name,
                    enrolment_number=enroll_id,
                    must_exist=must_exist,
                )
            ).subject
            self._keep_placed(placement, self._placed(enrolment, subject))
            self._decide(enrolment, ReviewStatus.ACCEPTED, subject_id=owner_id)
            if self._gallery.find_subject(owner_id) is None:
                # Removed meanwhile: what was written after that would keep them on the terminal.
                self._people.forget_subjects([owner_id])
                raise SubjectNotFound("this person was removed while the enrolment was accepted")
        return subject

    def reject(
        self, serial_number: str, enroll_id: int, backup_number: int = PHOTO_BACKUP_NUMBER
    ) -> TerminalEnrolment:
        """The enrolment, whose photo is gone; the person stays on the terminal.

        Raises:
            EnrolmentNotFound: no such enrolment waits.
        """
        with self._lock:
            enrolment = self._waiting(serial_number, enroll_id, backup_number)
            return self._decide(enrolment, ReviewStatus.REJECTED)

    def _waiting(self, serial_number: str, enroll_id: int, backup_number: int) -> TerminalEnrolment:
        enrolment = self._people.find_enrolment(serial_number, enroll_id, backup_number)
        if enrolment is None or enrolment.status is not ReviewStatus.WAITING:
            raise EnrolmentNotFound("no such enrolment waits for a review")
        return enrolment

    def _new_owner(self, enrolment: TerminalEnrolment) -> str:
        """The number as an id. Who has it already may be another person, so nobody is guessed."""
        owner_id = str(enrolment.enroll_id)
        has_number = self._people.subject_of_number(enrolment.enroll_id) is not None
        if has_number or self._gallery.find_subject(owner_id) is not None:
            raise InvalidInput(
                "somebody in the gallery has this number already: say in subject_id who this is",
                field="subject_id",
            )
        return owner_id

    def _placement(self, enrolment: TerminalEnrolment, owner_id: str) -> Placement | None:
        """The owner's placement under this number, if any: a number on one terminal is one person."""
        there = self._placement_at(enrolment.serial_number, enrolment.enroll_id)
        if there is not None and there.subject_id != owner_id:
            raise InvalidInput(
                "under this number another person of the gallery is on the terminal: remove them there first",
                field="subject_id",
            )
        return there

    def _placement_at(self, serial_number: str, enroll_id: int) -> Placement | None:
        found = self._people.list_placements(serial_number=serial_number, enroll_id=enroll_id)
        return found[0] if found else None

    def _keep_placed(self, before: Placement | None, placed: Placement) -> None:
        """That the number is theirs there; a photo that waits still does, a removal since `before` wins."""
        is_waiting = before is not None and before.state is PlacementState.WANTED
        after = replace(before, was_placed=True) if before is not None and is_waiting else placed
        while not self._people.settle_placement(before, after):
            before = self._placement_at(placed.serial_number, placed.enroll_id)
            if before is None or before.subject_id != placed.subject_id:
                return
            after = replace(before, was_placed=True)

    def _name(self, enrolment: TerminalEnrolment, owner_id: str, display_name: str | None) -> str | None:
        """What the reviewer says; else a new person is named as on the terminal, a known one stays."""
        if display_name is not None:
            return parse_display_name(display_name)
        if self._gallery.find_subject(owner_id) is not None or not enrolment.name.strip():
            return None
        return parse_display_name(enrolment.name)

    def _enrol(
        self, enrolment: TerminalEnrolment, owner_id: str, name: str | None, *, must_exist: bool
    ) -> None:
        if enrolment.photo is None:
            raise InvalidInput("this photo was not kept: enrol the person with another one", field="photo")
        photo = Photo("photo", enrolment.photo)
        result = self._enrol_photos(
            EnrolPhotosRequest(
                owner_id, (photo,), SOURCE, self._rules, display_name=name, must_exist=must_exist
            )
        )
        if result.rejected:
            raise result.rejected[0].error

    def _placed(self, enrolment: TerminalEnrolment, subject: Subject) -> Placement:
        """That the person is there: whoever deletes them deletes them from the terminal, too."""
        return Placement(
            enrolment.serial_number,
            enrolment.enroll_id,
            subject.subject_id,
            subject.display_name,
            PlacementState.PLACED,
            changed_at=self._clock.now_utc(),
            was_placed=True,
        )

    def _decide(
        self, enrolment: TerminalEnrolment, status: ReviewStatus, subject_id: str | None = None
    ) -> TerminalEnrolment:
        decided = replace(
            enrolment,
            status=status,
            subject_id=subject_id,
            decided_at=self._clock.now_utc(),
        )
        self._people.save_enrolments([decided])
        return replace(decided, photo=None)
