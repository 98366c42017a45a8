"""What the protocol knows of a connection: its state, its limits, the request in work."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from facegate.domain.terminals.devices import AccessEncoding
from facegate.frontends.terminals.messages import Request


class ConnectionState(StrEnum):
    """`waiting` for a registration that is accepted, then `registered`, then `ended` for good."""

    WAITING = "waiting"
    REGISTERED = "registered"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, twice: monotonic seconds for measuring, and an aware time for answers."""

    at_s: float
    utc: datetime


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Times in seconds; an idle time-out of 0 never closes.

    Attributes:
        command_delay_s: Between the answer to the first registration and the first command.
        same_word_pause_s: Between an answer and the next command of that word; what comes in between is a
            repetition and reaches nobody.
        late_answer_s: So long the answer to a command that timed out may still come.
        answer_timeout_s: A request that could not be served by then is refused; the terminal sends it again.
            Below the 20 s after which terminals give up the connection.
        reboot_grace_s: So long a terminal that was told to restart may take to end the connection.
        max_bad_messages: So many unusable ones within `bad_window_s` end the connection.
        max_prolonging_refusals: So many refused registrations begin the time for registering anew.
        max_refused_numbers: One more different serial number that is refused ends the connection.
    """

    registration_timeout_s: float = 30.0
    idle_timeout_s: float = 0.0
    command_delay_s: float = 0.5
    same_word_pause_s: float = 0.1
    late_answer_s: float = 120.0
    answer_timeout_s: float = 15.0
    reboot_grace_s: float = 5.0
    max_waiting_commands: int = 100
    max_waiting_requests: int = 20
    max_message_bytes: int = 8 * 2**20
    max_bad_messages: int = 100
    bad_window_s: float = 10.0
    max_prolonging_refusals: int = 3
    max_refused_numbers: int = 2


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What answers to one terminal depend on."""

    serial_number: str
    zone: tzinfo
    access_encoding: AccessEncoding = AccessEncoding.INTEGER


@dataclass(slots=True)
class RequestInWork:
    """A terminal's request whose answer is being found; it was taken up at `begun_s`."""

    request_id: int
    request: Request = field(repr=False)
    begun_s: float


class BadMessages:
    """Tells firmware that stumbles now and then from a flood."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._window_s = limits.bad_window_s
        self._at_s: deque[float] = deque(maxlen=limits.max_bad_messages)

    def is_flood(self, now_s: float) -> bool:
        """Counts one more; whether there were too many in too short a time."""
        self._at_s.append(now_s)
        return len(self._at_s) == self._at_s.maxlen and now_s - self._at_s[0] <= self._window_s
