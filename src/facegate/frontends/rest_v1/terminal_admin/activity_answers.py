"""What /v1 answers about the activity of terminals."""

import json
from collections.abc import Callable
from datetime import datetime

from pydantic import Field

from facegate.domain.terminals import codes
from facegate.domain.terminals.activity import Activity, ActivityKind, SnapshotCheck, SnapshotVerdict
from facegate.domain.terminals.devices import Terminal
from facegate.frontends.rest_v1.answers import AnswerModel

FindTerminal = Callable[[str], Terminal | None]


class SnapshotCheckAnswer(AnswerModel):
    """What our own engine saw on the terminal's picture, which is not kept."""

    verdict: SnapshotVerdict
    subject_id: str | None = Field(description="Whom it shows; null when that is not known.")
    similarity: float | None
    live_probability: float | None


class ActivityAnswer(AnswerModel):
    """One record. Codes are as the terminal sent them; the labels are how they are usually meant."""

    activity_id: int
    serial_number: str
    kind: ActivityKind = Field(description="Only `attendance` counts for a person.")
    enroll_id: int
    alias_id: str
    name: str
    time: str = Field(description="The terminal's own wall clock, as it wrote it.")
    occurred_at: datetime | None = Field(description="The same moment; null when it cannot be read.")
    received_at: datetime
    mode: int
    mode_label: str
    in_out: int
    in_out_label: str
    event: int
    event_label: str
    verify_mode: int | None
    temperature_c: float | None
    note: dict[str, object]
    has_snapshot: bool = Field(description="Whether a picture came with it; pictures are not kept.")
    check: SnapshotCheckAnswer | None = Field(description="null when the picture was not looked at.")


class ActivityPage(AnswerModel):
    """Records in the order asked for; `next_after` is null when there are no more for now."""

    activity: list[ActivityAnswer]
    next_after: int | None


def activity_answer(activity: Activity, find_terminal: FindTerminal) -> ActivityAnswer:
    """A record as it is answered; the terminal has a say in what its codes mean."""
    record = activity.record
    return ActivityAnswer(
        activity_id=activity.activity_id,
        serial_number=activity.serial_number,
        kind=record.kind,
        enroll_id=record.enroll_id,
        alias_id=record.alias_id,
        name=record.name,
        time=record.time_text,
        occurred_at=activity.occurred_at,
        received_at=activity.received_at,
        mode=record.mode,
        mode_label=mode_label(activity, find_terminal),
        in_out=record.in_out,
        in_out_label=codes.in_out_label(record.in_out),
        event=record.event,
        event_label=codes.event_label(record.enroll_id, record.event),
        verify_mode=record.verify_mode,
        temperature_c=record.temperature_c,
        note=_note(record.note),
        has_snapshot=activity.has_snapshot,
        check=None if activity.check is None else _check(activity.check),
    )


def mode_label(activity: Activity, find_terminal: FindTerminal) -> str:
    """How the person was recognised, as this terminal means it."""
    terminal = find_terminal(activity.serial_number)
    if terminal is None:
        return codes.mode_label(activity.record.mode, {})
    return codes.mode_label(activity.record.mode, terminal.mode_labels, terminal.info.count("fpsize"))


def _note(text: str) -> dict[str, object]:
    try:
        note = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return note if isinstance(note, dict) else {}


def _check(check: SnapshotCheck) -> SnapshotCheckAnswer:
    return SnapshotCheckAnswer(
        verdict=check.verdict,
        subject_id=check.subject_id,
        similarity=check.similarity,
        live_probability=check.live_probability,
    )
