"""Scripts of the old server: they push to `{prefix}_{sn}_OUT` and pop from `{prefix}_{sn}_IN`."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
from tests.contracts.command_buses import TestLink, echo
from tests.contracts.redis_servers import client_of, no_keys_left, redis_options, require_redis
from tests.unit.adapters.redis_bus.redis_process import (
    PATIENCE_S,
    QUICK,
    Process,
    RedisProcess,
    redis_process,
    until,
    until_up,
)

from facegate.adapters.redis_bus import ListBridge, RedisOptions
from facegate.adapters.redis_bus.list_bridge import MAX_KEPT_ANSWERS
from facegate.domain.errors import CommandTimedOut, EngineOverloaded
from facegate.domain.terminals.commands import CommandReply, DeviceCommand, make_command

PATIENT = replace(QUICK, block_s=60.0)
"""Longer than any test waits: nothing may depend on a pop that ends because its time is over."""


class OldScript:
    """What a script does, with the names of section 10 of the reference."""

    def __init__(self, client: redis.asyncio.Redis, prefix: str) -> None:
        self.client: Any = client
        self._prefix = prefix

    def out_key(self, serial_number: str) -> str:
        return f"{self._prefix}_{serial_number}_OUT"

    def in_key(self, serial_number: str) -> str:
        return f"{self._prefix}_{serial_number}_IN"

    async def push(self, serial_number: str, **body: object) -> None:
        await self.client.rpush(self.out_key(serial_number), json.dumps({"sn": serial_number, **body}))

    async def pop(self, serial_number: str) -> dict[str, Any]:
        popped = await self.client.blpop([self.in_key(serial_number)], timeout=PATIENCE_S)
        assert popped is not None, "no answer came"
        found: dict[str, Any] = json.loads(popped[1])
        return found

    async def waiting(self, serial_number: str) -> list[int]:
        texts = await self.client.lrange(self.out_key(serial_number), 0, -1)
        return [json.loads(text)["number"] for text in texts]

    async def end(self) -> None:
        keys = [key async for key in self.client.scan_iter(f"{self._prefix}_*")]
        if keys:
            await self.client.delete(*keys)


@pytest.fixture
def options() -> RedisOptions:
    require_redis()
    options = redis_options()
    return replace(options, list_prefix=options.namespace.replace("facegate", "old"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisProcess]:
    with redis_process(tmp_path) as process:
        process.start()
        yield process


def with_lists(options: RedisOptions, name: str) -> Process:
    process = Process(options, name, PATIENT)
    ListBridge(process.links, process.bus)
    return process


@asynccontextmanager
async def opened(options: RedisOptions) -> AsyncIterator[tuple[OldScript, Process, Process]]:
    here, there = with_lists(options, "here"), with_lists(options, "there")
    async with no_keys_left(options), client_of(options) as client:
        script = OldScript(client, options.list_prefix or "")
        try:
            async with here.bus.running(), there.bus.running():
                yield script, here, there
        finally:
            await script.end()


def test_a_pushed_command_reaches_the_terminal_unchanged_and_its_answer_comes_back(
    options: RedisOptions,
) -> None:
    async def scenario() -> None:
        async with opened(options) as (script, here, there):
            near, far = TestLink("A1"), TestLink("B2")
            await here.bus.attach(near)
            await there.bus.attach(far)
            for link in (near, far):
                name = link.serial_number
                await script.push(name, cmd="getuserlist", stn=True)
                echoed = {"sn": name, "stn": True}
                assert await script.pop(name) == {"ret": "getuserlist", "result": True, "echo": echoed}
                assert [one.body() for one in link.commands] == [
                    {"cmd": "getuserlist", "sn": name, "stn": True}
                ]

    asyncio.run(scenario())


def test_commands_wait_for_their_terminal_and_go_in_order(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with opened(options) as (script, here, _):
            for number in range(5):
                await script.push("A1", cmd="gettime", number=number)
            await here.bus.attach(TestLink("other"))
            assert await script.waiting("A1") == [0, 1, 2, 3, 4]
            link = TestLink("A1")
            await here.bus.attach(link)
            answers = [await script.pop("A1") for _ in range(5)]
            assert [answer["echo"]["number"] for answer in answers] == [0, 1, 2, 3, 4]
            assert await script.waiting("A1") == []

    asyncio.run(scenario())


def test_one_command_is_taken_at_a_time_and_the_next_when_it_was_answered(options: RedisOptions) -> None:
    is_open = asyncio.Event()

    async def wait(command: DeviceCommand) -> CommandReply:
        await is_open.wait()
        return await echo(command)

    async def scenario() -> None:
        async with opened(options) as (script, here, _):
            link = TestLink("A1", wait)
            await here.bus.attach(link)
            await here.bus.attach(TestLink("B2"))
            for number in range(3):
                await script.push("A1", cmd="gettime", number=number)
            await link.was_reached.wait()
            await script.push("B2", cmd="gettime", number=7)
            assert (await script.pop("B2"))["echo"]["number"] == 7
            assert await script.waiting("A1") == [1, 2]
            is_open.set()
            assert [(await script.pop("A1"))["echo"]["number"] for _ in range(3)] == [0, 1, 2]
            # And then the list is waited for again.
            await script.push("A1", cmd="gettime", number=3)
            assert (await script.pop("A1"))["echo"]["number"] == 3

    asyncio.run(scenario())


def test_answers_to_other_callers_do_not_go_into_the_list(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with opened(options) as (script, here, there):
            await here.bus.attach(TestLink("A1"))
            for bus in (here.bus, there.bus):
                await bus.call("A1", make_command("gettime", {"number": 1}))
            await script.push("A1", cmd="gettime", number=2)
            assert (await script.pop("A1"))["echo"]["number"] == 2
            assert await script.client.llen(script.in_key("A1")) == 0

    asyncio.run(scenario())


def failing(error: Exception) -> Callable[[DeviceCommand], Awaitable[CommandReply]]:
    async def answer(command: DeviceCommand) -> CommandReply:
        if command.fields["number"] == 1:
            raise error
        return {} if command.word == "reboot" else await echo(command)

    return answer


def test_a_command_without_an_answer_leaves_none_for_the_next(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with opened(options) as (script, here, _):
            await here.bus.attach(TestLink("A1", failing(CommandTimedOut("the terminal did not answer"))))
            await script.push("A1", cmd="gettime", number=1)
            await script.push("A1", cmd="reboot", number=2)
            await script.push("A1", cmd="gettime", number=3)
            assert (await script.pop("A1"))["echo"]["number"] == 3

    asyncio.run(scenario())


def test_a_command_for_which_there_is_no_room_goes_to_the_front_again(options: RedisOptions) -> None:
    was_full = False

    async def be_full_once(command: DeviceCommand) -> CommandReply:
        nonlocal was_full
        if not was_full:
            was_full = True
            raise EngineOverloaded("too many commands wait", retry_after_s=0)
        return await echo(command)

    async def scenario() -> None:
        async with opened(options) as (script, here, _):
            for number in (1, 2):
                await script.push("A1", cmd="gettime", number=number)
            await here.bus.attach(TestLink("A1", be_full_once))
            assert [(await script.pop("A1"))["echo"]["number"] for _ in (1, 2)] == [1, 2]

    asyncio.run(scenario())


def test_what_is_no_command_is_dropped_and_not_logged(
    options: RedisOptions, caplog: pytest.LogCaptureFixture
) -> None:
    broken = ["{", "[1]", '"secret"', '{"sn":"A1"}', '{"cmd":7,"p":"secret"}', '{"cmd":""}', "[" * 100_000]

    async def scenario() -> None:
        async with opened(options) as (script, here, _):
            link = TestLink("A1")
            await here.bus.attach(link)
            for text in (*broken, b"\xff\xfe{"):
                await script.client.rpush(script.out_key("A1"), text)
            await script.push("A1", cmd="gettime", number=1)
            assert (await script.pop("A1"))["echo"]["number"] == 1
            assert len(link.commands) == 1

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scenario())
    assert caplog.text.count("was dropped") == len(broken) + 1
    assert "secret" not in caplog.text


def test_when_the_terminal_has_left_its_commands_stay_for_its_next_connection(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with opened(options) as (script, here, there):
            link = TestLink("A1")
            await here.bus.attach(link)
            await script.push("A1", cmd="gettime", number=0)
            assert (await script.pop("A1"))["echo"]["number"] == 0
            # Until that list is waited for again.
            await asyncio.sleep(0.2)
            await here.bus.detach(link)
            # The pop that is under way may still take one of these: it has to put it back in front.
            for number in (1, 2, 3):
                await script.push("A1", cmd="gettime", number=number)

            async def are_all_there() -> bool:
                return await script.waiting("A1") == [1, 2, 3]

            await until(are_all_there)
            await there.bus.attach(TestLink("A1"))
            assert [(await script.pop("A1"))["echo"]["number"] for _ in range(3)] == [1, 2, 3]
            assert len(link.commands) == 1

    asyncio.run(scenario())


def test_answers_that_nobody_wants_do_not_fill_redis(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with opened(options) as (script, here, _):
            key = script.in_key("A1")
            await script.client.rpush(key, *["{}"] * MAX_KEPT_ANSWERS)
            await here.bus.attach(TestLink("A1"))
            await script.push("A1", cmd="gettime", number=1)

            async def is_answered() -> bool:
                last = json.loads(await script.client.lindex(key, -1))
                return "echo" in last and await script.client.llen(key) == MAX_KEPT_ANSWERS

            await until(is_answered)

    asyncio.run(scenario())


def test_answers_go_by_themselves_a_day_after_the_last_one(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with opened(options) as (script, here, _):
            await here.bus.attach(TestLink("A1"))
            await script.push("A1", cmd="gettime", number=1)

            async def runs_out() -> bool:
                left_s: int = await script.client.ttl(script.in_key("A1"))
                return 0 < left_s <= 24 * 3600

            await until(runs_out)

    asyncio.run(scenario())


def test_many_terminals_that_connect_one_by_one_are_all_served(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with opened(options) as (script, here, there):
            names = [f"T{number}" for number in range(120)]
            for name in names:
                await script.push(name, cmd="gettime", number=1)
            for number, name in enumerate(names):
                await (here if number % 2 else there).bus.attach(TestLink(name))
            for name in names:
                assert (await script.pop(name))["echo"]["sn"] == name

    asyncio.run(scenario())


def test_the_lists_are_served_again_after_a_restart_of_redis(server: RedisProcess) -> None:
    async def scenario() -> None:
        process = with_lists(replace(server.options, list_prefix="old"), "here")
        async with process.bus.running():
            await process.bus.attach(TestLink("A1"))
            server.kill()
            await until_up(process, is_up=False)
            server.start()
            async with server.client() as client:
                script = OldScript(client, "old")
                await script.push("A1", cmd="gettime", number=1)
                assert (await script.pop("A1"))["echo"]["number"] == 1

    asyncio.run(scenario())


def test_without_a_prefix_nothing_is_served(server: RedisProcess) -> None:
    async def scenario() -> None:
        process = with_lists(server.options, "here")
        async with process.bus.running(), server.client() as client:
            link = TestLink("A1")
            await process.bus.attach(link)
            scripts = [OldScript(client, prefix) for prefix in ("", "None", "facegate")]
            for script in scripts:
                await script.push("A1", cmd="gettime", number=1)
            await process.bus.call("A1", make_command("gettime", {"number": 2}))
            assert [await script.waiting("A1") for script in scripts] == [[1]] * 3
            assert len(link.commands) == 1

    asyncio.run(scenario())
