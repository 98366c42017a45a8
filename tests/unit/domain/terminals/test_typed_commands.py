"""Commands about the terminal itself: what goes out, and what never does."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals import typed_commands as commands
from facegate.domain.terminals.commands import COMMAND_SPECS, DeviceCommand
from facegate.domain.terminals.device_parameters import MASK, device_parameters
from facegate.domain.terminals.typed_commands import Holiday, Questionnaire

NOON = datetime(2026, 7, 4, 12, 0, 0, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (commands.open_door(), {}),
        (commands.open_door(4), {"doornum": 4}),
        (commands.set_time(NOON, ZoneInfo("Europe/Berlin")), {"cloudtime": "2026-07-04 14:00:00"}),
        (commands.set_device_info({"volume": 4, "serververify": 1}), {"volume": 4, "serververify": 1}),
        (commands.set_device_info({"sleep": True}), {"sleep": True}),
        (
            commands.set_door_lock({"opendelay": 5, "weekzone": [{"week": [{"day": 1}]}]}),
            {"opendelay": 5, "weekzone": [{"week": [{"day": 1}]}]},
        ),
        (commands.get_holidays(), {"stn": True}),
        (
            commands.set_holidays([Holiday("h1", "05-01", "05-03")]),
            {"holidays": [{"name": "h1", "startday": "05-01", "endday": "05-03", "shift": 0, "dayzone": 0}]},
        ),
        (
            commands.set_questionnaire(Questionnaire("Why?", ("in", "out"), schedules=("08:00-09:00*1",))),
            {
                "title": "Why?",
                "radio": True,
                "usequestion": True,
                "useschedule": True,
                "card": 0,
                "items": ["in", "out"],
                "schedules": ["08:00-09:00*1"],
            },
        ),
    ],
    ids=lambda value: value.word if isinstance(value, DeviceCommand) else "",
)
def test_parameters_go_out_by_the_names_of_the_wire(
    command: DeviceCommand, fields: dict[str, object]
) -> None:
    assert command.fields == fields
    assert command.word in COMMAND_SPECS


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("gettime", commands.get_time()),
        ("getdevinfo", commands.get_device_info()),
        ("getdevcap", commands.get_capacities()),
        ("getdevlock", commands.get_door_lock()),
        ("disabledevice", commands.disable_device()),
        ("enabledevice", commands.enable_device()),
        ("reboot", commands.reboot()),
        ("cleanlog", commands.clean_log()),
        ("cleanuser", commands.clean_users()),
        ("cleanadmin", commands.clean_administrators()),
        ("cleanuserlock", commands.clean_user_locks()),
        ("initsys", commands.initialise()),
    ],
)
def test_words_without_parameters(word: str, command: DeviceCommand) -> None:
    assert command.body() == {"cmd": word}
    assert command.timeout_s == COMMAND_SPECS[word].timeout_s


@pytest.mark.parametrize("door_number", [0, 5, -1])
def test_there_are_four_doors(door_number: int) -> None:
    with pytest.raises(InvalidInput):
        commands.open_door(door_number)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"volume": 11},
        {"volume": "4"},
        {"language": -1},
        {"cmd": "reboot"},
        {"": 1},
        {"wlanpassword": MASK},
    ],
    ids=str,
)
def test_device_parameters_are_checked(parameters: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        commands.set_device_info(parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"opendelay": -1},
        {"inputalarm": 1},
        {"InputAlarm": 3},
        {"dayzone": {}},
        {"dayzone": [1] * 9},
        {"sn": 1},
    ],
    ids=str,
)
def test_door_parameters_are_checked(parameters: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        commands.set_door_lock(parameters)


def test_lists_are_bounded() -> None:
    holiday = Holiday("h", "12-24", "12-26")
    commands.set_holidays([holiday] * 30)
    with pytest.raises(InvalidInput):
        commands.set_holidays([holiday] * 31)
    for day in ("24-12", "12-32", "00-10", "1-1", "12-24 "):
        with pytest.raises(InvalidInput):
            commands.set_holidays([Holiday("h", "12-24", day)])
    commands.set_questionnaire(Questionnaire("", ("x",) * 16))
    for is_single, count in ((True, 17), (False, 9)):
        with pytest.raises(InvalidInput):
            commands.set_questionnaire(Questionnaire("", ("x",) * count, is_single_choice=is_single))
    with pytest.raises(InvalidInput):
        commands.set_questionnaire(Questionnaire("", (), schedules=("08:00-09:00*1",) * 9))


def test_parameters_are_read_flat_or_nested_and_without_secrets() -> None:
    flat = {"volume": 6, "wlanpassword": "hunter2", "compassword": 0, "excelpassword": "", "usedpwd": 3}
    shown = {"volume": 6, "wlanpassword": MASK, "compassword": 0, "excelpassword": "", "usedpwd": 3}
    assert device_parameters({"ret": "getdevinfo", "sn": "A1", "result": True, **flat}) == shown
    assert device_parameters({"ret": "getdevinfo", "result": True, "devinfo": flat}) == shown
