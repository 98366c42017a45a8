"""Events of terminals as text: one line of JSON each."""

import json
from dataclasses import dataclass

from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.event_backlog import MISSED_EVENT


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Empty and None do not restrict. That events were missed is always told."""

    serial_number: str | None = None
    names: frozenset[str] = frozenset()

    def lets_pass(self, event: TerminalEvent) -> bool:
        """Whether the listener wants to hear of it."""
        if event.name == MISSED_EVENT:
            return True
        is_wanted_terminal = self.serial_number is None or event.serial_number == self.serial_number
        return is_wanted_terminal and (not self.names or event.name in self.names)


def event_text(event: TerminalEvent) -> str:
    """One event in the format of server-sent events; its data is one line of JSON."""
    data = {
        "name": event.name,
        "serial_number": event.serial_number,
        "at": event.at.isoformat(),
        "facts": dict(event.facts),
    }
    return f"event: {event.name}\ndata: {json.dumps(data)}\n\n"
