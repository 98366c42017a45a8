"""What the protocol wants done, in order. The session does it and tells the outcome back."""

from dataclasses import dataclass, field
from enum import StrEnum

from facegate.domain.errors import FacegateError
from facegate.domain.terminals.activity import Scan
from facegate.domain.terminals.commands import CommandReply
from facegate.domain.terminals.devices import DeviceInfo
from facegate.frontends.terminals.messages import CloseCode, CodeScan, Message, UserPush


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message. With a `call_id` it is a command: `written` is to follow."""

    message: Message = field(repr=False)
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class Admit:
    """Ask whether this terminal is let in: `admitted`, `turned_away` or `failed` is to follow."""

    request_id: int
    serial_number: str
    info: DeviceInfo


@dataclass(frozen=True, slots=True)
class Attach:
    """From now on commands for this terminal come here."""

    serial_number: str


@dataclass(frozen=True, slots=True)
class Detach:
    """They come here no more."""


@dataclass(frozen=True, slots=True)
class Store:
    """Store these durably: `stored` or `failed` is to follow.

    `decide` is the one fresh scan on which the terminal may wait for a decision.
    """

    request_id: int
    scans: tuple[Scan, ...]
    decide: Scan | None = None


@dataclass(frozen=True, slots=True)
class Enrol:
    """Keep this enrolment durably: `enrolled` or `failed` is to follow."""

    request_id: int
    push: UserPush


@dataclass(frozen=True, slots=True)
class Judge:
    """Decide on this code: `judged` or `failed` is to follow."""

    request_id: int
    scan: CodeScan


@dataclass(frozen=True, slots=True)
class Finish:
    """Whoever made this call gets the reply or the error."""

    call_id: int
    outcome: CommandReply | FacegateError = field(repr=False)


class NoteKind(StrEnum):
    """What the operator may have to know."""

    UNUSABLE = "a message that cannot be used was passed over"
    BAD_REQUEST = "a request that does not say what it has to was refused"
    UNKEPT = "a message was acknowledged of which nothing is kept"
    BAD_RECORDS = "records that cannot be read were acknowledged, so that the terminal goes on"
    UNKNOWN_WORD = "a word that we do not know was acknowledged"
    LATE_ANSWER = "an answer that came too late was dropped"
    UNASKED_ANSWER = "an answer to nothing that was asked was dropped"
    TIMED_OUT = "a command was not answered in time"
    REQUEST_TOO_SLOW = "a message could not be served in time and was refused"


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the log; `detail` is a word, a number or a sentence of ours, never what a person entered."""

    kind: NoteKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket; nothing comes after this."""

    code: CloseCode
    reason: str


Effect = Send | Admit | Attach | Detach | Store | Enrol | Judge | Finish | Note | Close
