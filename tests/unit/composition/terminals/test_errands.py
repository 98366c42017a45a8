"""What the server does at terminals on its own: it happens, and goes on happening."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
from tests.fakes.terminals import FakeActivityStore
from tests.unit.use_cases.terminals.people_core import people_in_memory
from tests.unit.use_cases.terminals.placing_hall import Device, Hall

from facegate.adapters.local_bus import LocalFeed
from facegate.composition.terminals import errands as errands_module
from facegate.composition.terminals.errands import TerminalErrands, for_ever
from facegate.composition.terminals.running import copy_on
from facegate.domain.errors import StoreFailed
from facegate.domain.terminals.activity import TerminalEvent
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.domain.terminals.enrolments import PlacementState
from facegate.use_cases.terminals import deliver_placements
from facegate.use_cases.terminals.collect_log import CollectLog
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.pages import ReadPages
from facegate.use_cases.terminals.placing import PlacePeople
from facegate.use_cases.terminals.recorder import ActivityRecorder
from facegate.use_cases.terminals.send_command import CommandOptions, SendCommand

PLACED, WANTED = PlacementState.PLACED, PlacementState.WANTED


class LoggingDevice(Device):
    """Has a log, which can be `broken`."""

    is_broken = False

    async def call(self, command: DeviceCommand) -> CommandReply:
        if command.word != "getnewlog":
            return await super().call(command)
        self.words.append(command.word)
        if self.is_broken:
            raise ValueError("a bug")
        return {"result": True, "count": 0, "record": []}


@dataclass(frozen=True)
class Server:
    """`live` of a server on a bus that others share."""

    hall: Hall
    live: LiveTerminals
    placing: PlacePeople
    collect_log: CollectLog
    errands: list[TerminalErrands]

    async def connect(self, device: Device) -> None:
        await self.live.attach(device)
        self.errands[0].connected(device.serial_number)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver_placements, "PAUSE_S", 0.0)
    monkeypatch.setattr(errands_module, "AFTER_REGISTRATION_S", 0.0)
    monkeypatch.setattr(errands_module, "LOOK_EVERY_S", 0.01)


@pytest.fixture
def recorder() -> Iterator[ActivityRecorder]:
    recorder = ActivityRecorder(FakeActivityStore())
    yield recorder
    recorder.close()


def at_server(
    scenario: Callable[[Server], Awaitable[None]], recorder: ActivityRecorder, collect_every_s: float = 0.0
) -> None:
    async def run() -> None:
        hall = Hall(people_in_memory())
        clock, register = hall.core.clock, hall.register
        live = LiveTerminals(hall.bus, LocalFeed(), clock)
        pages = ReadPages(SendCommand(hall.bus, register, CommandOptions(retries=0)), restart_waits_s=())
        server = Server(hall, live, hall.placing, CollectLog(pages, recorder, register, clock, live), [])
        server.errands.append(TerminalErrands(server, collect_every_s))
        async with hall.bus.running():
            running = asyncio.create_task(server.errands[0].run())
            try:
                async with asyncio.timeout(20):
                    await scenario(server)
                assert not running.done()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - what is waited for happens in stores
        await asyncio.sleep(0.005)


def test_who_waits_is_brought_when_the_terminal_connects_and_when_it_is_connected(
    recorder: ActivityRecorder,
) -> None:
    async def scenario(server: Server) -> None:
        server.hall.place("ann")
        await server.connect(Device())
        await until(lambda: server.hall.states() == {"ann": PLACED})
        server.hall.place("bob")
        await until(lambda: server.hall.states() == {"ann": PLACED, "bob": PLACED})

    at_server(scenario, recorder)


def test_what_a_terminal_did_not_take_is_tried_again_without_a_new_connection(
    recorder: ActivityRecorder,
) -> None:
    async def scenario(server: Server) -> None:
        number = server.hall.place("ann")
        device = Device(swallows={number})
        await server.connect(device)
        await until(lambda: server.hall.only().attempt_count > 0)
        device.swallows = set()
        await until(lambda: server.hall.only().state is PLACED)

    at_server(scenario, recorder)


def test_a_terminal_of_another_server_is_served_when_it_connects_there(
    recorder: ActivityRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands_module, "LOOK_EVERY_S", 3600.0)

    async def scenario(server: Server) -> None:
        device = LoggingDevice()
        server.hall.place("ann")
        await asyncio.sleep(0.01)  # the first look around is over
        await server.hall.bus.attach(device)  # as if there
        assert server.hall.only().state is WANTED
        await server.live.publish(TerminalEvent("connected", "ZX1", server.hall.core.clock.now_utc()))
        await until(lambda: server.hall.only().state is PLACED)
        await asyncio.sleep(0.05)
        assert "getnewlog" not in device.words

    at_server(scenario, recorder, collect_every_s=0.01)


def test_a_terminal_whose_connection_no_event_told_of_is_found(recorder: ActivityRecorder) -> None:
    async def scenario(server: Server) -> None:
        server.hall.place("ann")
        await server.hall.bus.attach(Device())
        await until(lambda: server.hall.only().state is PLACED)

    at_server(scenario, recorder)


def test_logs_are_fetched_again_and_again_and_a_bug_there_stops_nothing(recorder: ActivityRecorder) -> None:
    async def scenario(server: Server) -> None:
        device = LoggingDevice()
        device.is_broken = True
        await server.connect(device)
        await until(lambda: device.words.count("getnewlog") >= 3)
        server.hall.place("ann")
        await until(lambda: server.hall.states() == {"ann": PLACED})

    at_server(scenario, recorder, collect_every_s=0.01)


def test_the_log_of_a_terminal_that_has_gone_to_another_server_is_left_to_that(
    recorder: ActivityRecorder,
) -> None:
    async def scenario(server: Server) -> None:
        device = LoggingDevice()
        server.hall.place("ann")
        await server.hall.bus.attach(device)
        server.errands[0].connected("ZX1")
        await until(lambda: server.hall.only().state is PLACED)
        await asyncio.sleep(0.05)
        assert "getnewlog" not in device.words

    at_server(scenario, recorder, collect_every_s=3600.0)


def test_no_log_is_fetched_where_none_is_wanted(recorder: ActivityRecorder) -> None:
    async def scenario(server: Server) -> None:
        device = LoggingDevice()
        server.hall.place("ann")
        await server.connect(device)
        await until(lambda: server.hall.only().state is PLACED)
        assert "getnewlog" not in device.words

    at_server(scenario, recorder)


@pytest.mark.parametrize("error", [StoreFailed("the disk is full"), RecursionError(), ValueError("a bug")])
def test_work_for_ever_goes_on_after_any_error(error: Exception) -> None:
    calls = []

    async def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise error

    async def run() -> None:
        running = asyncio.create_task(for_ever("it does not go", work, 0.0))
        async with asyncio.timeout(20):
            await until(lambda: len(calls) > 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


@pytest.mark.parametrize("error", [StoreFailed("the disk is full"), ValueError("a bug")])
def test_the_copy_goes_on_after_any_error(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegate.composition.terminals.running._COPY_EVERY_S", 0.001)
    calls = []

    def copy() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise error
        return 0

    async def run() -> None:
        running = asyncio.create_task(copy_on(copy))
        async with asyncio.timeout(20):
            await until(lambda: len(calls) > 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
