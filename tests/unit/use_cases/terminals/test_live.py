"""Who is connected, and what those who listen are told of it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.contracts.command_buses import TestLink
from tests.fakes.gallery import FakeClock

from facegate.adapters.local_bus import LocalBus, LocalFeed
from facegate.domain.errors import TerminalOffline
from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.commands import make_command
from facegate.use_cases.terminals.live import LiveTerminals


def heard_during(scenario: Callable[[LiveTerminals, LocalBus], Awaitable[None]]) -> list[str]:
    """The names of the events of terminal A1 meanwhile."""

    async def listened() -> list[str]:
        bus, clock = LocalBus(), FakeClock()
        live = LiveTerminals(bus, LocalFeed(), clock)
        names: list[str] = []
        async with live.listening() as events:
            await scenario(live, bus)
            await live.publish(TerminalEvent("end", "A1", clock.now_utc()))
            async for event in events:
                assert (event.serial_number, event.at) == ("A1", clock.now_utc())
                if event.name == "end":
                    break
                names.append(event.name)
        return names

    return asyncio.run(listened())


def test_connecting_and_leaving_are_told() -> None:
    async def scenario(live: LiveTerminals, bus: LocalBus) -> None:
        link = TestLink("A1")
        await live.attach(link)
        assert list(await live.connected()) == ["A1"]
        assert (await bus.call("A1", make_command("gettime")))["result"] is True
        await live.detach(link)
        assert await live.connected() == {}
        with pytest.raises(TerminalOffline):
            await bus.call("A1", make_command("gettime"))

    assert heard_during(scenario) == ["connected", "disconnected"]


def test_the_end_of_a_replaced_connection_is_no_news() -> None:
    async def scenario(live: LiveTerminals, bus: LocalBus) -> None:
        older, newer = TestLink("A1"), TestLink("A1")
        await live.attach(older)
        await live.attach(newer)
        await live.detach(older)
        await bus.call("A1", make_command("gettime"))
        assert len(newer.commands) == 1
        await live.detach(older)
        await live.detach(newer)
        await live.detach(newer)

    assert heard_during(scenario) == ["connected", "connected", "disconnected"]


def test_the_end_of_a_connection_that_another_process_replaced_is_no_news() -> None:
    async def scenario(live: LiveTerminals, bus: LocalBus) -> None:
        other = LiveTerminals(bus, LocalFeed(), FakeClock())
        older, newer = TestLink("A1"), TestLink("A1")
        await live.attach(older)
        await other.attach(newer)
        await live.detach(older)
        assert list(await live.connected()) == ["A1"]
        await other.detach(newer)

    assert heard_during(scenario) == ["connected"]
