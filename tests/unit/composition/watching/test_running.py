"""What runs beside the doors: it begins, survives what fails, and ends so that nothing is lost."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.video import FakeVideoSource
from tests.unit.composition.watching.serving import PASSWORD, SOURCE, add_camera, enrol, serving

from facegate.composition.watching import running
from facegate.composition.watching.parts import Watching
from facegate.composition.watching.running import watching_running
from facegate.domain.cameras.status import CameraState
from facegate.domain.errors import EngineOverloaded, StoreFailed
from facegate.domain.events.event import Event, EventDoor, EventKind, EventQuery
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.cameras.runner import CameraRunner
from facegate.use_cases.events.end_open_visits import EndOpenVisits

_LIMIT_S = 20.0
_LOOK_EVERY_S = 0.01


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(int(_LIMIT_S / _LOOK_EVERY_S)):
        if holds():
            return
        await asyncio.sleep(_LOOK_EVERY_S)
    raise AssertionError("it did not happen in time")


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith(("camera", "alerts"))}


def with_workers(scenario: Callable[[BoundedWorkers], object]) -> None:
    workers = BoundedWorkers(2, 20, "store")
    try:
        scenario(workers)
    finally:
        workers.close()


def test_cameras_and_alerts_run_inside_the_block_and_not_after(tmp_path: Path) -> None:
    source = FakeVideoSource()
    shown = source.camera(SOURCE)

    async def scenario(workers: BoundedWorkers) -> list[Event]:
        with serving(tmp_path, source) as (application, watching):
            enrol(application, "ann")
            camera = add_camera(watching)
            runner = watching.runner
            assert runner is not None

            def is_seen() -> bool:
                shown.show(fake_picture(FakeFace("ann")))
                return watching.events.browse.count(EventQuery(place_id=camera.camera_id)) > 0

            async with watching_running(watching, None, workers):
                await until(is_seen)
                assert runner.status(camera.camera_id).state is CameraState.LIVE
                assert {"alerts", "camera-overseer"} <= threads()
            assert threads() == set()
            assert shown.open_count == 0
            return watching.events.browse.list(EventQuery(kinds=frozenset({EventKind.SEEN})), 10)

    def run(workers: BoundedWorkers) -> None:
        (event,) = asyncio.run(scenario(workers))
        # The visit that ended with the server has its end.
        assert (event.subject_id, event.ended_at is not None) == ("ann", True)

    with_workers(run)


def test_cameras_come_back_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path, FakeVideoSource()) as (_, watching):
        camera = add_camera(watching)
    source = FakeVideoSource()
    shown = source.camera(SOURCE)

    async def scenario(workers: BoundedWorkers) -> None:
        with serving(tmp_path, source) as (_, watching):
            runner = watching.runner
            assert runner is not None

            def is_live() -> bool:
                shown.show(fake_picture())
                return runner.status(camera.camera_id).state is CameraState.LIVE

            async with watching_running(watching, None, workers):
                await until(is_live)

    with_workers(lambda workers: asyncio.run(scenario(workers)))


def unended(watching: Watching) -> list[Event]:
    """A visit of which an earlier process has not seen the end; it is stored."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    watching.events.log.record([Event(f"{1:032x}", EventKind.SEEN, EventDoor.CAMERAS, at)])
    return [event for event in watching.events.browse.list(EventQuery(), 10) if event.ended_at is None]


def test_visits_of_an_earlier_process_have_an_end_before_the_cameras_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[object] = []

    async def scenario(workers: BoundedWorkers) -> None:
        with serving(tmp_path, FakeVideoSource()) as (_, watching):
            (event,) = unended(watching)

            def start(_: CameraRunner) -> None:
                ends.extend(event.ended_at for event in watching.events.browse.list(EventQuery(), 10))

            monkeypatch.setattr(CameraRunner, "start", start)
            async with watching_running(watching, None, workers):
                assert ends == [event.occurred_at]

    with_workers(lambda workers: asyncio.run(scenario(workers)))


@pytest.mark.usefixtures("quick")
def test_visits_of_an_earlier_process_end_later_where_the_store_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(workers: BoundedWorkers) -> None:
        with serving(tmp_path, FakeVideoSource()) as (_, watching):
            (event,) = unended(watching)
            end, faults = EndOpenVisits.__call__, [StoreFailed("away"), StoreFailed("away")]

            def now_and_then(ending: EndOpenVisits) -> int:
                if faults:
                    raise faults.pop()
                return end(ending)

            monkeypatch.setattr(EndOpenVisits, "__call__", now_and_then)
            async with watching_running(watching, None, workers):
                await until(lambda: watching.events.browse.get(event.event_id).ended_at is not None)

    with_workers(lambda workers: asyncio.run(scenario(workers)))


def test_without_cameras_the_rest_runs(tmp_path: Path) -> None:
    async def scenario(workers: BoundedWorkers) -> None:
        with serving(tmp_path, FACEGATE_CAMERAS__ENABLED="false") as (_, watching):
            async with watching_running(watching, None, workers):
                assert "alerts" in threads()
                assert "camera-overseer" not in threads()
                async with watching.events.live.listening() as events:
                    waiting = asyncio.ensure_future(anext(events, None))
                    await asyncio.sleep(0)
            assert await waiting is None
        assert threads() == set()

    with_workers(lambda workers: asyncio.run(scenario(workers)))


def test_cameras_that_cannot_begin_leave_no_delivery_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more_threads(runner: CameraRunner) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(CameraRunner, "start", no_more_threads)

    async def scenario(workers: BoundedWorkers) -> None:
        with serving(tmp_path, FakeVideoSource()) as (_, watching), pytest.raises(RuntimeError):
            async with watching_running(watching, None, workers):
                pass
        assert threads() == set()

    with_workers(lambda workers: asyncio.run(scenario(workers)))


class Steps:
    """Work that gives what it is told, or raises it; counts how often it was asked."""

    def __init__(self, *outcomes: int | Exception) -> None:
        self._outcomes = list(outcomes)
        self.count = 0

    def __call__(self) -> int:
        self.count += 1
        outcome = self._outcomes.pop(0) if self._outcomes else 0
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_SWEEP_EVERY_S", "_FOLLOW_EVERY_S", "_LONGEST_PAUSE_S"):
        monkeypatch.setattr(running, name, 0.005)


def messages(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name == running.logger.name
    ]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("loop", ["sweep", "follow"])
def test_each_outage_is_logged_once_and_the_work_goes_on(loop: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    away = StoreFailed("the store is away")
    steps = Steps(3, away, away, EngineOverloaded("too much to do"), 3, 0, away, 0)

    async def scenario(workers: BoundedWorkers) -> None:
        work = running._sweep_now_and_then if loop == "sweep" else running._follow
        task = asyncio.create_task(work(steps, workers))
        await until(lambda: steps.count > 9)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_workers(lambda workers: asyncio.run(scenario(workers)))
    logged = messages(caplog)
    assert [level for level, _ in logged] == ["ERROR", "WARNING"] * 2
    assert logged[0][1].endswith("for now: the store is away")
    assert logged[1][1].endswith("again")


@pytest.mark.usefixtures("quick")
def test_a_fault_of_ours_is_logged_with_its_place_and_does_not_end_the_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    steps = Steps(ValueError("an event that nobody expected"), ValueError("again"), 1)

    async def scenario(workers: BoundedWorkers) -> None:
        task = asyncio.create_task(running._follow(steps, workers))
        await until(lambda: steps.count > 4)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_workers(lambda workers: asyncio.run(scenario(workers)))
    first, second = [record for record in caplog.records if record.name == running.logger.name]
    assert first.exc_info is not None
    assert second.getMessage() == "scans of terminals are in the history again"


def test_while_there_is_more_it_does_not_pause() -> None:
    steps = Steps(*[500] * 50, 0)

    async def scenario(workers: BoundedWorkers) -> float:
        began_s = time.monotonic()
        task = asyncio.create_task(running._follow(steps, workers))
        await until(lambda: steps.count > 50)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return time.monotonic() - began_s

    with_workers(lambda workers: asyncio.run(scenario(workers)))
    assert steps.count == 51


def test_no_password_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario(workers: BoundedWorkers) -> None:
        with serving(tmp_path, FakeVideoSource()) as (_, watching):
            camera = add_camera(watching)
            runner = watching.runner
            assert runner is not None
            async with watching_running(watching, None, workers):
                await until(lambda: runner.status(camera.camera_id).fault is not None)

    with_workers(lambda workers: asyncio.run(scenario(workers)))
    assert "unreachable" in caplog.text
    assert PASSWORD not in caplog.text
