import asyncio
import contextvars
import threading

import pytest
from tests.unit.frontends.wire.waiting import until

from facegate.domain.errors import EngineOverloaded, NoFace
from facegate.frontends.wire.workers import BoundedWorkers


def test_a_result_and_an_error_come_back() -> None:
    workers = BoundedWorkers(1, 1, "test")

    def refuse() -> None:
        raise NoFace("nobody")

    async def scenario() -> int:
        with pytest.raises(NoFace):
            await workers.run(refuse)
        return await workers.run(lambda: 41 + 1)

    assert asyncio.run(scenario()) == 42
    assert (workers.finished_count, workers.in_flight, workers.waiting) == (2, 0, 0)
    workers.close()


def test_the_one_too_many_is_refused_at_once_and_the_others_are_answered() -> None:
    workers = BoundedWorkers(2, 3, "test")
    release = threading.Event()

    async def scenario() -> list[object]:
        calls = [asyncio.ensure_future(workers.run(release.wait)) for _ in range(8)]
        await until(lambda: workers.rejected_count == 3 and workers.in_flight == 2)
        assert (workers.in_flight, workers.waiting) == (2, 3)
        release.set()
        return list(await asyncio.gather(*calls, return_exceptions=True))

    outcomes = asyncio.run(scenario())
    assert outcomes.count(True) == 5
    assert sum(isinstance(outcome, EngineOverloaded) for outcome in outcomes) == 3
    assert (workers.in_flight, workers.waiting, workers.rejected_count) == (0, 0, 3)
    workers.close()


def test_a_caller_who_leaves_before_the_turn_is_dropped_and_makes_room() -> None:
    workers = BoundedWorkers(1, 1, "test")
    release = threading.Event()
    has_run = threading.Event()

    async def scenario() -> None:
        first = asyncio.ensure_future(workers.run(release.wait))
        await until(lambda: workers.in_flight == 1)
        second = asyncio.ensure_future(workers.run(has_run.set))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert (workers.dropped_count, workers.waiting) == (1, 0)
        third = asyncio.ensure_future(workers.run(lambda: "third"))
        release.set()
        assert await first is True
        assert await third == "third"

    asyncio.run(scenario())
    assert not has_run.is_set()
    workers.close()


def test_a_dropped_call_lets_go_of_its_picture() -> None:
    class Picture:
        pass

    workers = BoundedWorkers(1, 5, "test")
    release = threading.Event()
    gone = threading.Event()

    async def scenario() -> None:
        import weakref

        blocker = asyncio.ensure_future(workers.run(release.wait))
        picture = Picture()
        weakref.finalize(picture, gone.set)
        waiting = asyncio.ensure_future(workers.run(lambda picture=picture: picture))  # type: ignore[misc]
        await asyncio.sleep(0)
        del picture
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        del waiting
        await asyncio.sleep(0)
        assert gone.is_set()
        release.set()
        await blocker

    asyncio.run(scenario())
    workers.close()


def test_the_callers_context_variables_reach_the_thread() -> None:
    workers = BoundedWorkers(1, 0, "test")
    variable = contextvars.ContextVar("variable", default="unset")

    async def scenario() -> str:
        variable.set("request 7")
        return await workers.run(variable.get)

    assert asyncio.run(scenario()) == "request 7"
    workers.close()


def test_closed_workers_refuse() -> None:
    workers = BoundedWorkers(1, 0, "test")
    workers.close()
    with pytest.raises(EngineOverloaded, match="shutting down"):
        asyncio.run(workers.run(lambda: 1))
    assert workers.waiting == 0


@pytest.mark.parametrize(("thread_count", "max_waiting"), [(0, 1), (1, -1)])
def test_impossible_sizes_are_refused(thread_count: int, max_waiting: int) -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        BoundedWorkers(thread_count, max_waiting, "test")
