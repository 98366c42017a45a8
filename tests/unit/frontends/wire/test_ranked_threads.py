import asyncio
import threading
import time
from concurrent.futures import Future
from functools import partial

import pytest
from tests.unit.frontends.wire.waiting import until

from facegate.domain.errors import EngineOverloaded, NoFace
from facegate.frontends.wire.ranked_threads import RankedThreads
from facegate.frontends.wire.workers import BoundedWorkers


def _busy(threads: RankedThreads, release: threading.Event) -> "Future[bool]":
    """Keeps the only thread until released; it is at work when this returns."""
    is_running = threading.Event()

    def wait() -> bool:
        is_running.set()
        return release.wait(10)

    future = threads.submit(0, wait)
    assert is_running.wait(10)
    return future


def test_the_lowest_rank_goes_first_and_within_it_the_oldest() -> None:
    threads, release, order = RankedThreads(1, "test"), threading.Event(), list[str]()
    _busy(threads, release)
    waiting = [
        threads.submit(rank, partial(order.append, name))
        for rank, name in ((1, "look 1"), (1, "look 2"), (0, "glance 1"), (1, "look 3"), (0, "glance 2"))
    ]
    release.set()
    for future in waiting:
        future.result(10)
    assert order == ["glance 1", "glance 2", "look 1", "look 2", "look 3"]
    threads.close()


def test_a_call_of_a_higher_rank_is_not_kept_waiting_for_ever() -> None:
    threads, has_run = RankedThreads(1, "test"), threading.Event()
    end_s = time.monotonic() + 30

    def again() -> None:
        # Always one more at rank 0 before this one ends.
        if not has_run.is_set() and time.monotonic() < end_s:
            threads.submit(0, again)
            time.sleep(0.002)

    threads.submit(0, again)
    threads.submit(1, has_run.set)
    assert has_run.wait(25)
    threads.close()


def test_as_many_run_at_once_as_there_are_threads() -> None:
    threads, both = RankedThreads(2, "test"), threading.Barrier(2)
    futures = [threads.submit(rank, lambda: both.wait(10)) for rank in (1, 0)]
    assert sorted(future.result(10) for future in futures) == [0, 1]
    threads.close()


def test_an_error_belongs_to_who_waits_and_the_thread_goes_on() -> None:
    threads = RankedThreads(1, "test")

    def refuse() -> None:
        raise NoFace("nobody")

    with pytest.raises(NoFace):
        threads.submit(0, refuse).result(10)
    assert threads.submit(0, lambda: 42).result(10) == 42
    threads.close()


def test_what_was_cancelled_does_not_run() -> None:
    threads, release, has_run = RankedThreads(1, "test"), threading.Event(), threading.Event()
    _busy(threads, release)
    cancelled, other = threads.submit(0, has_run.set), threads.submit(1, lambda: "other")
    assert cancelled.cancel()
    release.set()
    assert other.result(10) == "other"
    assert not has_run.is_set()
    threads.close()


def test_closing_drops_what_waits_and_takes_nothing_more() -> None:
    threads, release, has_run = RankedThreads(1, "test"), threading.Event(), threading.Event()
    running = _busy(threads, release)
    waiting: list[Future[None]] = [threads.submit(rank, has_run.set) for rank in (1, 0)]
    closing = threading.Thread(target=threads.close)
    closing.start()
    with pytest.raises(RuntimeError):
        waiting.extend(iter(lambda: threads.submit(2, has_run.set), None))
    release.set()
    closing.join(10)
    assert running.result(0) is True
    assert all(future.cancelled() for future in waiting)
    assert not has_run.is_set()


def test_workers_that_share_threads_count_for_themselves() -> None:
    threads, release = RankedThreads(1, "test"), threading.Event()
    looks = BoundedWorkers(1, 2, "looks", threads=threads, rank=1)
    glances = BoundedWorkers(1, 2, "glances", threads=threads, rank=0)
    order: list[str] = []

    async def scenario() -> None:
        first = asyncio.ensure_future(looks.run(lambda: release.wait(10)))
        await until(lambda: looks.in_flight == 1)
        rest = [
            asyncio.ensure_future(workers.run(partial(order.append, workers.name)))
            for workers in (looks, looks, glances)
        ]
        await until(lambda: (looks.waiting, glances.waiting) == (2, 1))
        with pytest.raises(EngineOverloaded):
            await looks.run(lambda: None)
        release.set()
        await asyncio.gather(first, *rest)

    asyncio.run(scenario())
    assert order == ["glances", "looks", "looks"]
    assert (looks.finished_count, looks.rejected_count) == (3, 1)
    assert (glances.finished_count, glances.rejected_count) == (1, 0)
    glances.close()
    looks.close()
