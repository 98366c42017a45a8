"""The `TerminalPeopleStore` port in SQL; what removals do to people is in `terminal_people.py`."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.number_giving import find_number, give_number, holder_of
from facegate.adapters.sql_store.people_rows import (
    enrolment_of,
    enrolment_row,
    merged_row,
    placement_of,
    placement_row,
)
from facegate.adapters.sql_store.placement_rows import (
    ALL,
    BY_AGE,
    BY_KEY,
    find_photo,
    is_at,
    is_behind,
    keep_marks,
    narrowed,
    settle,
    standing,
    waits_for_photos,
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

    def waiting_photo_count(self, serial_number: str | None = None) -> int:
        """Of all it reads the whole table."""
        query = select(func.count()).where(
            _enrolments.status == ReviewStatus.WAITING.value, _enrolments.photo_digest.is_not(None)
        )
        if serial_number is not None:
            if not is_storable(serial_number):
                return 0
            query = query.where(_enrolments.serial_number == serial_number)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    def save_placements(self, placements: Sequence[Placement]) -> None:
        """One that is placed or unwanted is kept without its photo.

        Raises:
            InvalidInput: an id cannot be stored; nothing was written.
        """
        rows = [placement_row(placement) for placement in placements]
        photos = _photos_to_keep(zip(rows, placements, strict=True))
        with self._database.writing() as connection:
            take_turn_with_people(connection)
            replaced = standing(connection, rows)
            keep_marks(rows, replaced)
            keep_photos(connection, photos.items())
            upsert(connection, terminal_placements, rows)
            # Of a placement that comes twice in this call, the first photo is not needed either.
            digests = {row.photo_digest for row in replaced}.union(photos)
            is_last = _was_last_photo(connection, digests, {row["serial_number"] for row in rows})
        if is_last:
            self._database.wipe_journal()

    def settle_placement(self, before: Placement | None, after: Placement | None) -> bool:
        """The photo goes with the placement that waited for it.

        Raises:
            InvalidInput: an id of `after` cannot be stored.
        """
        with self._database.writing() as connection:
            take_turn_with_people(connection)
            digest = settle(connection, before, after)
            if isinstance(digest, bool):
                return digest
            serial_numbers = {one.serial_number for one in (before, after) if one is not None}
            is_last = _was_last_photo(connection, {digest}, serial_numbers)
        if is_last:
            self._database.wipe_journal()
        return True

    def remove_placements(self, serial_number: str, enroll_ids: Collection[int]) -> None:
        """Those that are not there are passed over."""
        if not is_storable(serial_number):
            return
        keys = [{"serial_number": serial_number, "enroll_id": one} for one in enroll_ids if is_integer(one)]
        with self._database.writing() as connection:
            take_turn_with_people(connection)
            replaced = standing(connection, keys)
            for batch in in_batches([row.enroll_id for row in replaced]):
                connection.execute(delete(terminal_placements).where(*is_at(serial_number, batch)))
            has_dropped_photos = drop_unused_photos(connection, {row.photo_digest for row in replaced})
        if has_dropped_photos:
            self._database.wipe_journal()

    def list_placements(
        self,
        *,
        serial_number: str | None = None,
        enroll_id: int | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
    ) -> list[Placement]:
        """Of equal age, in order of serial number and number."""
        if enroll_id is not None and not is_integer(enroll_id):
            return []
        query = ALL if enroll_id is None else ALL.where(_placements.enroll_id == enroll_id)
        texts = {_placements.serial_number: serial_number, _placements.subject_id: subject_id}
        return self._placements(narrowed(query.order_by(*BY_AGE), texts, states))

    def page_placements(
        self,
        *,
        serial_number: str | None = None,
        subject_id: str | None = None,
        states: Collection[PlacementState] = (),
        after: tuple[str, int] | None = None,
        limit: int = 1000,
    ) -> list[Placement]:
        """Read along the primary key."""
        query = ALL.order_by(*BY_KEY).limit(max(0, min(limit, MAX_INTEGER)))
        if after is not None:
            if not is_storable(after[0]) or not is_integer(after[1]):
                return []
            query = query.where(is_behind(*after))
        texts = {_placements.serial_number: serial_number, _placements.subject_id: subject_id}
        return self._placements(narrowed(query, texts, states))

    def _placements(self, query: Select[Any] | None) -> list[Placement]:
        if query is None:
            return []
        with self._database.reading() as connection:
            return [placement_of(row) for row in connection.execute(query)]

    def placement_photo(self, serial_number: str, enroll_id: int) -> bytes | None:
        """The photo that waits to be sent, if any."""
        with self._database.reading() as connection:
            return find_photo(connection, serial_number, enroll_id)

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
                for row in connection.execute(ALL.where(_placements.subject_id.in_(batch)))
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


def _was_last_photo(
    connection: Connection, digests: Collection[str | None], serial_numbers: Collection[str]
) -> bool:
    """Whether photos go now and no other waits: they are sent one after the other, one wipe is enough."""
    has_dropped_photos = drop_unused_photos(connection, digests)
    return has_dropped_photos and not waits_for_photos(connection, sorted(serial_numbers))
