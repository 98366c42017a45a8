"""Commands about a terminal itself, its door and its clock, with their parameters checked.

Those about people are in `user_commands`. Words that only one source knows, or on which sources contradict
each other (`lockctrl`), have no typed form: they go through as they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.commands import DeviceCommand, make_command
from facegate.domain.terminals.device_clock import cloud_time
from facegate.domain.terminals.device_parameters import check_device_parameters, check_lock_parameters

MAX_HOLIDAYS = 30
MAX_SCHEDULES = 8
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True, slots=True)
class Holiday:
    """From `start_day` to `end_day`, both `MM-DD`, in every year."""

    name: str
    start_day: str
    end_day: str
    shift: int = 0
    day_zone: int = 0


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What the terminal asks at a scan; a schedule is `HH:MM-HH:MM*n`, n the number of an item, 0 none."""

    title: str
    items: tuple[str, ...]
    is_single_choice: bool = True
    is_used: bool = True
    schedules: tuple[str, ...] = ()
    asks_for_card: bool = False


def open_door(door_number: int | None = None) -> DeviceCommand:
    """Without a number the only door; 1 to 4 on controllers."""
    if door_number is None:
        return make_command("opendoor")
    if not 1 <= door_number <= 4:
        raise InvalidInput("a door is 1 to 4", field="door_number")
    return make_command("opendoor", {"doornum": door_number})


def set_time(moment: datetime, zone: tzinfo) -> DeviceCommand:
    """The terminal's clock shows this moment in that zone."""
    return make_command("settime", {"cloudtime": cloud_time(moment, zone)})


def get_time() -> DeviceCommand:
    """What the terminal's clock shows."""
    return make_command("gettime")


def get_device_info() -> DeviceCommand:
    """All parameters, passwords among them: `device_parameters` reads the reply without them."""
    return make_command("getdevinfo")


def set_device_info(parameters: Mapping[str, object]) -> DeviceCommand:
    """Changes only these. Names differ by firmware: read first, then write with the names that were read.

    Raises:
        InvalidInput: nothing to change, a value out of its range, or a mask in place of a password.
    """
    check_device_parameters(parameters)
    return make_command("setdevinfo", parameters)


def get_capacities() -> DeviceCommand:
    """How many users, faces and logs fit."""
    return make_command("getdevcap")


def get_door_lock() -> DeviceCommand:
    """The door's parameters and time zones."""
    return make_command("getdevlock")


def set_door_lock(parameters: Mapping[str, object]) -> DeviceCommand:
    """Changes only these, by the wire's names such as `opendelay` (seconds) and `dayzone`.

    Raises:
        InvalidInput: a name that nobody knows, or a value out of its range.
    """
    check_lock_parameters(parameters)
    return make_command("setdevlock", parameters)


def disable_device() -> DeviceCommand:
    """Recognition pauses."""
    return make_command("disabledevice")


def enable_device() -> DeviceCommand:
    """Recognition goes on."""
    return make_command("enabledevice")


def reboot() -> DeviceCommand:
    """No answer comes; the connection ends. Needs a confirmation."""
    return make_command("reboot")


def clean_log() -> DeviceCommand:
    """Deletes every record on the terminal. Needs a confirmation."""
    return make_command("cleanlog")


def clean_users() -> DeviceCommand:
    """Deletes everybody on the terminal. Needs a confirmation."""
    return make_command("cleanuser")


def clean_administrators() -> DeviceCommand:
    """Administrators become users: anybody may then enter the menu. Needs a confirmation."""
    return make_command("cleanadmin")


def clean_user_locks() -> DeviceCommand:
    """Everybody's time limits go. Needs a confirmation."""
    return make_command("cleanuserlock")


def initialise() -> DeviceCommand:
    """Deletes all users and records; settings stay. Needs a confirmation."""
    return make_command("initsys")


def get_holidays() -> DeviceCommand:
    """The list of holidays."""
    return make_command("getholiday", {"stn": True})


def set_holidays(holidays: Sequence[Holiday]) -> DeviceCommand:
    """Replaces the list.

    Raises:
        InvalidInput: more than 30, or a day that is not `MM-DD`.
    """
    if len(holidays) > MAX_HOLIDAYS:
        raise InvalidInput(f"a terminal has at most {MAX_HOLIDAYS} holidays", field="holidays")
    for holiday in holidays:
        if not _MONTH_DAY.fullmatch(holiday.start_day) or not _MONTH_DAY.fullmatch(holiday.end_day):
            raise InvalidInput("the days of a holiday are MM-DD", field="holidays")
    return make_command(
        "setholiday",
        {
            "holidays": [
                {
                    "name": one.name,
                    "startday": one.start_day,
                    "endday": one.end_day,
                    "shift": one.shift,
                    "dayzone": one.day_zone,
                }
                for one in holidays
            ]
        },
    )


def get_questionnaire() -> DeviceCommand:
    """What the terminal asks at a scan."""
    return make_command("getquestionnaire", {"stn": True})


def set_questionnaire(questionnaire: Questionnaire) -> DeviceCommand:
    """Replaces it; 16 items where one is chosen, 8 where several are.

    Raises:
        InvalidInput: too many items or schedules.
    """
    max_items = 16 if questionnaire.is_single_choice else 8
    if len(questionnaire.items) > max_items or len(questionnaire.schedules) > MAX_SCHEDULES:
        raise InvalidInput(
            f"at most {max_items} items and {MAX_SCHEDULES} schedules fit", field="questionnaire"
        )
    fields: dict[str, object] = {
        "title": questionnaire.title,
        "radio": questionnaire.is_single_choice,
        "usequestion": questionnaire.is_used,
        "useschedule": bool(questionnaire.schedules),
        "card": int(questionnaire.asks_for_card),
        "items": list(questionnaire.items),
    }
    if questionnaire.schedules:
        fields["schedules"] = list(questionnaire.schedules)
    return make_command("setquestionnaire", fields)
