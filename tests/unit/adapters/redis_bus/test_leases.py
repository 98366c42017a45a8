"""Who has a terminal, how others learn of it, and that a thousand of them are no burden to Redis."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.command_buses import TestLink, stay_silent
from tests.contracts.redis_servers import client_of, no_keys_left, redis_options, require_redis
from tests.unit.adapters.redis_bus.redis_process import (
    QUICK_RENEWALS,
    Process,
    RedisProcess,
    redis_process,
    two_processes,
    until,
    until_connected,
)

from facegate.adapters.redis_bus import RedisOptions
from facegate.domain.errors import InvalidInput, TerminalOffline
from facegate.domain.terminals.commands import make_command

GET_TIME = make_command("gettime")


@pytest.fixture
def options() -> RedisOptions:
    require_redis()
    return redis_options()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisProcess]:
    with redis_process(tmp_path) as process:
        process.start()
        yield process


def test_a_process_that_was_killed_is_forgotten_when_its_leases_run_out(options: RedisOptions) -> None:
    program = f"""
import asyncio
from tests.contracts.command_buses import TestLink
from tests.unit.adapters.redis_bus.redis_process import Process
from facegate.adapters.redis_bus import RedisOptions, RedisTimings

async def main():
    process = Process({options!r}, "killed", RedisTimings(lease_s=0.5, renewal_s=0.1))
    async with process.bus.running():
        await process.bus.attach(TestLink("A1"))
        print("attached", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""

    async def scenario() -> None:
        survivor = Process(options, "survivor")
        async with no_keys_left(options), survivor.bus.running():
            killed = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                program,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            )
            try:
                assert killed.stdout is not None
                assert await killed.stdout.readline() == b"attached\n"
                assert (await survivor.bus.connected())["A1"].process_id == "killed"
            finally:
                killed.kill()
                await killed.wait()
            await until_connected(survivor)
            with pytest.raises(TerminalOffline):
                await survivor.bus.call("A1", GET_TIME)

    asyncio.run(scenario())


def test_leases_are_renewed_for_as_long_as_the_process_runs(options: RedisOptions) -> None:
    async def scenario() -> None:
        process = Process(options, "here", QUICK_RENEWALS)
        async with no_keys_left(options), process.bus.running(), client_of(options) as client:
            await process.bus.attach(TestLink("A1"))
            key = options.key("terminal", "A1")

            async def is_renewed() -> bool:
                return await client.pttl(key) > 4000

            for _ in range(2):
                await client.pexpire(key, 3000)
                await until(is_renewed)

    asyncio.run(scenario())


def test_a_lease_that_was_lost_is_taken_again(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with (
            no_keys_left(options),
            two_processes(options, QUICK_RENEWALS) as (here, there),
            client_of(options) as client,
        ):
            await here.bus.attach(TestLink("A1"))
            await client.delete(options.key("terminal", "A1"), options.key("terminals"))
            assert (await here.bus.call("A1", GET_TIME))["result"] is True
            assert list(await here.bus.connected()) == ["A1"]
            await until_connected(there, "A1")
            assert (await there.bus.call("A1", GET_TIME))["result"] is True

    asyncio.run(scenario())


def test_a_process_whose_terminal_went_elsewhere_is_told(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with no_keys_left(options), two_processes(options) as (here, there):
            older, newer = TestLink("A1"), TestLink("A1")
            await here.bus.attach(older)
            await there.bus.attach(newer)

            async def is_told() -> bool:
                return here.bus.leases.serial_numbers() == []

            await until(is_told)
            assert (await there.bus.connected())["A1"].process_id == "there"
            assert (len(older.ended), len(newer.ended)) == (1, 0)

    asyncio.run(scenario())


def test_a_call_right_after_the_terminal_went_elsewhere_does_not_reach_the_old_link(
    options: RedisOptions,
) -> None:
    async def scenario() -> None:
        async with no_keys_left(options), two_processes(options) as (here, there):
            links = [TestLink("A1") for _ in range(20)]
            sides = [here, there] * 10
            for link, has_it, had_it in zip(links, sides, sides[1:] + sides[:1], strict=True):
                await has_it.bus.attach(link)
                await had_it.bus.call("A1", GET_TIME)
            assert [len(link.commands) for link in links] == [1] * 20

    asyncio.run(scenario())


@pytest.mark.parametrize("is_newer_first", [True, False])
def test_of_two_processes_that_both_have_a_link_the_newer_one_wins(
    options: RedisOptions, is_newer_first: bool
) -> None:
    async def scenario() -> None:
        older, newer = Process(options, "older"), Process(options, "newer")
        # Attached before they run: as in an outage.
        link = TestLink("A1")
        await older.bus.attach(link)
        await asyncio.sleep(0.05)
        await newer.bus.attach(TestLink("A1"))
        first, second = (newer, older) if is_newer_first else (older, newer)
        async with no_keys_left(options), first.bus.running():
            await until_connected(first, "A1")
            async with second.bus.running():

                async def is_settled() -> bool:
                    return older.bus.leases.serial_numbers() == []

                await until(is_settled)
                assert (await older.bus.connected())["A1"].process_id == "newer"
                assert newer.bus.leases.serial_numbers() == ["A1"]
                assert len(link.ended) == 1

    asyncio.run(scenario())


def test_a_new_connection_takes_over_although_the_clock_of_redis_was_set_back(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with (
            no_keys_left(options),
            two_processes(options) as (here, there),
            client_of(options) as client,
        ):
            await here.bus.attach(TestLink("A1"))
            key = options.key("terminal", "A1")
            since_ms = int(await client.hget(key, "since_ms") or 0)
            await client.hset(key, "since_ms", str(since_ms + 3_600_000))
            link = TestLink("A1")
            await there.bus.attach(link)
            await here.bus.call("A1", GET_TIME)
            assert len(link.commands) == 1

    asyncio.run(scenario())


def test_every_key_runs_out_by_itself(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with (
            no_keys_left(options),
            two_processes(options) as (here, there),
            client_of(options) as client,
        ):
            await here.bus.attach(TestLink("A1", stay_silent))
            call = asyncio.create_task(there.bus.call("A1", make_command("gettime", timeout_s=60)))

            async def is_on_its_way() -> bool:
                return len([key async for key in client.scan_iter(f"{options.namespace}:*")]) >= 5

            await until(is_on_its_way)
            keys = [key async for key in client.scan_iter(f"{options.namespace}:*")]
            assert {await client.pttl(key) > 0 for key in keys} == {True}
            call.cancel()
            await asyncio.wait([call])

    asyncio.run(scenario())


def test_a_process_that_stops_takes_its_terminals_along(options: RedisOptions) -> None:
    async def scenario() -> None:
        here, there = Process(options, "here"), Process(options, "there")
        async with no_keys_left(options), here.bus.running():
            async with there.bus.running():
                await there.bus.attach(TestLink("A1"))
                assert list(await here.bus.connected()) == ["A1"]
            assert await here.bus.connected() == {}

    asyncio.run(scenario())


def test_others_learn_how_many_commands_wait(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with no_keys_left(options), two_processes(options) as (here, there):
            link = TestLink("A1")
            await here.bus.attach(link)
            link.pending_count = 3

            async def is_told() -> bool:
                return (await there.bus.connected())["A1"].pending_count == 3

            await until(is_told)

    asyncio.run(scenario())


def test_two_processes_under_one_name_do_not_get_each_others_messages(options: RedisOptions) -> None:
    async def scenario() -> None:
        one, other = Process(options, "same"), Process(options, "same")
        async with no_keys_left(options), one.bus.running(), other.bus.running():
            await one.bus.attach(TestLink("A1"))
            await other.bus.attach(TestLink("B2"))
            for bus in (one.bus, other.bus):
                for serial_number in ("A1", "B2"):
                    reply = await bus.call(serial_number, make_command("x", {"of": serial_number}))
                    assert reply["echo"] == {"of": serial_number}

    asyncio.run(scenario())


def test_a_process_id_that_would_not_fit_into_a_key_is_refused(options: RedisOptions) -> None:
    for wrong in ("", "a b", "a:b", "x" * 101):
        with pytest.raises(InvalidInput):
            Process(options, wrong)


def test_a_thousand_terminals_are_claimed_and_renewed_in_a_few_round_trips_over_few_connections(
    server: RedisProcess,
) -> None:
    async def scenario() -> None:
        process = Process(server.options, "here", QUICK_RENEWALS)
        links = [TestLink(f"T{number}") for number in range(1000)]
        async with process.bus.running(), server.client() as client:
            await asyncio.gather(*(process.bus.attach(link) for link in links))
            assert len(await process.bus.connected()) == 1000
            await client.delete(*[f"facegate:terminal:{link.serial_number}" for link in links])
            other = Process(server.options, "there")
            async with other.bus.running():

                async def are_renewed() -> bool:
                    return len(await other.bus.connected()) == 1000

                await until(are_renewed)
            stats = await client.info("commandstats")
            assert stats["cmdstat_evalsha"]["calls"] < 150
            assert len(await client.client_list()) <= 25

    asyncio.run(scenario())
