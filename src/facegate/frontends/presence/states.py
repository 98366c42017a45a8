"""What the protocol knows of a connection: its state, its limits, the frame in work and who is logged in."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from facegate.domain.errors import FacegateError
from facegate.frontends.presence.translate import FrameRequest, Moment

ReadMessage = Callable[[str | bytes, Moment], FrameRequest | None]
"""What a message asks, or None when that cannot be said at once."""


class ConnectionState(StrEnum):
    """The contract's states, and `closed`. `blocked` and `rejected` last until the socket is closed."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    PROCESSING = "processing"
    PAUSED = "paused"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Times in seconds. `max_bad_in_a_row` unusable messages within `bad_window_s` end the connection."""

    first_frame_timeout_s: float = 10.0
    idle_timeout_s: float = 1000.0
    processing_timeout_s: float = 1000.0
    max_message_bytes: int = 16 * 2**20
    max_bad_in_a_row: int = 20
    bad_window_s: float = 10.0


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """The newest message while another one is in work; an error takes the place of one that is too large."""

    content: str | bytes | FacegateError
    arrived: Moment


@dataclass(slots=True)
class FrameInWork:
    """The message that is being worked on. `is_answered` means that it took too long and was told so.

    `picture` is set for the first one of a user, which was decoded from base64 before the log-in.
    """

    frame_id: int
    arrived: Moment
    request: FrameRequest | None = None
    picture: bytes | None = None
    is_tiny: bool = False
    is_answered: bool = False


@dataclass(slots=True)
class LoggedIn:
    """Whose connection it is."""

    client_id: str
    is_paused: bool


class BadMessages:
    """Tells a camera that fails now and then from a flood."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._window_s = limits.bad_window_s
        self._at_s: deque[float] = deque(maxlen=limits.max_bad_in_a_row)

    def is_flood(self, now_s: float) -> bool:
        """Counts one more; whether there were too many in too short a time."""
        self._at_s.append(now_s)
        return len(self._at_s) == self._at_s.maxlen and now_s - self._at_s[0] <= self._window_s

    def clear(self) -> None:
        """A good one ends the row."""
        self._at_s.clear()
