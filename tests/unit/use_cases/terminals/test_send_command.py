"""Sending commands: what is tried again, what is asked first, what goes through untouched."""

import asyncio

import pytest
from tests.contracts.command_buses import TestLink, echo
from tests.unit.use_cases.terminals.one_terminal import Wired, with_terminal

from facegate.domain.errors import CommandTimedOut, InvalidInput, TerminalNotFound, TerminalOffline
from facegate.domain.terminals.commands import COMMAND_SPECS, CommandReply, DeviceCommand, make_command
from facegate.use_cases.terminals.send_command import CommandOptions

IDEMPOTENT = sorted(word for word, spec in COMMAND_SPECS.items() if spec.is_idempotent)
ONCE = sorted(word for word, spec in COMMAND_SPECS.items() if not spec.is_idempotent)


def silent_for(tries: int) -> TestLink:
    async def answer(command: DeviceCommand) -> CommandReply:
        if len(link.commands) <= tries:
            raise CommandTimedOut("no answer came in time")
        return await echo(command)

    link = TestLink("A1", answer)
    return link


def test_a_refusal_is_an_answer() -> None:
    async def refuse(command: DeviceCommand) -> CommandReply:
        return {"ret": command.word, "result": False, "reason": 1}

    async def scenario(wired: Wired) -> None:
        reply = await wired.send("A1", make_command("opendoor"))
        assert reply == {"ret": "opendoor", "result": False, "reason": 1}

    with_terminal(TestLink("A1", refuse), scenario)


@pytest.mark.parametrize("word", IDEMPOTENT)
def test_what_does_no_harm_twice_is_sent_again(word: str) -> None:
    link = silent_for(2)

    async def scenario(wired: Wired) -> None:
        command = make_command(word, {"enrollid": 4})
        assert (await wired.send("A1", command))["ret"] == word
        assert link.commands == [command] * 3

    with_terminal(link, scenario, CommandOptions(retries=2))


def test_after_the_last_try_the_caller_hears_of_it() -> None:
    link = silent_for(5)

    async def scenario(wired: Wired) -> None:
        with pytest.raises(CommandTimedOut):
            await wired.send("A1", make_command("gettime"))
        assert len(link.commands) == 2

    with_terminal(link, scenario, CommandOptions(retries=1))


@pytest.mark.parametrize("word", [*ONCE, "somethingnew"])
def test_what_could_do_harm_twice_is_sent_once(word: str) -> None:
    link = silent_for(1)

    async def scenario(wired: Wired) -> None:
        with pytest.raises(CommandTimedOut):
            await wired.send("A1", make_command(word), is_confirmed=True)
        assert len(link.commands) == 1

    with_terminal(link, scenario, CommandOptions(retries=5))


@pytest.mark.parametrize("word", sorted(word for word, spec in COMMAND_SPECS.items() if spec.is_destructive))
def test_what_destroys_asks_for_a_confirmation(word: str) -> None:
    link = TestLink("A1")

    async def scenario(wired: Wired) -> None:
        with pytest.raises(InvalidInput, match=word):
            await wired.send("A1", make_command(word))
        assert link.commands == []
        await wired.send("A1", make_command(word), is_confirmed=True)
        assert len(link.commands) == 1

    with_terminal(link, scenario)


def test_unknown_and_offline_terminals_are_told_apart() -> None:
    async def scenario(wired: Wired) -> None:
        with pytest.raises(TerminalNotFound):
            await wired.send("C3", make_command("gettime"))
        with pytest.raises(TerminalOffline):
            await wired.send("B2", make_command("gettime"))
        with pytest.raises(TerminalOffline):
            await wired.send.pass_through("C3", {"cmd": "gettime"}, timeout_s=1)

    with_terminal(None, scenario)


def test_a_terminal_that_only_another_process_registered_is_reached() -> None:
    async def scenario(wired: Wired) -> None:
        await wired.bus.attach(TestLink("C3"))
        assert (await wired.send("C3", make_command("gettime")))["result"] is True

    with_terminal(None, scenario)


def test_the_serial_number_goes_with_commands_when_wanted() -> None:
    link = TestLink("A1")

    async def scenario(wired: Wired) -> None:
        await wired.send("A1", make_command("gettime"))
        await wired.send("A1", make_command("gettime", {"sn": "as given"}))
        assert [command.body() for command in link.commands] == [
            {"cmd": "gettime", "sn": "A1"},
            {"cmd": "gettime", "sn": "as given"},
        ]

    with_terminal(link, scenario, CommandOptions(add_serial_number=True))


def test_a_push_goes_through_unchanged_and_once() -> None:
    link = silent_for(1)
    body = {"sn": "A1", "cmd": "getuserinfo", "enrollid": 4, "extra": [None, {"a": 1.5}]}

    async def scenario(wired: Wired) -> None:
        with pytest.raises(CommandTimedOut):
            await wired.send.pass_through("A1", body, timeout_s=2.5)
        assert [command.body() for command in link.commands] == [body]
        assert link.commands[0].timeout_s == 2.5
        reboot = await wired.send.pass_through("A1", {"cmd": "initsys"}, timeout_s=1)
        assert reboot["ret"] == "initsys"

    with_terminal(link, scenario, CommandOptions(retries=3, add_serial_number=True))


@pytest.mark.parametrize("word", [None, "", 7, "x" * 65, "caf\u00e9", "a\nb"])
def test_a_push_needs_a_word(word: object) -> None:
    link = TestLink("A1")

    async def scenario(wired: Wired) -> None:
        with pytest.raises(InvalidInput):
            await wired.send.pass_through("A1", {"sn": "A1", "cmd": word}, timeout_s=1)
        assert link.commands == []

    with_terminal(link, scenario)


def test_a_caller_that_gives_up_is_no_longer_tried_for() -> None:
    started = asyncio.Event()

    async def hang(_: DeviceCommand) -> CommandReply:
        started.set()
        await asyncio.Event().wait()
        return {}

    link = TestLink("A1", hang)

    async def scenario(wired: Wired) -> None:
        asking = asyncio.create_task(wired.send("A1", make_command("gettime")))
        await started.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (len(link.commands), link.pending_count) == (1, 0)

    with_terminal(link, scenario, CommandOptions(retries=3))
