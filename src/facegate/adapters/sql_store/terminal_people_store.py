"""The `TerminalPeopleStore` port in SQL; what removals do to people is in `terminal_people.py`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.number_giving import find_number, give_number, holder_of
from facegate.adapters.sql_store.people_rows import (
    enrolment_of,
    enrolment_row,
    merged_row,
    placement_of,
    placement_row,
)
from facegate.adapters.sql_store.rows import is_storable
from facegate.adapters.sql_store.schema import terminal_enrolments, terminal_photos, terminal_placements
from facegate.adapters.sql_store.statements import MAX_INTEGER, in_batches, is_integer, upsert
from facegate.adapters.sql_store.terminal_people import (
    drop_unused_photos,
    forget_people,
    keep_photos,
    take_turn_with_people,
)
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment

_enrolments, _placements, _photos = terminal_enrolments.c, terminal_placements.c, terminal_photos.c

_PLACED_WITH_PHOTO = select(terminal_placements, _photos.photo).outerjoin(
    terminal_photos, _photos.photo_digest == _placements.photo_digest
)


class SqlTerminalPeopleStore:
    """Enrolments and placements in two tables, their photos in a third; numbers are the subjects'."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_enrolments(self, enrolments: Sequence[TerminalEnrolment]) -> None:
        """A decided one loses its photo for good.

        A decision does not touch an enrolment that was received after the decided one.

        Raises:
            InvalidInput: an id cannot be stored; nothing was written.
        """
        rows = [(enrolment_row(enrolment), enrolment.photo) for enrolment in enrolments]
        with self._database.writing() as connection:
            take_turn_with_people(connection)
            replaced = {_save_enrolment(connection, row, photo) for row, photo in rows}
            has_dropped_photos = drop_unused_photos(connection, replaced)
        if has_dropped_photos:
            self._database.wipe_journal()

    def find_enrolment(
        self, serial_number: str, enroll_id: int, backup_number: int
    ) -> TerminalEnrolment | None:
        """With its photo while it waits."""
        if not is_storable(serial_number) or not is_integer(enroll_id) or not is_integer(backup_number):
            return None
        with self._database.reading() as connection:
            row = _find_enrolment(connection, (serial_number, enroll_id, backup_number))
            if row is None:
                return None
            is_waiting = row.status == ReviewStatus.WAITING.value
            query = select(_photos.photo).where(_photos.photo_digest == row.photo_digest)
            photo = connection.execute(query).scalar() if is_waiting and row.photo_digest else None
        return enrolment_of(row, photo=None if photo is None else bytes(photo))

    def list_enrolments(
        self, *, status: ReviewStatus | None = None, serial_number: str | None = None, limit: int = 1000
    ) -> list[TerminalEnrolment]:
        """Of equal age, in order of serial number and number."""
        query = select(terminal_enrolments).order_by(
            _enrolments.received_at_us,
            _enrolments.serial_number,
            _enrolments.enroll_id,
            _enrolments.backup_number,
        )
        if status is not None:
            query = query.where(_enrolments.status == status.value)
        if serial_number is not None:
            if not is_storable(serial_number):
                return []
            query = query.where(_enrolments.serial_number == serial_number)
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(max(0, min(limit, MAX_INTEGER))))
            return [enrolment_of(row) for row in rows]

    def save_placements(self, placements: Sequence[Placement]) -> None:
        """One that is placed or unwanted is kept without its photo.

        Raises:
            InvalidInput: an id cannot be stored; nothing was written.
        """
        rows = [placement_row(placement) for placement in placements]
        photos = _photos_to_keep(zip(rows, placements, strict=True))
        numbers: dict[str, list[int]] = {}
        for row in rows:
            numbers.setdefault(row["serial_number"], []).append(row["enroll_id"])
        with self._database.writing() as connection:
            take_turn_with_people(connection)
            replaced = _placed_digests(connection, numbers)
            keep_photos(connection, photos.items())
            upsert(connection, terminal_placements, rows)
            # Of a placement that comes twice in this call, the first photo is not needed either.
            has_dropped_photos = drop_unused_photos(connection, replaced.union(photos))
            # Photos are sent one after the other: it is enough to wipe after the last one.
            is_last = has_dropped_photos and not _waits_for_photos(connection, sorted(numbers))
        if is_last:
            self._database.wipe_journal()

    def remove_placements(self, serial_number: str, enroll_ids: Collection[int]) -> None:
        """Those that are not there are passed over."""
        if not is_storable(serial_number):
            return
        known_ids = [enroll_id for enroll_id in enroll_ids if is_integer(enroll_id)]
        with self._database.writing() as connection:
            take_turn_with_people(connection)
            replaced = _placed_digests(connection, {serial_number: known_ids})
            for batch in in_batches(known_ids):
                connection.execute(delete(terminal_placements).where(*_is_at(serial_number, batch)))
            has_dropped_photos = drop_unused_photos(connection, replaced)
        if has_dropped_photos:
            self._database.wipe_journal()

    def list_placements(
        self,
        *,
        serial_number: str | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
    ) -> list[Placement]:
        """Of equal age, in order of serial number and number."""
        query = _PLACED_WITH_PHOTO.order_by(
            _placements.changed_at_us, _placements.serial_number, _placements.enroll_id
        )
        for column, wanted in (
            (_placements.serial_number, serial_number),
            (_placements.subject_id, subject_id),
        ):
            if wanted is not None:
                if not is_storable(wanted):
                    return []
                query = query.where(column == wanted)
        if states:
            query = query.where(_placements.state.in_([state.value for state in states]))
        with self._database.reading() as connection:
            return [placement_of(row) for row in connection.execute(query)]

    def enrolment_number(self, subject_id: str) -> int | None:
        """Numbers of those who have gone are not given again, nor those of people whom terminals enrolled."""
        if not is_storable(subject_id):
            return None
        with self._database.reading() as connection:
            is_known, number = find_number(connection, subject_id)
        if not is_known or number is not None:
            return number
        with self._database.writing() as connection:
            return give_number(connection, subject_id)

    def subject_of_number(self, enroll_id: int) -> str | None:
        """Who has this number, if anybody."""
        if not is_integer(enroll_id):
            return None
        with self._database.reading() as connection:
            return holder_of(connection, enroll_id)

    def forget_subjects(self, subject_ids: Collection[str]) -> list[Placement]:
        """Photos are overwritten; the moment of the last change stays the caller's to set."""
        storable_ids = [subject_id for subject_id in subject_ids if is_storable(subject_id)]
        with self._database.writing() as connection:
            has_dropped_photos = forget_people(connection, storable_ids)
            placements = [
                placement_of(row)
                for batch in in_batches(storable_ids)
                for row in connection.execute(_PLACED_WITH_PHOTO.where(_placements.subject_id.in_(batch)))
            ]
        if has_dropped_photos:
            self._database.wipe_journal()
        return sorted(placements, key=lambda one: (one.changed_at, one.serial_number, one.enroll_id))


def _find_enrolment(connection: Connection, key: tuple[str, int, int]) -> Row[Any] | None:
    columns = (_enrolments.serial_number, _enrolments.enroll_id, _enrolments.backup_number)
    is_same = (column == part for column, part in zip(columns, key, strict=True))
    return connection.execute(select(terminal_enrolments).where(*is_same)).one_or_none()


def _save_enrolment(connection: Connection, row: dict[str, Any], photo: bytes | None) -> str | None:
    """The digest of the photo that may have gone."""
    known = _find_enrolment(connection, (row["serial_number"], row["enroll_id"], row["backup_number"]))
    merged = merged_row(known, row)
    if merged is None:
        return None
    if photo is not None and merged["status"] == ReviewStatus.WAITING.value:
        keep_photos(connection, [(merged["photo_digest"], photo)])
    upsert(connection, terminal_enrolments, [merged])
    return None if known is None else known.photo_digest


def _photos_to_keep(saved: Iterable[tuple[dict[str, Any], Placement]]) -> dict[str, bytes]:
    return {
        row["photo_digest"]: placement.photo
        for row, placement in saved
        if row["photo_digest"] is not None and placement.photo is not None
    }


def _is_at(serial_number: str, enroll_ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    # Not pairs in a list of pairs: for those SQLite reads the whole table.
    return _placements.serial_number == serial_number, _placements.enroll_id.in_(enroll_ids)


def _placed_digests(connection: Connection, numbers: Mapping[str, Sequence[int]]) -> set[str | None]:
    """The photos of placements that are there, by serial number and numbers."""
    return {
        digest
        for serial_number, enroll_ids in numbers.items()
        for batch in in_batches(enroll_ids)
        for digest in connection.execute(
            select(_placements.photo_digest).where(*_is_at(serial_number, batch))
        ).scalars()
    }


def _waits_for_photos(connection: Connection, serial_numbers: Sequence[str]) -> bool:
    """Whether a photo still waits for one of these terminals."""
    for batch in in_batches(serial_numbers):
        waiting = select(_placements.enroll_id).where(
            and_(_placements.serial_number.in_(batch), _placements.photo_digest.is_not(None))
        )
        if connection.execute(waiting.limit(1)).first() is not None:
            return True
    return False
