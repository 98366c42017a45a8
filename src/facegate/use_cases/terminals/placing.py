"""People of the gallery on terminals: whom we want where, and telling the terminals."""

from collections.abc import Collection, Sequence

from facegate.domain.errors import InvalidInput, SubjectNotFound
from facegate.domain.subjects import Subject
from facegate.domain.terminals.devices import TerminalStatus
from facegate.domain.terminals.enrolments import Placement, PlacementState
from facegate.ports.clock import Clock
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.terminals.deliver_placements import DeliverPlacements, PlacementReport
from facegate.use_cases.terminals.placement_queue import PlacementQueue, WaitingListener
from facegate.use_cases.terminals.register import TerminalRegister
from facegate.use_cases.terminals.terminal_photos import SubjectPhotos
from facegate.use_cases.terminals.users import TerminalUsers

__all__ = ["PlacePeople", "PlacementReport"]


class PlacePeople:
    """Keeps what is wanted, durably; a terminal is told when it is connected. Safe from several threads."""

    def __init__(
        self,
        people: TerminalPeopleStore,
        gallery: Gallery,
        register: TerminalRegister,
        photos: SubjectPhotos,
        users: TerminalUsers,
        clock: Clock,
    ) -> None:
        self._people = people
        self._gallery = gallery
        self._register = register
        self._photos = photos
        self._clock = clock
        self._queue = PlacementQueue(people, clock)
        self._deliver = DeliverPlacements(self._queue, users, clock)

    def on_waiting(self, listener: WaitingListener) -> None:
        """Calls the listener with serial numbers for which something waits now: time for `run_for`."""
        self._queue.on_waiting(listener)

    def place(
        self, subject_id: str, serial_numbers: Collection[str] | None = None, photo: bytes | None = None
    ) -> Sequence[Placement]:
        """Wants the person on these terminals, or on all that are listed; runs the engine on the photo.

        Listed are those that an administrator added or allowed and has not blocked. Without a photo the
        gallery's kept picture serves, if it kept one. Who is on a terminal already gets the photo anew.

        Raises:
            SubjectNotFound: nobody has this id.
            TerminalNotFound: one of the terminals is not known; nothing was changed.
            InvalidInput: no terminal is listed; a photo is needed or cannot be read; or the person's number
                is taken on a terminal.
            FaceRefused: the photo cannot be used.
            EngineFailed, StoreFailed: nothing was changed.
        """
        subject = self._gallery.get_subject(subject_id)
        wanted_on = self._terminals(serial_numbers)
        enroll_id = self._people.enrolment_number(subject_id)
        if enroll_id is None:
            raise _not_found()
        for serial_number in wanted_on:
            self._check_number(serial_number, enroll_id, subject)
        picture = self._photos(subject_id, photo)
        now = self._clock.now_utc()
        placements = [
            Placement(
                serial_number,
                enroll_id,
                subject_id,
                subject.display_name,
                PlacementState.WANTED,
                changed_at=now,
                photo=picture,
            )
            for serial_number in wanted_on
        ]
        self._queue.put(placements)
        if self._gallery.find_subject(subject_id) is None:
            # Removed meanwhile: what was written after that would bring them back to the terminals.
            self._queue.forget([subject_id])
            raise _not_found()
        return placements

    def remove(self, subject_id: str, serial_numbers: Collection[str] | None = None) -> Sequence[Placement]:
        """Takes the person off these terminals, or off all; they stay in the gallery.

        The placements are returned that wait for this now: none where the person was not placed.
        """
        return self._queue.want_removed(subject_id, serial_numbers)

    def list(
        self,
        *,
        serial_number: str | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
    ) -> Sequence[Placement]:
        """Oldest change first, without photos."""
        return self._people.list_placements(serial_number=serial_number, subject_id=subject_id, states=states)

    def page(
        self,
        *,
        serial_number: str | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
        after: tuple[str, int] | None = None,
        limit: int = 1000,
    ) -> Sequence[Placement]:
        """In order of serial number and number, from behind `after` on, without photos."""
        return self._people.page_placements(
            serial_number=serial_number, subject_id=subject_id, states=states, after=after, limit=limit
        )

    def forget(self, subject_ids: Collection[str]) -> None:
        """For the gallery, when people are removed: their terminals are to delete them, too.

        Raises:
            StoreFailed: not all is forgotten.
        """
        self._queue.forget(subject_ids)

    async def run_for(self, serial_number: str) -> PlacementReport:
        """Tells one connected terminal what waits for it. On the event loop; blocks on threads alone.

        A terminal that is lost in the middle is no error: the report says so, and what is left waits.

        Raises:
            StoreFailed: what waits cannot be read or kept.
        """
        return await self._deliver(serial_number)

    def _terminals(self, serial_numbers: Collection[str] | None) -> Sequence[str]:
        if serial_numbers is None:
            known = self._register.list_terminals()
            # Not those that were let in because everybody is: anybody can pretend to be a terminal.
            listed = [one for one in known if one.status is TerminalStatus.ALLOWED and one.is_listed]
            if not listed:
                raise InvalidInput(
                    "no administrator has added or allowed a terminal: do so, or name the terminals",
                    field="serial_numbers",
                )
            return [one.serial_number for one in listed]
        return [self._register.get(one).serial_number for one in sorted(set(serial_numbers))]

    def _check_number(self, serial_number: str, enroll_id: int, subject: Subject) -> None:
        there = self._queue.of_number(serial_number, enroll_id)
        if there is None:
            return
        if there.subject_id != subject.subject_id:
            raise InvalidInput(
                f"on terminal {serial_number} another person has the number {enroll_id}: "
                "remove them there first",
                field="serial_numbers",
            )
        if there.state is PlacementState.UNWANTED and there.changed_at < subject.created_at:
            # Somebody else had this id: their cards and fingerprints are still there.
            raise InvalidInput(
                f"terminal {serial_number} has still to forget who had this id before: "
                "try again when it was connected",
                field="serial_numbers",
            )


def _not_found() -> SubjectNotFound:
    return SubjectNotFound("nobody with this id is enrolled")
