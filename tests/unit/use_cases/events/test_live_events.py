"""Published from any thread, heard on the loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.unit.use_cases.events.happened import seen

from facegate.domain.events.event_backlog import Missed
from facegate.use_cases.events.live_events import LiveEvents


def test_every_listener_hears_everything_from_threads_in_order() -> None:
    async def scenario() -> None:
        live = LiveEvents()
        async with live.listening() as first, live.listening() as second:
            assert live.listener_count == 2
            for number in range(50):
                await asyncio.to_thread(live.publish, seen(number))
            for listener in (first, second):
                heard = [await asyncio.wait_for(anext(listener), 5) for _ in range(50)]
                assert heard == [seen(number) for number in range(50)]
        assert live.listener_count == 0

    asyncio.run(scenario())


def test_one_who_waits_is_woken_from_another_thread() -> None:
    async def scenario() -> None:
        live = LiveEvents()
        async with live.listening() as events:
            for number in range(3):
                waiting = asyncio.ensure_future(anext(events))
                await asyncio.sleep(0.01)
                assert not waiting.done()
                await asyncio.to_thread(live.publish, seen(number))
                assert await asyncio.wait_for(waiting, 5) == seen(number)

    asyncio.run(scenario())


def test_a_slow_listener_is_told_how_many_it_missed() -> None:
    async def scenario() -> None:
        live = LiveEvents(max_waiting_events=2)
        async with live.listening() as events:
            for number in range(5):
                live.publish(seen(number))
            assert [await anext(events) for _ in range(3)] == [seen(0), seen(1), Missed(3)]
            live.publish(seen(5))
            assert await anext(events) == seen(5)

    asyncio.run(scenario())


def test_a_wait_that_is_cancelled_loses_nothing() -> None:
    async def scenario() -> None:
        live = LiveEvents()
        async with live.listening() as events:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(events), 0.01)
            live.publish(seen(1))
            assert await asyncio.wait_for(anext(events), 5) == seen(1)

    asyncio.run(scenario())


def test_the_end_of_everything_ends_those_who_watch_and_those_who_come_later() -> None:
    async def scenario() -> None:
        live = LiveEvents()
        async with live.listening() as events:
            waiting = asyncio.ensure_future(anext(events, None))
            await asyncio.sleep(0)
            live.close()
            assert await asyncio.wait_for(waiting, 5) is None
        async with live.listening() as events:
            assert [event async for event in events] == []

    asyncio.run(scenario())


def test_a_loop_that_has_ended_hurts_nobody_who_publishes() -> None:
    live = LiveEvents()
    loop = asyncio.new_event_loop()
    listening = live.listening()
    loop.run_until_complete(listening.__aenter__())
    loop.close()
    live.publish(seen(1))


def test_many_threads_at_once_lose_nothing() -> None:
    async def scenario() -> None:
        live = LiveEvents(max_waiting_events=10_000)
        async with live.listening() as events:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(live.publish, map(seen, range(500))))
            heard = [await asyncio.wait_for(anext(events), 5) for _ in range(500)]
        assert {event.event_id for event in heard if not isinstance(event, Missed)} == {
            seen(number).event_id for number in range(500)
        }

    asyncio.run(scenario())
