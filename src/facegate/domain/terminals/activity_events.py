"""A stored record as those see it who watch live."""

from facegate.domain.terminals.activity import NewActivity, TerminalEvent
from facegate.domain.terminals.codes import mode_label
from facegate.domain.terminals.devices import Terminal

ACTIVITY_EVENT = "activity"


def activity_event(activity_id: int, new: NewActivity, terminal: Terminal | None) -> TerminalEvent:
    """Codes raw and labelled, as this terminal means them; never the picture."""
    record = new.record
    labels = {} if terminal is None else terminal.mode_labels
    finger_capacity = None if terminal is None else terminal.info.count("fpsize")
    facts: dict[str, object] = {
        "activity_id": activity_id,
        "enroll_id": record.enroll_id,
        "name": record.name,
        "time": record.time_text,
        "kind": record.kind.value,
        "mode": record.mode,
        "mode_label": mode_label(record.mode, labels, finger_capacity),
        "in_out": record.in_out,
        "event": record.event,
    }
    return TerminalEvent(ACTIVITY_EVENT, new.serial_number, new.received_at, facts)
