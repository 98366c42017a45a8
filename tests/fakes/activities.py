"""Activity for tests."""

from datetime import UTC, datetime, timedelta

from facegate.domain.terminals.activity import Activity, ActivityRecord, NewActivity

START_AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def record_number(number: int, **changes: object) -> ActivityRecord:
    """Different for different numbers."""
    at = START_AT + timedelta(seconds=number)
    known: dict[str, object] = {
        "enroll_id": 1 + number % 7,
        "time_text": at.strftime("%Y-%m-%d %H:%M:%S"),
        "mode": 8,
        "name": f"Person {number % 7}",
    }
    return ActivityRecord(**{**known, **changes})  # type: ignore[arg-type]


def new_activity(number: int, serial_number: str = "SN1", **changes: object) -> NewActivity:
    """On its way into the store."""
    at = START_AT + timedelta(seconds=number)
    return NewActivity(serial_number, record_number(number, **changes), at, at)


def activity(number: int, serial_number: str = "SN1", **changes: object) -> Activity:
    """As the store gives it back."""
    at = START_AT + timedelta(seconds=number)
    return Activity(number, serial_number, record_number(number, **changes), at, at, has_snapshot=False)
