"""Redis that is away, dies, hangs or cuts connections: what still works, what fails, and that it heals."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.command_buses import TestLink, echo
from tests.fakes.enrolments import later
from tests.unit.adapters.redis_bus.redis_process import (
    PATIENCE_S,
    Process,
    RedisProcess,
    redis_process,
    two_processes,
    until,
    until_connected,
    until_up,
)

from facegate.adapters.redis_bus import RedisOptions
from facegate.domain.errors import BusFailed
from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.commands import CommandReply, DeviceCommand, make_command

GET_TIME = make_command("gettime", {"number": 1}, timeout_s=PATIENCE_S)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisProcess]:
    with redis_process(tmp_path) as process:
        yield process


def event(number: int) -> TerminalEvent:
    return TerminalEvent("activity", "A1", later(number), {"number": number})


class Gate:
    """A terminal that answers when it is let."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.link = TestLink("A1", self._answer)

    async def _answer(self, command: DeviceCommand) -> CommandReply:
        await self.is_open.wait()
        return await echo(command)


def test_without_redis_a_process_serves_its_own_terminals_and_finds_the_others_when_it_comes(
    server: RedisProcess,
) -> None:
    async def scenario() -> None:
        async with two_processes(server.options) as (here, there):
            await here.bus.attach(TestLink("A1"))
            await there.bus.attach(TestLink("B2"))
            assert (await here.bus.call("A1", GET_TIME))["result"] is True
            for failing in (here.bus.call("B2", GET_TIME), here.bus.connected()):
                with pytest.raises(BusFailed):
                    await failing
            server.start()
            await until_up(here, there)
            await until_connected(here, "A1", "B2")
            assert (await here.bus.call("B2", GET_TIME))["result"] is True
            assert (await there.bus.call("A1", GET_TIME))["result"] is True

    asyncio.run(scenario())


def test_after_a_restart_of_redis_everything_is_found_again(server: RedisProcess) -> None:
    server.start()

    async def scenario() -> None:
        async with two_processes(server.options) as (here, there):
            await here.bus.attach(TestLink("A1"))
            assert (await there.bus.call("A1", GET_TIME))["result"] is True
            server.kill()
            await until_up(here, there, is_up=False)
            assert (await here.bus.call("A1", GET_TIME))["result"] is True
            with pytest.raises(BusFailed):
                await there.bus.call("A1", GET_TIME)
            server.start()
            await until_up(here, there)
            await until_connected(there, "A1")
            assert (await there.bus.call("A1", GET_TIME))["result"] is True

    asyncio.run(scenario())


def test_who_waits_for_an_answer_learns_of_the_outage_and_does_not_wait_for_the_time_out(
    server: RedisProcess,
) -> None:
    server.start()

    async def scenario() -> None:
        async with two_processes(server.options) as (here, there):
            gate = Gate()
            await here.bus.attach(gate.link)
            waiting = asyncio.create_task(there.bus.call("A1", make_command("gettime", timeout_s=3600)))
            await gate.link.was_reached.wait()
            server.kill()
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(BusFailed):
                    await waiting
            gate.is_open.set()

    asyncio.run(scenario())


def test_answers_lost_in_a_restart_that_nobody_noticed_are_not_waited_for(server: RedisProcess) -> None:
    server.start()

    async def scenario() -> None:
        async with two_processes(server.options) as (here, there), server.client() as client:
            gate = Gate()
            await here.bus.attach(gate.link)
            waiting = asyncio.create_task(there.bus.call("A1", make_command("gettime", timeout_s=3600)))
            await gate.link.was_reached.wait()
            # As a restart in no time: all forgotten, all connections cut, and whoever looks finds it there.
            await client.flushall()
            await client.client_kill_filter(_type="normal", skipme=True)
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(BusFailed):
                    await waiting
            gate.is_open.set()
            await until_connected(there, "A1")
            assert (await there.bus.call("A1", GET_TIME))["result"] is True

    asyncio.run(scenario())


def test_cut_connections_lose_no_answer(server: RedisProcess) -> None:
    server.start()

    async def scenario() -> None:
        async with two_processes(server.options) as (here, there), server.client() as client:
            gate = Gate()
            await here.bus.attach(gate.link)
            waiting = asyncio.create_task(there.bus.call("A1", GET_TIME))
            await gate.link.was_reached.wait()
            for _ in range(3):
                await client.client_kill_filter(_type="normal", skipme=True)
                await asyncio.sleep(0.05)
            gate.is_open.set()
            assert (await waiting)["echo"] == GET_TIME.fields
            assert [one.word for one in gate.link.commands] == ["gettime"]

    asyncio.run(scenario())


def test_what_could_not_be_deleted_is_not_received_twice(
    server: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    server.start()

    async def scenario() -> None:
        async with two_processes(server.options) as (here, there), server.client() as client:
            gate = Gate()
            await here.bus.attach(gate.link)
            await client.acl_setuser("default", enabled=True, nopass=True, commands=["-xdel"])
            waiting = asyncio.create_task(there.bus.call("A1", GET_TIME))

            async def was_read_again() -> bool:
                return caplog.text.count("refused a command") >= 3

            await until(was_read_again)
            await client.acl_setuser("default", enabled=True, nopass=True, commands=["+xdel"])
            gate.is_open.set()
            assert (await waiting)["echo"] == GET_TIME.fields
            assert len(gate.link.commands) == 1

    asyncio.run(scenario())


def test_a_redis_that_hangs_counts_as_away(server: RedisProcess) -> None:
    server.start()

    async def scenario() -> None:
        async with two_processes(server.options) as (here, there):
            await here.bus.attach(TestLink("A1"))
            server.freeze()
            try:
                calls = [there.bus.call("A1", make_command("gettime", timeout_s=3600)) for _ in range(40)]
                assert {type(end) for end in await asyncio.gather(*calls, return_exceptions=True)} == {
                    BusFailed
                }
                assert (await here.bus.call("A1", GET_TIME))["result"] is True
                await until_up(here, there, is_up=False)
            finally:
                server.thaw()
            await until_up(here, there)
            await until_connected(there, "A1")
            assert (await there.bus.call("A1", GET_TIME))["result"] is True

    asyncio.run(scenario())


def test_after_an_outage_the_newest_link_has_the_terminal_whoever_claims_first(server: RedisProcess) -> None:
    server.start()

    async def scenario() -> None:
        async with two_processes(server.options) as (here, there):
            older, newer = TestLink("A1"), TestLink("A1")
            await here.bus.attach(older)
            server.kill()
            await until_up(here, there, is_up=False)
            await asyncio.sleep(0.05)
            await there.bus.attach(newer)
            server.start()
            await until_up(here, there)

            async def is_forgotten() -> bool:
                return here.bus.leases.link_of("A1") is None

            await until(is_forgotten)
            for bus in (here.bus, there.bus):
                await bus.call("A1", GET_TIME)
            assert [len(link.commands) for link in (older, newer)] == [0, 2]

    asyncio.run(scenario())


def test_events_reach_their_own_process_without_redis_and_the_others_learn_how_many_they_missed(
    server: RedisProcess,
) -> None:
    server.start()

    async def scenario() -> None:
        async with (
            two_processes(server.options) as (here, there),
            here.feed.listening() as near,
            there.feed.listening() as far,
        ):
            await here.feed.publish(event(1))
            async with asyncio.timeout(PATIENCE_S):
                assert [await anext(near), await anext(far)] == [event(1), event(1)]
            server.kill()
            await until_up(here, there, is_up=False)
            for number in (2, 3, 4):
                await here.feed.publish(event(number))
            async with asyncio.timeout(PATIENCE_S):
                assert [await anext(near) for _ in range(3)] == [event(2), event(3), event(4)]
            server.start()
            await until_up(here, there)
            # Enters when the subscription stands again.
            async with there.feed.listening():
                await here.feed.publish(event(5))
            async with asyncio.timeout(PATIENCE_S):
                missed, last = await anext(far), await anext(far)
            assert (missed.name, missed.facts) == ("missed", {"count": 3})
            assert last == event(5)

    asyncio.run(scenario())


def test_a_wrong_password_is_told_in_the_log_and_the_password_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_process(tmp_path, password="right-secret") as server:
        server.start()
        options = RedisOptions("127.0.0.1", server.port, password="wrong-secret")

        async def scenario() -> None:
            process = Process(options, "here")
            async with process.bus.running():
                await process.bus.attach(TestLink("A1"))
                with pytest.raises(BusFailed):
                    await process.bus.connected()
                assert (await process.bus.call("A1", GET_TIME))["result"] is True

        with caplog.at_level(logging.DEBUG):
            asyncio.run(scenario())
        assert "FACEGATE_REDIS__PASSWORD" in caplog.text
        assert "secret" not in caplog.text + repr(options)


def test_with_the_right_password_it_works(tmp_path: Path) -> None:
    with redis_process(tmp_path, password="right-secret") as server:
        server.start()

        async def scenario() -> None:
            async with two_processes(server.options) as (here, there):
                await here.bus.attach(TestLink("A1"))
                assert (await there.bus.call("A1", GET_TIME))["result"] is True

        asyncio.run(scenario())
