"""What goes over a terminal's socket: what it may send, and the exact form of what it is told.

Every message is one JSON object. `translate.py` reads them; nothing here knows a network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from facegate.domain.terminals.activity import Scan
from facegate.domain.terminals.devices import AccessEncoding, DeviceInfo

Message = Mapping[str, object]
"""An object on its way to a terminal."""

BAD_REQUEST = 1
"""The one `reason` that every source knows."""

NOT_REGISTERED = "did not reg"
"""The paper's own text for who did not register."""


class CloseCode(IntEnum):
    """With what a socket is closed; all of the WebSocket protocol itself."""

    NORMAL = 1000
    GOING_AWAY = 1001
    POLICY = 1008
    TOO_BIG = 1009
    TRY_AGAIN_LATER = 1013


@dataclass(frozen=True, slots=True)
class Registration:
    """`reg`. `serial_number` is None where the message holds no possible one."""

    serial_number: str | None
    info: DeviceInfo


@dataclass(frozen=True, slots=True)
class LogBatch:
    """`sendlog`. `echo` is what the answer repeats as it came: `count` and `logindex`, where present."""

    scans: tuple[Scan, ...]
    bad_count: int
    echo: Mapping[str, int | str | float]


@dataclass(frozen=True, slots=True)
class UserPush:
    """`senduser`: somebody was enrolled on the terminal. Of credentials only a photo is read."""

    enroll_id: int
    backup_number: int
    name: str
    is_administrator: bool
    photo: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeScan:
    """`sendqrcode` or `sendpin`: a code that the server is to judge."""

    word: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """Any other `cmd`, known or not; from some firmware the answer to a command of ours."""

    word: str
    body: Message = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadRequest:
    """A request that was recognised but does not say what it has to."""

    word: str
    why: str


@dataclass(frozen=True, slots=True)
class Unkept:
    """A request that says what we have no place for. Refused, it would come again for ever."""

    word: str
    why: str


@dataclass(frozen=True, slots=True)
class DeviceAnswer:
    """A `ret`: the answer to a command of ours."""

    word: str
    body: Message = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unusable:
    """No JSON, no object, or neither `cmd` nor `ret`. It gets no answer."""

    why: str


Request = Registration | LogBatch | UserPush | CodeScan | OtherRequest | BadRequest | Unkept
Incoming = Request | DeviceAnswer | Unusable


def word_of(request: Request) -> str:
    """The word that an answer to it has to repeat."""
    match request:
        case Registration():
            return "reg"
        case LogBatch():
            return "sendlog"
        case UserPush():
            return "senduser"
        case _:
            return request.word


def refused(word: str, reason: int | str = BAD_REQUEST) -> Message:
    """Nothing was done; the terminal keeps what it sent."""
    return {"ret": word, "result": False, "reason": reason}


def done(word: str, cloud_time: str) -> Message:
    """It was done; the terminal takes over the time."""
    return {"ret": word, "result": True, "cloudtime": cloud_time}


def registered(cloud_time: str, *, ask_for_users: bool) -> Message:
    """Welcome; `nosenduser` is False where terminals are to send whom they have enrolled."""
    return {**done("reg", cloud_time), "nosenduser": not ask_for_users}


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """The decision in the encoding that the terminal obeys."""

    is_granted: bool
    message: str
    encoding: AccessEncoding

    def fields(self) -> dict[str, object]:
        """`access`, and `message` where there is one."""
        as_number = self.encoding is AccessEncoding.INTEGER
        fields: dict[str, object] = {"access": int(self.is_granted) if as_number else self.is_granted}
        if self.message:
            fields["message"] = self.message
        return fields


def log_stored(batch: LogBatch, cloud_time: str, access: AccessAnswer | None) -> Message:
    """All records are stored; `access` only for one fresh record."""
    answer = {"ret": "sendlog", "result": True, **batch.echo, "cloudtime": cloud_time}
    return {**answer, **(access.fields() if access is not None else {})}


def code_judged(word: str, access: AccessAnswer) -> Message:
    """Whether the code opens."""
    return {"ret": word, "result": True, **access.fields()}


def acknowledged(word: str) -> Message:
    """A word that we do not know was heard: without any answer terminals stop."""
    return {"ret": word, "result": True}
