import asyncio
import threading

from tests.unit.frontends.wire.waiting import until

from facegate.frontends.operations.readiness_probe import ProbeOptions, ReadinessProbe
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.check_readiness import Readiness, ReadinessCheck

_READY = Readiness((ReadinessCheck("detector", None, 1.0),), ())


class _Check:
    """Counts how often it is asked; can be held up."""

    def __init__(self) -> None:
        self.count = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self) -> Readiness:
        self.count += 1
        self.may_go_on.wait(10)
        return _READY


class _Time:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_an_outcome_counts_for_a_while() -> None:
    check, time_s, workers = _Check(), _Time(), BoundedWorkers(1, 0, "test")
    probe = ReadinessProbe(check, workers, ProbeOptions(cache_s=2.0), time_s)

    async def scenario() -> None:
        for now_s, expected_count in ((0.0, 1), (1.9, 1), (2.1, 2), (4.0, 2), (4.2, 3)):
            time_s.now_s = now_s
            assert (await probe.ask()).is_ready
            assert check.count == expected_count

    asyncio.run(scenario())
    workers.close()


def test_probes_at_once_share_one_check() -> None:
    check, workers = _Check(), BoundedWorkers(1, 0, "test")
    check.may_go_on.clear()
    probe = ReadinessProbe(check, workers, ProbeOptions())

    async def scenario() -> None:
        probes = [asyncio.ensure_future(probe.ask()) for _ in range(20)]
        await until(lambda: check.count == 1)
        check.may_go_on.set()
        assert all(outcome.is_ready for outcome in await asyncio.gather(*probes))

    asyncio.run(scenario())
    assert check.count == 1
    workers.close()


def test_a_check_that_hangs_is_not_ready_and_is_not_started_twice() -> None:
    check, workers = _Check(), BoundedWorkers(1, 0, "test")
    check.may_go_on.clear()
    probe = ReadinessProbe(check, workers, ProbeOptions(timeout_s=0.02))

    async def scenario() -> None:
        for _ in range(3):
            outcome = await probe.ask()
            assert not outcome.is_ready
            assert "0.02 s" in (outcome.checks[0].problem or "")
        check.may_go_on.set()
        await until(lambda: workers.in_flight == 0)
        assert (await probe.ask()).is_ready

    asyncio.run(scenario())
    assert check.count == 1
    workers.close()


def test_workers_that_take_nothing_are_not_ready() -> None:
    check, workers = _Check(), BoundedWorkers(1, 0, "test")
    held = threading.Event()
    probe = ReadinessProbe(check, workers, ProbeOptions())

    async def scenario() -> None:
        blocker = asyncio.ensure_future(workers.run(lambda: held.wait(10)))
        await until(lambda: workers.in_flight == 1)
        assert not (await probe.ask()).is_ready
        held.set()
        await blocker

    asyncio.run(scenario())
    assert check.count == 0
    workers.close()
