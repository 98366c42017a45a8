"""What an administrator does with a terminal itself."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from tests.contracts.command_buses import TestLink
from tests.unit.use_cases.terminals.one_terminal import Wired, with_terminal

from facegate.domain.errors import InvalidInput, TerminalRefused
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.domain.terminals.typed_commands import Holiday, Questionnaire
from facegate.use_cases.terminals.actions import ClockReading, TerminalActions


def answering(reply: CommandReply) -> TestLink:
    async def answer(_: DeviceCommand) -> CommandReply:
        return reply

    return TestLink("A1", answer)


def actions_of(wired: Wired) -> TerminalActions:
    return TerminalActions(wired.send, wired.register, wired.clock)


Action = Callable[[TerminalActions], Awaitable[object]]

ACTIONS: dict[str, Action] = {
    "opendoor": lambda actions: actions.open_door("A1", 2),
    "settime": lambda actions: actions.set_time("A1"),
    "gettime": lambda actions: actions.get_time("A1"),
    "getdevinfo": lambda actions: actions.device_info("A1"),
    "setdevinfo": lambda actions: actions.set_device_info("A1", {"volume": 4}),
    "getdevcap": lambda actions: actions.capacities("A1"),
    "getdevlock": lambda actions: actions.door_lock("A1"),
    "setdevlock": lambda actions: actions.set_door_lock("A1", {"opendelay": 4}),
    "disabledevice": lambda actions: actions.disable("A1"),
    "enabledevice": lambda actions: actions.enable("A1"),
    "getholiday": lambda actions: actions.holidays("A1"),
    "setholiday": lambda actions: actions.set_holidays("A1", [Holiday("h", "12-24", "12-26")]),
    "getquestionnaire": lambda actions: actions.questionnaire("A1"),
    "setquestionnaire": lambda actions: actions.set_questionnaire("A1", Questionnaire("?", ("a",))),
}

DESTRUCTIVE: dict[str, Callable[[TerminalActions, bool], Awaitable[object]]] = {
    "reboot": lambda actions, is_confirmed: actions.reboot("A1", is_confirmed=is_confirmed),
    "cleanlog": lambda actions, is_confirmed: actions.clean_log("A1", is_confirmed=is_confirmed),
    "cleanuser": lambda actions, is_confirmed: actions.clean_users("A1", is_confirmed=is_confirmed),
    "cleanadmin": lambda actions, is_confirmed: actions.clean_administrators("A1", is_confirmed=is_confirmed),
    "cleanuserlock": lambda actions, is_confirmed: actions.clean_user_locks("A1", is_confirmed=is_confirmed),
    "initsys": lambda actions, is_confirmed: actions.initialise("A1", is_confirmed=is_confirmed),
}


@pytest.mark.parametrize("word", ACTIONS)
def test_each_action_sends_its_word_and_hears_a_refusal(word: str) -> None:
    link = answering({"ret": word, "result": False, "reason": 1})

    async def scenario(wired: Wired) -> None:
        with pytest.raises(TerminalRefused, match=word):
            await ACTIONS[word](actions_of(wired))
        assert [command.word for command in link.commands] == [word]

    with_terminal(link, scenario)


@pytest.mark.parametrize("word", DESTRUCTIVE)
def test_what_destroys_asks_first(word: str) -> None:
    link = answering({})

    async def scenario(wired: Wired) -> None:
        with pytest.raises(InvalidInput):
            await DESTRUCTIVE[word](actions_of(wired), False)
        assert link.commands == []
        await DESTRUCTIVE[word](actions_of(wired), True)
        assert [command.word for command in link.commands] == [word]

    with_terminal(link, scenario)


def test_the_clock_is_set_and_read_in_the_terminals_own_zone() -> None:
    link = answering({"ret": "gettime", "time": "2026-01-02 08:34:35"})

    async def scenario(wired: Wired) -> None:
        actions = actions_of(wired)
        await actions.set_time("A1")
        await actions.set_time("A1", datetime(2026, 7, 1, 12, tzinfo=UTC))
        assert [command.fields["cloudtime"] for command in link.commands] == [
            "2026-01-02 08:34:05",
            "2026-07-01 17:30:00",
        ]
        reading = await actions.get_time("A1")
        assert reading.time_text == "2026-01-02 08:34:35"
        assert reading.offset_s == pytest.approx(30, abs=1)

    with_terminal(link, scenario)


def test_a_clock_that_tells_nothing_has_no_offset() -> None:
    async def scenario(wired: Wired) -> None:
        assert await actions_of(wired).get_time("A1") == ClockReading("", None)

    with_terminal(answering({"ret": "gettime", "result": True, "time": None}), scenario)


def test_passwords_of_the_terminal_are_not_shown() -> None:
    reply = {"ret": "getdevinfo", "sn": "A1", "result": True, "volume": 6, "wlanpassword": "hunter2"}

    async def scenario(wired: Wired) -> None:
        shown = await actions_of(wired).device_info("A1")
        assert shown == {"volume": 6, "wlanpassword": "***"}
        with pytest.raises(InvalidInput):
            await actions_of(wired).set_device_info("A1", shown)

    with_terminal(answering(reply), scenario)
