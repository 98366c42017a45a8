"""What every EventFeed promises, whatever carries the messages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.contracts.command_buses import BUS_KINDS, BusKind, Feeds
from tests.fakes.enrolments import later

from facegate.domain.terminals.activity import TerminalEvent

PATIENCE_S = 10.0


@pytest.fixture(params=BUS_KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> BusKind:
    found: BusKind = request.param
    found.require()
    return found


def run(kind: BusKind, scenario: Callable[[Feeds], Awaitable[None]]) -> None:
    async def opened() -> None:
        async with kind.open_feeds() as feeds:
            await scenario(feeds)

    asyncio.run(opened())


def event(number: int, name: str = "activity") -> TerminalEvent:
    return TerminalEvent(name, "A1", later(number), {"number": number, "name": "J\u00fcrgen \U0001f600"})


async def take(events: AsyncIterator[TerminalEvent], count: int) -> list[TerminalEvent]:
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(events) for _ in range(count)]


def test_an_event_reaches_listeners_in_every_process_whole(kind: BusKind) -> None:
    whole = TerminalEvent(
        "check", "A1", later(1), {"a": 1.5, "b": None, "c": True, "d": {"e": [2**60, "x"]}, "f": "\u00e9"}
    )

    async def scenario(feeds: Feeds) -> None:
        async with feeds.here.listening() as here, feeds.there.listening() as there:
            await feeds.here.publish(whole)
            assert await take(here, 1) == [whole]
            assert await take(there, 1) == [whole]

    run(kind, scenario)


def test_events_come_in_order_and_once(kind: BusKind) -> None:
    async def scenario(feeds: Feeds) -> None:
        async with feeds.there.listening() as events:
            wanted = [event(number) for number in range(30)]
            for one in wanted:
                await feeds.here.publish(one)
            assert await take(events, 30) == wanted

    run(kind, scenario)


def test_a_listener_gets_nothing_from_before(kind: BusKind) -> None:
    async def scenario(feeds: Feeds) -> None:
        await feeds.here.publish(event(1))
        async with feeds.here.listening() as events:
            await feeds.here.publish(event(2))
            assert await take(events, 1) == [event(2)]

    run(kind, scenario)


def test_listeners_are_independent(kind: BusKind) -> None:
    async def scenario(feeds: Feeds) -> None:
        async with feeds.here.listening() as stays:
            async with feeds.here.listening() as leaves:
                await feeds.here.publish(event(1))
                assert await take(leaves, 1) == [event(1)]
            await feeds.here.publish(event(2))
            assert await take(stays, 2) == [event(1), event(2)]

    run(kind, scenario)


def test_publishing_to_nobody_is_no_error(kind: BusKind) -> None:
    async def scenario(feeds: Feeds) -> None:
        await feeds.here.publish(event(1))

    run(kind, scenario)


def test_a_wait_that_is_given_up_loses_nothing(kind: BusKind) -> None:
    async def scenario(feeds: Feeds) -> None:
        async with feeds.there.listening() as events:
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(events), 0.001)
            await feeds.here.publish(event(1))
            assert await take(events, 1) == [event(1)]

    run(kind, scenario)


def test_who_is_too_slow_learns_how_many_events_were_missed(kind: BusKind) -> None:
    async def scenario(feeds: Feeds) -> None:
        total = feeds.max_waiting_events * 3
        async with feeds.here.listening() as slow, feeds.here.listening() as quick:
            for number in range(total):
                await feeds.here.publish(event(number))
                assert await take(quick, 1) == [event(number)]
            seen: list[TerminalEvent] = []
            accounted = 0
            while accounted < total:
                (one,) = await take(slow, 1)
                seen.append(one)
                count = one.facts.get("count")
                accounted += count if one.name == "missed" and isinstance(count, int) else 1
            assert accounted == total
            assert [one.name for one in seen].count("missed") == 1
            kept = [one for one in seen if one.name == "activity"]
            assert 0 < len(kept) <= feeds.max_waiting_events
            assert kept == sorted(kept, key=lambda one: one.at)
            await feeds.here.publish(event(total))
            assert await take(slow, 1) == [event(total)]

    run(kind, scenario)
