"""The durable list of terminals."""

from collections.abc import Callable, Sequence
from typing import Protocol

from facegate.domain.terminals.devices import Terminal


class TerminalStore(Protocol):
    """Every write is durable when the method returns, and is one transaction.

    Safe to call from several threads. Every method may raise StoreFailed.
    """

    def list_terminals(self) -> list[Terminal]:
        """All of them, in order of serial number (code points)."""
        ...

    def save_terminals(self, terminals: Sequence[Terminal]) -> None:
        """Adds or replaces these; `created_at` of one that is known stays as it is."""
        ...

    def change_terminal(self, serial_number: str, change: Callable[[Terminal], Terminal]) -> Terminal | None:
        """What `change` made of the terminal, kept; None when there is none.

        No other change comes between.
        """
        ...

    def remove_terminal(self, serial_number: str) -> bool:
        """False when there was none. Its activity stays, its placements and waiting enrolments go."""
        ...
