"""Where the agent is, as the contract's diagram names it."""

from dataclasses import dataclass
from enum import Enum


class State(str, Enum):
    """`stopped` is the diagram's end; the others have the contract's names."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    PROCESSING = "processing"
    PAUSED = "paused"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    STOPPED = "stopped"


@dataclass(frozen=True)
class StateChange:
    """The agent is in this state now."""

    state: State
    why: str = ""
    retry_in_s: float | None = None
    """When it connects again; None while it is connected or at work on it, and at the end."""
