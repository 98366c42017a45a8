"""How enrolments and placements look as rows, and what becomes of an enrolment that comes again."""

import hashlib
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import from_us, optional_time, optional_us, storable, to_us
from facegate.adapters.sql_store.statements import check_integers
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment

_WAITING = ReviewStatus.WAITING.value

_WITHOUT_PHOTO = (PlacementState.PLACED, PlacementState.UNWANTED)


def photo_digest(photo: bytes | None) -> str | None:
    """What tells photos apart; None for none."""
    return None if photo is None else hashlib.sha256(photo).hexdigest()


def enrolment_row(enrolment: TerminalEnrolment) -> dict[str, Any]:
    """The row of one that nothing is known of yet.

    Raises:
        InvalidInput: an id cannot be stored.
    """
    check_storable([enrolment.serial_number, enrolment.subject_id or ""])
    check_integers(enrolment.enroll_id, enrolment.backup_number)
    return {
        "serial_number": enrolment.serial_number,
        "enroll_id": enrolment.enroll_id,
        "backup_number": enrolment.backup_number,
        "name": storable(enrolment.name),
        "status": enrolment.status.value,
        "photo_digest": photo_digest(enrolment.photo),
        "subject_id": enrolment.subject_id,
        "received_at_us": to_us(enrolment.received_at),
        "decided_at_us": optional_us(enrolment.decided_at),
        "is_administrator": enrolment.is_administrator,
    }


def merged_row(known: Row[Any] | None, new: dict[str, Any]) -> dict[str, Any] | None:
    """What to write where `known` stands; None for nothing.

    One that was decided and comes again with its photo stays decided. A decision about one that a newer
    enrolment has replaced meanwhile does not decide the newer one, whose photo nobody saw.
    """
    if known is None:
        return new
    was_waiting = known.status == _WAITING
    if new["status"] == _WAITING:
        if known.photo_digest != new["photo_digest"]:
            return new
        # Not younger for coming again: a decision that is being made is about this one, too.
        return new | {"received_at_us": known.received_at_us} if was_waiting else None
    if was_waiting and known.received_at_us > new["received_at_us"]:
        return None
    return new | {"photo_digest": new["photo_digest"] or known.photo_digest}


def enrolment_of(row: Row[Any], *, photo: bytes | None = None) -> TerminalEnrolment:
    """A row as enrolment, with this photo."""
    return TerminalEnrolment(
        serial_number=row.serial_number,
        enroll_id=row.enroll_id,
        backup_number=row.backup_number,
        name=row.name,
        received_at=from_us(row.received_at_us),
        status=ReviewStatus(row.status),
        photo=photo,
        subject_id=row.subject_id,
        decided_at=optional_time(row.decided_at_us),
        is_administrator=row.is_administrator,
    )


def placement_row(placement: Placement) -> dict[str, Any]:
    """The row; its photo is kept while there is somebody to show it to.

    Raises:
        InvalidInput: an id cannot be stored.
    """
    check_storable([placement.serial_number, placement.subject_id])
    check_integers(placement.enroll_id)
    keeps_photo = placement.state not in _WITHOUT_PHOTO
    return {
        "serial_number": placement.serial_number,
        "enroll_id": placement.enroll_id,
        "subject_id": placement.subject_id,
        "name": storable(placement.name),
        "state": placement.state.value,
        "photo_digest": photo_digest(placement.photo) if keeps_photo else None,
        "changed_at_us": to_us(placement.changed_at),
        "attempt_count": placement.attempt_count,
        "last_error": storable(placement.last_error),
        "was_placed": placement.was_placed,
    }


def placement_of(row: Row[Any]) -> Placement:
    """A row as placement, without its photo."""
    return Placement(
        serial_number=row.serial_number,
        enroll_id=row.enroll_id,
        subject_id=row.subject_id,
        name=row.name,
        state=PlacementState(row.state),
        changed_at=from_us(row.changed_at_us),
        attempt_count=row.attempt_count,
        last_error=row.last_error,
        was_placed=row.was_placed,
    )


def without_photo(placement: Placement) -> Placement:
    """As lists show it."""
    return replace(placement, photo=None)
