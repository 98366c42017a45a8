"""Fleets over real sockets against a small server that behaves and misbehaves."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from tests.unit.commands.simulated_terminals.small_server import Message, SmallServer, read_tolerantly
from websockets.exceptions import InvalidURI

from facegate.commands.simulated_terminals.course import Course, run_course
from facegate.commands.simulated_terminals.device.firmware import FIRMWARES
from facegate.commands.simulated_terminals.device.garbage import all_garbage, some_garbage
from facegate.commands.simulated_terminals.device.habits import Habits, Mischief
from facegate.commands.simulated_terminals.device.scan_log import LogRecord
from facegate.commands.simulated_terminals.fleet import Fleet
from facegate.commands.simulated_terminals.ledger import Ledger, read_ledger
from facegate.commands.simulated_terminals.link import Route
from facegate.commands.simulated_terminals.plan import FleetPlan, make_terminals

SN = "ZXRB22001001"
IMPATIENT = Habits(
    register_again_after_s=0.05,
    log_answer_limit_s=0.05,
    refused_again_after_s=0.02,
    user_again_after_s=0.05,
    answer_delay_s=0.0,
    enrolling_takes_s=0.0,
)


class Acknowledged:
    """Counts every record that terminals take as acknowledged."""

    def __init__(self) -> None:
        self.keys: list[tuple[object, ...]] = []

    def __call__(self, serial_number: str, records: Sequence[LogRecord]) -> None:
        self.keys += [(serial_number, *record.key) for record in records]


def make_fleet(
    server: SmallServer, plan: FleetPlan, habits: Habits = IMPATIENT, acknowledged: Acknowledged | None = None
) -> Fleet:
    route = Route(server.url, back_after_s=0.01, linger_s=0.2)
    return Fleet(make_terminals(plan, habits, acknowledged), route)


def play(scene: Callable[[SmallServer], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with SmallServer().running() as server:
            await scene(server)

    asyncio.run(whole())


def test_registers_scans_and_answers() -> None:
    async def scene(server: SmallServer) -> None:
        fleet = make_fleet(server, FleetPlan(people_count=3))
        async with fleet.running():
            await server.until(lambda: server.registrations[SN] == 1)
            assert (await server.ask(SN, "getuserlist", stn=True))["count"] == 5
            fleet.scan()
            await fleet.settled()
            assert (await server.ask(SN, "gettime"))["time"].startswith("2024-05-02 09:00:0")
        assert sum(server.stored.values()) == 1
        state = fleet.state()
        assert (state.registered, state.waiting, state.tally.commands) == (0, 0, 2)

    play(scene)


def test_many_terminals_of_every_model_lose_and_double_nothing_but_on_purpose() -> None:
    async def scene(server: SmallServer) -> None:
        acknowledged = Acknowledged()
        plan = FleetPlan(count=20, models=list(FIRMWARES.values()), backlog=3)
        fleet = make_fleet(server, plan, acknowledged=acknowledged)
        async with fleet.running(ramp_s=0.05):
            await fleet.keep_scanning(2000, limit=200)
            await fleet.settled()
        assert len(acknowledged.keys) == len(set(acknowledged.keys)) == 260
        assert dict(server.stored) == dict.fromkeys(acknowledged.keys, 1)
        assert set(server.registrations.values()) == {1}

    play(scene)


def test_a_mute_server_is_left_and_gets_the_same_records_again() -> None:
    async def scene(server: SmallServer) -> None:
        unanswered = 3

        def mute(message: Message) -> Message | None:
            nonlocal unanswered
            if message["cmd"] != "sendlog" or unanswered == 0:
                return server.good_answer(message)
            unanswered -= 1
            return None

        server.answer = mute
        fleet = make_fleet(server, FleetPlan())
        async with fleet.running():
            fleet.scan()
            await fleet.settled()
        sent = [message["record"] for message in server.messages("sendlog")]
        assert len(sent) == 4
        assert all(record == sent[0] for record in sent)
        assert server.connections_count == 4
        assert sum(server.stored.values()) == 1

    play(scene)


@pytest.mark.parametrize("answer", [{"result": False, "reason": 1}, {"result": True, "count": 99}])
def test_refusals_and_wrong_counts_bring_the_records_again(answer: dict[str, object]) -> None:
    async def scene(server: SmallServer) -> None:
        bad = [dict(answer, ret="sendlog")] * 2
        server.answer = lambda message: (
            bad.pop() if bad and message["cmd"] == "sendlog" else server.good_answer(message)
        )
        acknowledged = Acknowledged()
        fleet = make_fleet(server, FleetPlan(), acknowledged=acknowledged)
        async with fleet.running():
            fleet.scan()
            await fleet.settled()
        assert len(server.messages("sendlog")) == 3
        assert len(acknowledged.keys) == 1

    play(scene)


def test_a_server_that_goes_away_and_comes_back_gets_everything() -> None:
    async def scene(server: SmallServer) -> None:
        acknowledged = Acknowledged()
        fleet = make_fleet(server, FleetPlan(count=5), acknowledged=acknowledged)
        async with fleet.running():
            await server.until(lambda: len(server.registrations) == 5)
            for socket in server.sockets.values():
                await socket.close()
            for _ in range(50):
                fleet.scan()
            await fleet.settled()
        assert len(set(acknowledged.keys)) == 50
        assert set(server.stored.values()) == {1}
        assert min(server.registrations.values()) == 2

    play(scene)


def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    async def whole() -> None:
        server = SmallServer()
        async with server.running():
            port = int(server.url.rpartition(":")[2].partition("/")[0])
        fleet = make_fleet(server, FleetPlan())
        async with fleet.running():
            fleet.scan()
            async with server.running(port):
                await fleet.settled()
        assert sum(server.stored.values()) == 1

    asyncio.run(whole())


def test_nasty_terminals_still_lose_nothing() -> None:
    async def scene(server: SmallServer) -> None:
        acknowledged = Acknowledged()
        mischief = Mischief(
            garbage=0.3,
            repeated_records=0.5,
            repeated_registrations=0.3,
            dropped_links=0.2,
            lingering_sockets=0.5,
        )
        habits = Habits(log_answer_limit_s=5.0, answer_delay_s=0.0, mischief=mischief, batch_size=3)
        fleet = make_fleet(server, FleetPlan(count=5), habits, acknowledged)
        async with fleet.running():
            await fleet.keep_scanning(3000, limit=150)
            await fleet.settled()
        assert len(acknowledged.keys) == len(set(acknowledged.keys)) == 150
        assert set(server.stored) == set(acknowledged.keys)
        assert max(server.stored.values()) > 1
        assert server.odd_frames
        assert fleet.state().tally.sent_again > 0

    play(scene)


def test_an_enrolment_at_the_terminal_reaches_the_server() -> None:
    async def scene(server: SmallServer) -> None:
        fleet = make_fleet(server, FleetPlan(people_count=0))
        async with fleet.running():
            await server.until(lambda: server.registrations[SN] == 1)
            await server.ask(SN, "adduser", enrollid=9, backupnum=50, admin=0)
            await server.until(lambda: bool(server.messages("senduser")))
        assert server.messages("senduser")[0]["enrollid"] == 9

    play(scene)


def test_reboot_ends_the_connection_and_it_comes_back() -> None:
    async def scene(server: SmallServer) -> None:
        fleet = make_fleet(server, FleetPlan())
        async with fleet.running():
            await server.until(lambda: server.registrations[SN] == 1)
            await server.send(SN, {"cmd": "reboot"})
            await server.until(lambda: server.registrations[SN] == 2)

    play(scene)


def test_a_course_ends_when_all_is_acknowledged_and_the_ledger_has_it(tmp_path: Path) -> None:
    async def scene(server: SmallServer) -> None:
        with Ledger(tmp_path / "ledger.csv") as ledger:
            terminals = make_terminals(FleetPlan(count=3, backlog=2), IMPATIENT, ledger)
            fleet = Fleet(terminals, Route(server.url))
            await run_course(fleet, Course(scans=4, every_s=0.01), lambda state: None)
        keys = [(serial_number, *key) for serial_number, key in read_ledger(tmp_path / "ledger.csv")]
        assert len(keys) == 18
        assert dict(server.stored) == dict.fromkeys(keys, 1)

    play(scene)


def test_a_course_can_end_by_time() -> None:
    async def scene(server: SmallServer) -> None:
        fleet = make_fleet(server, FleetPlan())
        shown: list[object] = []
        await run_course(fleet, Course(scans=0, duration_s=0.2, state_every_s=0.05), shown.append)
        assert shown
        assert fleet.state().tally.scans == 0

    play(scene)


def test_no_garbage_is_answered_as_if_it_were_a_scan() -> None:
    chance = random.Random(0)  # noqa: S311 - no secret
    for _ in range(500):
        message = read_tolerantly(some_garbage(chance))
        assert message is None or message.get("cmd") not in ("reg", "sendlog", "senduser")
    assert any('"sendlog"' in str(frame) for frame in all_garbage())


def test_an_address_that_is_none() -> None:
    with pytest.raises(InvalidURI):
        Route("http://127.0.0.1:7788")


def test_serial_numbers_count_on() -> None:
    terminals = make_terminals(FleetPlan(count=3, first_serial_number="AY9"))
    assert [terminal.serial_number for terminal in terminals] == ["AY9", "AY10", "AY11"]
