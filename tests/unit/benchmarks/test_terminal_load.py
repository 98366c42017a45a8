"""The parts of the terminals' load: counting, judging replies, the relay, Redis, the fleet's process."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from benchmarks.terminal_commands import CommandTally, figures_of, is_own_reply
from benchmarks.terminal_counts import count_records
from benchmarks.terminal_fleet_process import FleetFailed, FleetWishes, running_fleet
from benchmarks.terminal_surroundings import OwnRedis, Relay, SinkDatabase, free_port
from benchmarks.terminals import Acknowledgement, LoadOptions, Phase, TerminalsResult
from benchmarks.terminals_report import target_rows, terminals_page
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from tests.contracts.gallery_stores import POSTGRES_URL
from tests.unit.commands.simulated_terminals.small_server import SmallServer

from facegate.commands.simulated_terminals.ledger import read_ledger
from facegate.domain.terminals.activity import RecordKey

KEYS: list[tuple[str, RecordKey]] = [("SN1", (number, "2024-05-02 09:00:00", 8, 0)) for number in range(4)]


def test_a_count_finds_what_is_lost_doubled_and_unknown() -> None:
    assert count_records("history", KEYS, KEYS).is_exact
    count = count_records("copy", KEYS[:3], [KEYS[0], KEYS[1], KEYS[1], KEYS[3]])
    assert (count.acknowledged, count.found) == (3, 4)
    assert (count.lost, count.doubled, count.unknown) == (1, 1, 1)
    assert not count.is_exact


def test_a_reply_is_judged_by_terminal_word_and_person() -> None:
    body: dict[str, object] = {"sn": "SN1", "cmd": "getuserinfo", "enrollid": 3}
    reply = {"ret": "getuserinfo", "sn": "SN1", "enrollid": 3}
    assert is_own_reply(reply, body)
    for change in ({"sn": "SN2"}, {"ret": "gettime"}, {"enrollid": 4}):
        assert not is_own_reply({**reply, **change}, body)


def test_figures_of_nothing_and_of_something() -> None:
    assert figures_of(CommandTally()).p99_ms is None
    figures = figures_of(CommandTally(seconds=[0.01] * 99 + [1.0]))
    assert (figures.answered, figures.median_ms, figures.greatest_ms) == (100, 10.0, 1000.0)


@contextmanager
def echo_server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    while content := connection.recv(100):
                        connection.sendall(content)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_a_relay_passes_is_cut_and_passes_again() -> None:
    with echo_server() as port, Relay("127.0.0.1", port).running() as relay:
        address = ("127.0.0.1", relay.port)
        with socket.create_connection(address, timeout=10) as first:
            first.sendall(b"one")
            assert first.recv(3) == b"one"
            relay.cut()
            assert first.recv(3) == b""
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address, timeout=10)
        relay.mend()
        with socket.create_connection(address, timeout=10) as second:
            second.sendall(b"two")
            assert second.recv(3) == b"two"


def test_a_redis_of_its_own_starts_again_after_a_kill(tmp_path: Path) -> None:
    redis = OwnRedis(tmp_path)
    try:
        redis.start()
    except FileNotFoundError:
        pytest.skip("redis-server is not installed")
    try:
        redis.kill()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", redis.port), timeout=10)
        redis.start()
        socket.create_connection(("127.0.0.1", redis.port), timeout=10).close()
    finally:
        redis.kill()


def test_a_copys_database_is_reached_through_the_relay_and_left_clean() -> None:
    plain = create_engine(POSTGRES_URL)
    try:
        plain.connect().close()
    except SQLAlchemyError:
        pytest.skip("PostgreSQL: no server answers (FACEGATE_TEST_POSTGRES names another)")
    columns = "sn text, enrollid bigint, time text, mode integer, event integer"
    with SinkDatabase(POSTGRES_URL).reachable() as sink:
        relayed = create_engine(sink.relayed_url)
        assert sink.keys() == []
        with relayed.begin() as connection:
            connection.execute(text(f"CREATE TABLE {sink.table_name} ({columns})"))
            insert = f"INSERT INTO {sink.table_name} VALUES ('SN1', 1, '2024-05-02 09:00:00', 8, 0)"  # noqa: S608
            connection.execute(text(insert))
        assert sink.keys() == [KEYS[1]]
        sink.relay.cut()
        with pytest.raises(OperationalError), relayed.connect() as connection:
            connection.execute(text("SELECT 1"))
        assert sink.keys() == [KEYS[1]]
        sink.relay.mend()
        with relayed.connect() as connection:
            connection.execute(text("SELECT 1"))
        relayed.dispose()
    assert sink.keys() == []
    plain.dispose()


def test_the_fleets_process_registers_scans_and_leaves_a_ledger(tmp_path: Path) -> None:
    server, loop = SmallServer(), asyncio.new_event_loop()
    is_ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with server.running():
            is_ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert is_ready.wait(20)
        wishes = FleetWishes(server.url, str(tmp_path / "ledger.csv"), count=5, back_after_s=0.01)
        with running_fleet(wishes) as fleet:
            fleet.wait_until_registered(30)
            fleet.scan(500.0)
            while fleet.state()["tally"]["acknowledged"] < 20:
                pass
            fleet.scan(0)
            fleet.wait_until_settled(30)
            assert len(fleet.latencies_s()) == sum(server.stored.values())
            assert fleet.latencies_s() == []
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()
    ledger = [(serial_number, *key) for serial_number, key in read_ledger(tmp_path / "ledger.csv")]
    assert dict.fromkeys(ledger, 1) == dict(server.stored)
    assert len(ledger) == len(set(ledger)) >= 20


def test_a_fleet_without_a_server_says_so(tmp_path: Path) -> None:
    wishes = FleetWishes(f"ws://127.0.0.1:{free_port()}/", str(tmp_path / "ledger.csv"), count=2)
    with pytest.raises(FleetFailed, match="0 of 2 registered"), running_fleet(wishes) as fleet:
        fleet.wait_until_registered(0.1)


def _result(lost: int) -> TerminalsResult:
    commands = figures_of(CommandTally(seconds=[0.05] * 10))
    phase = Phase(
        name="steady",
        duration_s=10.0,
        commands=commands,
        scans=Acknowledgement(2000, 5.0, 20.0, 30.0),
        sent_again=0,
        links_lost=0,
        server_cores=0.5,
        resident_mib={0: 100.0, 5: 110.0, 9: 111.0},
    )
    return TerminalsResult(
        options=LoadOptions(),
        sink_kind="postgresql",
        first_storm_s=1.0,
        restart_storm_s=2.0,
        storm_after_kill_s=3.0,
        phases=[phase],
        settled_after_s=0.1,
        copied_after_s=0.2,
        counts=[count_records("history", KEYS, KEYS[lost:])],
    )


def test_the_page_says_what_was_met_and_what_was_missed() -> None:
    assert {row[-1] for row in target_rows(_result(lost=0))} == {"met"}
    missed = [row[0] for row in target_rows(_result(lost=1)) if row[-1] != "met"]
    assert missed == ["records in the history"]
    facts = {
        "measured_at": "2026-11-21T16:00",
        "commit": "x",
        "has_uncommitted_changes": False,
        "cpu": "c",
        "core_count": 2,
        "memory_gib": 1,
        "system": "s",
        "python": "3",
        "load_average_at_start": 0,
        "packages": {},
    }
    assert any("1 lost" in line for line in terminals_page(facts, _result(lost=1)))
