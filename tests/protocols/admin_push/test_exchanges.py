"""`POST /admin/push` as scripts know it: a command out, the terminal's own answer back."""

import asyncio
import json
import logging

import httpx
import pytest
from tests.protocols.admin_push.push_door import SERIAL_NUMBER, PushDoor, with_door
from tests.protocols.scripted_terminals import ScriptedTerminal, replies, silence

from facegate.adapters.local_bus import LocalBus
from facegate.domain.errors import BusFailed, TerminalOffline
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.frontends.admin_push.routes import AdminPushOptions

USER_LIST = {
    "ret": "getuserlist",
    "sn": SERIAL_NUMBER,
    "result": True,
    "count": 1,
    "from": 0,
    "to": 1,
    "record": [{"enrollid": 1, "aliasid": "", "admin": "1", "backupnum": 11}],
}
NO_RESPONSE = {"status": "No response."}
BUS_DOWN = "Redis does not answer: look whether it runs"
AT_ONCE = AdminPushOptions(fails_at_once=True)
SHORT = AdminPushOptions(push_timeout_s=0.05)


def told(answer: httpx.Response) -> tuple[int, object]:
    return answer.status_code, answer.json()


def test_the_seeds_own_request() -> None:
    async def scenario(door: PushDoor) -> None:
        terminal = await door.connect(
            ScriptedTerminal(SERIAL_NUMBER, {"getuserlist": lambda command: USER_LIST})
        )
        answer = await door.push({"sn": SERIAL_NUMBER, "cmd": "getuserlist", "stn": True})
        assert told(answer) == (200, USER_LIST)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert terminal.received == [{"sn": SERIAL_NUMBER, "cmd": "getuserlist", "stn": True}]

    with_door(scenario)


def test_any_field_goes_through_unchanged() -> None:
    body = {"sn": SERIAL_NUMBER, "cmd": "newword", "a": [1, {"b": None}], "c": 2.5, "ret": "x", "": "empty"}

    async def scenario(door: PushDoor) -> None:
        terminal = await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"newword": replies()}))
        assert (await door.push(body)).status_code == 200
        assert terminal.received == [body]

    with_door(scenario)


def test_a_refusal_is_an_answer() -> None:
    async def scenario(door: PushDoor) -> None:
        await door.connect(ScriptedTerminal(SERIAL_NUMBER))
        answer = await door.push({"sn": SERIAL_NUMBER, "cmd": "getalluser"})
        refusal = {"ret": "getalluser", "result": False, "reason": 1, "msg": "can not find this command"}
        assert told(answer) == (200, refusal)

    with_door(scenario)


def test_destructive_commands_are_not_asked_about() -> None:
    async def scenario(door: PushDoor) -> None:
        await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"cleanlog": replies()}))
        answer = await door.push({"sn": SERIAL_NUMBER, "cmd": "cleanlog"})
        assert told(answer) == (200, {"ret": "cleanlog", "result": True})

    with_door(scenario)


def test_half_a_character_from_broken_firmware_comes_through() -> None:
    async def scenario(door: PushDoor) -> None:
        await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"getusername": replies(record="\ud83d Ana ö")}))
        answer = await door.push({"sn": SERIAL_NUMBER, "cmd": "getusername", "enrollid": 4})
        assert answer.status_code == 200
        assert json.loads(answer.content)["record"] == "\ud83d Ana ö"

    with_door(scenario)


def test_a_number_as_sn_is_its_digits() -> None:
    async def scenario(door: PushDoor) -> None:
        terminal = await door.connect(ScriptedTerminal("4711", {"gettime": replies(time="x")}))
        assert (await door.push({"sn": 4711, "cmd": "gettime"})).status_code == 200
        assert terminal.received == [{"sn": 4711, "cmd": "gettime"}]

    with_door(scenario)


def test_a_silent_terminal() -> None:
    async def scenario(door: PushDoor) -> None:
        terminal = await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"opendoor": silence}))
        assert told(await door.push({"sn": SERIAL_NUMBER, "cmd": "opendoor"})) == (500, NO_RESPONSE)
        # Never sent again, and nothing is left for the next caller.
        assert terminal.received == [{"sn": SERIAL_NUMBER, "cmd": "opendoor"}]
        terminal.answers["gettime"] = replies(time="now")
        answer = await door.push({"sn": SERIAL_NUMBER, "cmd": "gettime"})
        assert told(answer) == (200, {"ret": "gettime", "result": True, "time": "now"})

    with_door(scenario, SHORT)


@pytest.mark.parametrize("options", [SHORT, AT_ONCE])
def test_nobody_is_connected(options: AdminPushOptions) -> None:
    async def scenario(door: PushDoor) -> None:
        assert told(await door.push({"sn": "NOBODY", "cmd": "gettime"})) == (500, NO_RESPONSE)

    with_door(scenario, options)


def test_a_terminal_that_comes_back_in_time_gets_the_command_once() -> None:
    async def scenario(door: PushDoor) -> None:
        waiting = asyncio.ensure_future(door.push({"sn": SERIAL_NUMBER, "cmd": "opendoor"}))
        other = await door.connect(ScriptedTerminal("OTHER"))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        terminal = await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"opendoor": replies()}))
        assert told(await waiting) == (200, {"ret": "opendoor", "result": True})
        assert (len(terminal.received), other.received) == (1, [])

    with_door(scenario)


def test_a_connection_that_ends_is_told_at_once_and_nothing_is_repeated() -> None:
    async def scenario(door: PushDoor) -> None:
        first = await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"opendoor": silence}))
        waiting = asyncio.ensure_future(door.push({"sn": SERIAL_NUMBER, "cmd": "opendoor"}))
        await first.has_heard.wait()
        second = await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"opendoor": replies()}))
        first.hang_up()
        assert told(await waiting) == (500, NO_RESPONSE)
        assert second.received == []

    with_door(scenario)


def test_callers_get_their_own_answers_and_terminals_do_not_wait_for_each_other() -> None:
    async def echo(command: DeviceCommand) -> CommandReply:
        await asyncio.sleep(0)
        return {"ret": command.word, "mark": command.fields["mark"]}

    async def scenario(door: PushDoor) -> None:
        stuck = await door.connect(ScriptedTerminal("STUCK", {"gettime": silence}))
        for number in range(3):
            await door.connect(ScriptedTerminal(f"SN{number}", {"gettime": echo}))
        blocked = asyncio.ensure_future(door.push({"sn": "STUCK", "cmd": "gettime"}))
        answers = await asyncio.gather(
            *(door.push({"sn": f"SN{mark % 3}", "cmd": "gettime", "mark": mark}) for mark in range(60))
        )
        assert [answer.json()["mark"] for answer in answers] == list(range(60))
        assert not blocked.done()
        stuck.hang_up()
        assert (await blocked).status_code == 500

    with_door(scenario)


def test_reboot_is_answered_at_once_with_no_response() -> None:
    async def scenario(door: PushDoor) -> None:
        terminal = await door.connect(ScriptedTerminal(SERIAL_NUMBER))
        assert told(await door.push({"sn": SERIAL_NUMBER, "cmd": "reboot"})) == (200, NO_RESPONSE)
        assert terminal.received == [{"sn": SERIAL_NUMBER, "cmd": "reboot"}]

    with_door(scenario)


def test_a_reboot_that_reached_nobody_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(door: PushDoor) -> None:
        with caplog.at_level(logging.WARNING, "facegate.admin_push"):
            assert told(await door.push({"sn": "NOBODY", "cmd": "reboot"})) == (200, NO_RESPONSE)
        assert "NOBODY was not rebooted" in caplog.text

    with_door(scenario, SHORT)


def test_a_reboot_of_nobody_can_fail_at_once() -> None:
    async def scenario(door: PushDoor) -> None:
        assert told(await door.push({"sn": "NOBODY", "cmd": "reboot"})) == (500, NO_RESPONSE)

    with_door(scenario, AT_ONCE)


class NobodyCanBeAsked(LocalBus):
    """As the bus of several processes in an outage: its own links still answer."""

    async def is_connected(self, serial_number: str) -> bool:
        raise BusFailed(BUS_DOWN)

    async def call(self, serial_number: str, command: DeviceCommand) -> CommandReply:
        try:
            return await super().call(serial_number, command)
        except TerminalOffline as error:
            raise BusFailed(BUS_DOWN) from error


def test_an_outage_between_the_processes() -> None:
    async def scenario(door: PushDoor) -> None:
        await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"gettime": replies()}))
        assert (await door.push({"sn": SERIAL_NUMBER, "cmd": "gettime"})).status_code == 200
        assert told(await door.push({"sn": "ELSEWHERE", "cmd": "gettime"})) == (500, {"status": BUS_DOWN})

    with_door(scenario, bus=NobodyCanBeAsked())
