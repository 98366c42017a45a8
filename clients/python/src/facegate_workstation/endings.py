"""Why a connection has ended, and so what the agent does next. No I/O."""

from dataclasses import dataclass
from enum import Enum

from facegate_workstation.messages import Answer, Goodbye, Reason

_TURNED_AWAY, _FULL, _TOO_LARGE = 4001, 4002, 1009

_ASK = "ask the administrator"


class EndKind(str, Enum):
    """Each has a wait of its own, see `Backoff`."""

    LOST = "lost"
    """4000, or the network or the server broke: come back, later each time."""
    FULL = "full"
    """4002: as many connections as the operator allows."""
    TOO_LARGE = "too large"
    """1009: smaller pictures are wanted."""
    UNKNOWN = "unknown"
    """4001: no such client, or a wrong token or address."""
    BLOCKED = "blocked"
    """4001: an administrator has blocked the client."""
    NOT_ADMITTED = "not admitted"
    """HTTP 401 or 403: the door is closed to this address or token."""
    REPLACED = "replaced"
    """4001: another agent has connected in this name. Whoever came back would throw the other one out."""


@dataclass(frozen=True)
class Ending:
    """The end of one connection."""

    kind: EndKind
    why: str

    @property
    def asks_human(self) -> bool:
        """Whether coming back soon is of no use."""
        return self.kind in (EndKind.UNKNOWN, EndKind.BLOCKED, EndKind.NOT_ADMITTED, EndKind.REPLACED)


def ending_of(close_code: int | None, last: Answer | Goodbye | None) -> Ending:
    """What a close code means, with the last thing that the server said."""
    if close_code == _TURNED_AWAY:
        return _turned_away(last)
    said = last.message if isinstance(last, Goodbye) else ""
    if close_code == _FULL:
        return Ending(EndKind.FULL, said or "the server is at full capacity")
    if close_code == _TOO_LARGE:
        return Ending(EndKind.TOO_LARGE, "the server takes no picture of this size")
    return Ending(EndKind.LOST, said or f"the connection was lost (code {close_code or 1006})")


def ending_of_handshake(status_code: int) -> Ending:
    """What it means that the server answered the opening request with an HTTP status."""
    if status_code in (401, 403):
        why = f"the server does not let this machine in (HTTP {status_code}): {_ASK}"
        return Ending(EndKind.NOT_ADMITTED, why)
    return Ending(EndKind.LOST, f"no presence door answers at this address (HTTP {status_code})")


def _turned_away(last: Answer | Goodbye | None) -> Ending:
    if isinstance(last, Goodbye):
        return Ending(
            EndKind.REPLACED, f"{last.message or 'turned away'}: is another agent running as this user?"
        )
    if last is not None and last.reason == Reason.BLOCKED_CLIENT:
        return Ending(EndKind.BLOCKED, f"an administrator has blocked this client: {_ASK}")
    why = f"no such client, or a wrong token or address: {_ASK}"
    return Ending(EndKind.UNKNOWN, why)
