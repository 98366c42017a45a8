"""Messages between processes that are late, unreadable or meant for somebody who has gone."""

import asyncio
import json
import logging
import random
from collections.abc import Mapping

import pytest
from tests.contracts.command_buses import TestLink, echo, stay_silent
from tests.contracts.redis_servers import client_of, no_keys_left, redis_options, require_redis
from tests.fakes.enrolments import later
from tests.unit.adapters.redis_bus.redis_process import PATIENCE_S, Process, two_processes, until

from facegate.adapters.redis_bus import RedisOptions, RedisTimings
from facegate.domain.errors import BusFailed, CommandTimedOut
from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.commands import CommandReply, DeviceCommand, make_command


@pytest.fixture
def options() -> RedisOptions:
    require_redis()
    return redis_options()


def entry(kind: str, body: object) -> Mapping[str, str]:
    return {"kind": kind, "body": body if isinstance(body, str) else json.dumps(body)}


def request(to: str, request_id: str, timeout_s: float) -> dict[str, object]:
    fields = {"password": "12345678"}
    return {
        "id": request_id,
        "sender": to,
        "sn": "A1",
        "word": "setuserinfo",
        "fields": fields,
        "timeout_s": timeout_s,
    }


def test_a_request_whose_time_is_over_by_the_clock_of_redis_is_not_done(options: RedisOptions) -> None:
    async def scenario() -> None:
        process = Process(options, "here")
        async with no_keys_left(options), client_of(options) as client, process.bus.running():
            link = TestLink("A1")
            await process.bus.attach(link)
            inbox_id = process.links.inbox_id
            key = options.key("inbox", inbox_id)
            seconds, _ = await client.time()
            async with client.pipeline() as pipeline:
                # An entry's id is when it was sent.
                sent_ms = (seconds - 20) * 1000
                pipeline.xadd(key, entry("request", request(inbox_id, "old", 10.0)), id=f"{sent_ms}-1")  # type: ignore[arg-type]
                pipeline.xadd(key, entry("request", request(inbox_id, "new", 30.0)), id=f"{sent_ms}-2")  # type: ignore[arg-type]
                pipeline.pexpire(key, 10_000)
                await pipeline.execute()
            await link.was_reached.wait()

            async def is_empty() -> bool:
                return await client.xlen(key) == 0

            await until(is_empty)
            (done,) = link.commands
            assert 5 < done.timeout_s < 10.5

    asyncio.run(scenario())


def test_what_cannot_be_read_is_dropped_and_not_logged(
    options: RedisOptions, caplog: pytest.LogCaptureFixture
) -> None:
    broken = [
        entry("request", "{"),
        entry("request", [1]),
        entry("request", {"id": "x", "secret": "12345678"}),
        entry("request", "[" * 100_000),
        entry("answer", {"id": "nobody-waits", "reply": {}}),
        entry("answer", {"id": "x", "error": "12345678"}),
        entry("lost", {}),
        entry("lost", {"sn": "A1", "link": "of-somebody-else"}),
        entry("cancel", {"id": "unknown"}),
        entry("from-the-future", {}),
        {"other": "12345678"},
    ]

    async def scenario() -> None:
        async with (
            no_keys_left(options),
            two_processes(options) as (here, there),
            client_of(options) as client,
        ):
            await here.bus.attach(TestLink("A1"))
            for one in broken:
                await client.xadd(options.key("inbox", here.links.inbox_id), dict(one))  # type: ignore[arg-type]
            for text in ("{", "[1]", '["x",[[1,2]]]', '["x",[[1,"a","A1","never",{}]]]', "[" * 100_000):
                await client.publish(options.key("events"), text)
            reply = await there.bus.call("A1", make_command("gettime", {"number": 1}))
            assert reply["echo"] == {"number": 1}
            async with here.feed.listening() as events:
                wanted = TerminalEvent("activity", "A1", later(1), {"number": 1})
                await there.feed.publish(wanted)
                async with asyncio.timeout(PATIENCE_S):
                    assert await anext(events) == wanted

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scenario())
    assert "cannot be read" in caplog.text
    assert "12345678" not in caplog.text


def test_a_link_that_breaks_is_answered_for_at_once(
    options: RedisOptions, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down(_: DeviceCommand) -> CommandReply:
        raise ZeroDivisionError

    async def scenario() -> None:
        async with no_keys_left(options), two_processes(options) as (here, there):
            await here.bus.attach(TestLink("A1", break_down))
            with pytest.raises(BusFailed):
                await there.bus.call("A1", make_command("gettime", timeout_s=3600))

    asyncio.run(scenario())
    assert "ZeroDivisionError" in caplog.text


def test_a_terminal_that_says_nothing_times_out_in_both_processes(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with no_keys_left(options), two_processes(options) as (here, there):
            link = TestLink("A1", stay_silent)
            await here.bus.attach(link)
            with pytest.raises(CommandTimedOut):
                await there.bus.call("A1", make_command("gettime", timeout_s=0.05))

    asyncio.run(scenario())


def test_a_caller_that_gives_up_ends_the_waiting_in_the_other_process(options: RedisOptions) -> None:
    async def scenario() -> None:
        async with no_keys_left(options), two_processes(options) as (here, there):
            link = TestLink("A1", stay_silent)
            await here.bus.attach(link)
            call = asyncio.create_task(there.bus.call("A1", make_command("gettime", timeout_s=3600)))
            await link.was_reached.wait()
            call.cancel()

            async def is_over() -> bool:
                return link.pending_count == 0

            await until(is_over)
            with pytest.raises(asyncio.CancelledError):
                await call

    asyncio.run(scenario())


def test_no_caller_gets_a_foreign_answer_whatever_the_others_do(options: RedisOptions) -> None:
    chance = random.Random(7)  # noqa: S311 - a fixed sequence, nothing secret

    async def answer_sometimes(command: DeviceCommand) -> CommandReply:
        what = chance.random()
        if what < 0.1:
            raise CommandTimedOut("the terminal did not answer in time")
        await asyncio.sleep(what / 100)
        return await echo(command)

    async def scenario() -> None:
        answered = 0
        # On a machine with other work Redis may answer late, which is not what this is about.
        patient = RedisTimings(answer_s=20.0)
        async with no_keys_left(options), two_processes(options, patient) as (here, there):
            for number in range(10):
                bus = here.bus if number % 2 else there.bus
                await bus.attach(TestLink(f"T{number}", answer_sometimes))

            async def ask(number: int) -> None:
                nonlocal answered
                bus = here.bus if number % 3 else there.bus
                command = make_command("gettime", {"number": number}, timeout_s=chance.choice([0.004, 30]))
                try:
                    reply = await bus.call(f"T{number % 10}", command)
                except CommandTimedOut:
                    return
                assert reply["echo"] == {"number": number}
                answered += 1

            calls = [asyncio.create_task(ask(number)) for number in range(400)]
            await asyncio.sleep(0.01)
            for call in chance.sample(calls, 40):
                call.cancel()
            ends = await asyncio.gather(*calls, return_exceptions=True)
            strange = [end for end in ends if isinstance(end, Exception)]
            assert strange == []
            assert answered > 50

    asyncio.run(scenario())
