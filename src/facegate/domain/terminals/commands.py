"""What can be asked of a terminal: the words, how long they may take, which may be sent twice.

From the protocol's sources; docs/protocols/terminals.md says which word rests on which. Any other word may be
sent too, with the timings of one that nobody knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from facegate.domain.errors import InvalidInput

MAX_WORD_CHARS = 64

SHORT_TIMEOUT_S = 10.0
LONG_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """How a word is treated.

    `is_idempotent` ones are sent again after a time-out; `has_reply` is False for `reboot` alone.
    `is_destructive` ones ask for an explicit confirmation at our own doors.
    """

    timeout_s: float = SHORT_TIMEOUT_S
    is_idempotent: bool = False
    is_destructive: bool = False
    has_reply: bool = True


_READ = CommandSpec(is_idempotent=True)
_WRITE = CommandSpec(is_idempotent=True)
# Not idempotent: sending it again would turn the page.
_PAGES = CommandSpec(timeout_s=LONG_TIMEOUT_S)

COMMAND_SPECS: Mapping[str, CommandSpec] = {
    "getuserlist": _PAGES,
    "getnewlog": _PAGES,
    "getalllog": _PAGES,
    "getuserinfo": CommandSpec(timeout_s=LONG_TIMEOUT_S, is_idempotent=True),
    "setuserinfo": CommandSpec(timeout_s=LONG_TIMEOUT_S, is_idempotent=True),
    "deleteuser": _WRITE,
    "getusername": _READ,
    "setusername": _WRITE,
    "enableuser": _WRITE,
    "cleanuser": CommandSpec(is_destructive=True),
    "cleanlog": CommandSpec(is_destructive=True),
    "initsys": CommandSpec(is_destructive=True),
    "cleanadmin": CommandSpec(is_destructive=True),
    "reboot": CommandSpec(is_destructive=True, has_reply=False),
    "settime": _WRITE,
    "gettime": _READ,
    "getdevinfo": _READ,
    "setdevinfo": _WRITE,
    "opendoor": CommandSpec(),
    "getdevlock": _READ,
    "setdevlock": _WRITE,
    "getuserlock": _READ,
    "setuserlock": _WRITE,
    "deleteuserlock": _WRITE,
    "cleanuserlock": CommandSpec(is_destructive=True),
    "disabledevice": _WRITE,
    "enabledevice": _WRITE,
    "getholiday": CommandSpec(is_idempotent=True),
    "setholiday": _WRITE,
    "getquestionnaire": CommandSpec(is_idempotent=True),
    "setquestionnaire": _WRITE,
    "adduser": CommandSpec(),
    "getdevcap": _READ,
    "getuserprofile": _READ,
    "setuserprofile": _WRITE,
    "lockctrl": CommandSpec(),
}

_UNKNOWN_WORD = CommandSpec()


def spec_of(word: str) -> CommandSpec:
    """How this word is treated, known or not."""
    return COMMAND_SPECS.get(word, _UNKNOWN_WORD)


@dataclass(frozen=True, slots=True)
class DeviceCommand:
    """A command with its parameters, which may be any JSON. Photos and passwords among them are not shown."""

    word: str
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)
    timeout_s: float = SHORT_TIMEOUT_S

    def body(self) -> dict[str, object]:
        """The JSON object for the terminal."""
        return {"cmd": self.word, **{name: value for name, value in self.fields.items() if name != "cmd"}}


def make_command(
    word: str, fields: Mapping[str, object] | None = None, *, timeout_s: float | None = None
) -> DeviceCommand:
    """A command with the time-out of its word unless another is given.

    Raises:
        InvalidInput: the word is empty, longer than 64 characters or not printable ASCII.
    """
    if not 0 < len(word) <= MAX_WORD_CHARS or not word.isascii() or not word.isprintable():
        raise InvalidInput("a command is a word of 1 to 64 printable ASCII characters", field="cmd")
    limit_s = spec_of(word).timeout_s if timeout_s is None else timeout_s
    return DeviceCommand(word, dict(fields or {}), limit_s)


CommandReply = Mapping[str, object]
"""The terminal's answer as it came, `ret` and `result` included."""


def has_succeeded(reply: CommandReply) -> bool:
    """Whether the terminal did it: `result` true, or no `result` and no `reason`."""
    result = reply.get("result")
    if result is None:
        return "reason" not in reply
    return bool(result) and result not in ("false", "0")
