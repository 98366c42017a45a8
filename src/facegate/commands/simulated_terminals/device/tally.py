"""Counts of what one terminal or a fleet did, and the records that a server has acknowledged."""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Tally:
    """What happened so far. `acknowledged` counts each record once, however often it was sent."""

    connections: int = 0
    registrations: int = 0
    refused_registrations: int = 0
    scans: int = 0
    acknowledged: int = 0
    collected: int = 0
    messages_sent: int = 0
    sent_again: int = 0
    refused_messages: int = 0
    wrong_counts: int = 0
    stray_answers: int = 0
    unreadable_messages: int = 0
    commands: int = 0
    unknown_commands: int = 0
    links_lost: int = 0
    access_refused: int = 0

    def add(self, other: "Tally") -> None:
        """Sums up."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
