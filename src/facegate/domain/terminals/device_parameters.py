"""Parameters of terminals and doors: what may be written, and which of those that are read are secrets."""

import re
from collections.abc import Mapping

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.commands import CommandReply

MASK = "***"

_SECRET_NAME = re.compile(r"pass(word|wd)|secret|^pwd$", re.IGNORECASE)
_NO_PARAMETERS = frozenset({"cmd", "ret", "sn", "result", "devinfo"})

_DEVICE_RANGES: Mapping[str, tuple[int, int]] = {
    "language": (0, 18),
    "volume": (0, 10),
    "screensaver": (0, 255),
    "verifymode": (0, 4),
    "sleep": (0, 1),
    "userfpnum": (1, 10),
    "reverifytime": (0, 255),
}
"""What the paper says of these; other firmware has other names, which go through unchecked."""

_LOCK_RANGES: Mapping[str, tuple[int, int]] = {
    "opendelay": (0, 255),
    "doorsensor": (0, 2),
    "alarmdelay": (0, 255),
    "threat": (0, 3),
    "InputAlarm": (0, 2),
    "antpass": (0, 2),
    "interlock": (0, 1),
    "mutiopen": (0, 4),
    "tryalarm": (0, 10),
    "tamper": (0, 1),
    "wgformat": (0, 1),
    "wgoutput": (0, 2),
    "cardoutput": (0, 1),
}

_LOCK_LISTS: Mapping[str, int] = {
    "dayzone": 8,
    "weekzone": 8,
    "lockgroup": 8,
    "nopentime": 7,
    "visitortime": 7,
}
"""With the most entries each may have."""


def device_parameters(reply: CommandReply) -> dict[str, object]:
    """The parameters in a reply, flat or nested, with `***` for passwords that are set."""
    nested = reply.get("devinfo")
    given = {**reply, **nested} if isinstance(nested, Mapping) else reply
    return {name: mask_secret(name, value) for name, value in given.items() if name not in _NO_PARAMETERS}


def is_secret_name(name: str) -> bool:
    """Whether a parameter of that name is a password or the like."""
    return _SECRET_NAME.search(name) is not None


def mask_secret(name: str, value: object) -> object:
    """The value, or `***` for a password that is set."""
    return MASK if is_secret_name(name) and value not in ("", None, 0) else value


def check_device_parameters(parameters: Mapping[str, object]) -> None:
    """Raises InvalidInput for nothing, for a value out of its range and for a mask in place of a password."""
    _check_names(parameters)
    for name, value in parameters.items():
        if value == MASK:
            raise InvalidInput(f"{name} holds the mask that hides a secret: leave it out", field=name)
        _check_range(name, value, _DEVICE_RANGES)


def check_lock_parameters(parameters: Mapping[str, object]) -> None:
    """Raises InvalidInput for nothing, for a name that nobody knows and for a value out of its range."""
    _check_names(parameters)
    for name, value in parameters.items():
        if name in _LOCK_LISTS:
            if not isinstance(value, list | tuple) or len(value) > _LOCK_LISTS[name]:
                raise InvalidInput(f"{name} is a list of at most {_LOCK_LISTS[name]}", field=name)
        elif name in _LOCK_RANGES:
            _check_range(name, value, _LOCK_RANGES)
        else:
            raise InvalidInput("no such parameter of a door is known: send it as a plain command", field=name)


def _check_names(parameters: Mapping[str, object]) -> None:
    if not parameters:
        raise InvalidInput("nothing to change was given", field="parameters")
    for name in parameters:
        if name in _NO_PARAMETERS or not name:
            raise InvalidInput("this is no parameter of a terminal", field=name or "parameters")


def _check_range(name: str, value: object, ranges: Mapping[str, tuple[int, int]]) -> None:
    """Terminals take booleans for 0 and 1."""
    if name not in ranges:
        return
    lowest, highest = ranges[name]
    if not isinstance(value, int) or not lowest <= value <= highest:
        raise InvalidInput(f"{name} is a whole number from {lowest} to {highest}", field=name)
