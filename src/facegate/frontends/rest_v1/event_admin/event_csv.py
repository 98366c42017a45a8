"""Events as a table for spreadsheets."""

import json
from collections.abc import Iterable

from facegate.domain.events.event import Event
from facegate.frontends.rest_v1.event_admin.answers import FindName
from facegate.frontends.rest_v1.tables import csv_lines, safe_cell

COLUMNS = (
    "event_id",
    "kind",
    "door",
    "occurred_at",
    "ended_at",
    "place_id",
    "place_name",
    "subject_id",
    "display_name",
    "band",
    "confidence",
    "similarity",
    "review",
    "has_shot",
    "facts",
)


def csv_head() -> str:
    """The line with the columns' names."""
    return csv_lines([COLUMNS])


def csv_rows(events: Iterable[Event], find_name: FindName) -> str:
    """One line per event."""
    return csv_lines(_row(event, find_name) for event in events)


def _row(event: Event, find_name: FindName) -> tuple[str | int | float | None, ...]:
    name = None if event.subject_id is None else find_name(event.subject_id)
    return (
        event.event_id,
        event.kind.value,
        event.door.value,
        event.occurred_at.isoformat(),
        None if event.ended_at is None else event.ended_at.isoformat(),
        safe_cell(event.place_id),
        safe_cell(event.place_name),
        safe_cell(event.subject_id or ""),
        safe_cell(name or ""),
        None if event.band is None else event.band.value,
        event.confidence,
        event.similarity,
        event.review.value,
        int(event.has_shot),
        safe_cell(json.dumps(dict(event.facts), ensure_ascii=False)),
    )
