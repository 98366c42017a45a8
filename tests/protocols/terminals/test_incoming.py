"""One socket alone keeps nobody waiting: how much of it is read, how fast, and where."""

import asyncio
import json
import threading
from datetime import UTC, datetime, tzinfo

import pytest
from tests.protocols.terminals.moments import SERIAL_NUMBER, facts_of, record
from tests.protocols.terminals.real_door import (
    WAIT_S,
    DoorSetup,
    TerminalDoor,
    open_terminal_door,
    wait_until,
)
from websockets.exceptions import ConnectionClosed

from facegate.domain.terminals.activity import ActivityQuery, ActivityRecord, NewActivity, Scan
from facegate.domain.terminals.device_clock import parse_device_time
from facegate.frontends.terminals import incoming, request_work
from facegate.frontends.terminals.effects import Store
from facegate.frontends.terminals.incoming import (
    MAX_BYTES_PER_S,
    MAX_MESSAGES_PER_S,
    MAX_UNREGISTERED_BYTES,
    SMALL_MESSAGE_CHARS,
    SMALL_MESSAGE_PARTS,
    ReadingPace,
    understood,
)
from facegate.frontends.terminals.messages import Incoming, Unusable
from facegate.frontends.terminals.request_work import (
    MAX_RECORDS_IN_ONE_PIECE,
    RECORDS_PER_PIECE,
    NewScan,
    RequestWork,
)
from facegate.frontends.terminals.states import Moment


def test_a_socket_is_read_at_a_pace() -> None:
    pace = ReadingPace()
    pauses = [pace.pause_s(10, 100.0, is_registered=True) for _ in range(2 * MAX_MESSAGES_PER_S)]
    assert pauses[MAX_MESSAGES_PER_S - 2] == 0.0
    assert pauses[-1] == pytest.approx(1.0)
    assert pace.pause_s(10, 103.0, is_registered=True) == 0.0


@pytest.mark.parametrize("is_registered", [True, False])
def test_large_messages_cost_more_of_it(is_registered: bool) -> None:
    pace = ReadingPace()
    per_s = MAX_BYTES_PER_S if is_registered else MAX_UNREGISTERED_BYTES
    assert pace.pause_s(per_s, 100.0, is_registered=is_registered) == pytest.approx(0.0)
    assert pace.pause_s(4 * per_s, 100.0, is_registered=is_registered) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("content", "is_large"),
    [
        (json.dumps({"cmd": "sendlog", "record": [record(n) for n in range(20)]}), False),
        ("x" * SMALL_MESSAGE_CHARS, False),
        ("x" * (SMALL_MESSAGE_CHARS + 1), True),
        ("[" * (SMALL_MESSAGE_PARTS + 1), True),
        (b"," * (SMALL_MESSAGE_PARTS + 1), True),
    ],
)
def test_what_takes_time_is_read_on_a_worker(
    door: TerminalDoor, monkeypatch: pytest.MonkeyPatch, content: str | bytes, is_large: bool
) -> None:
    threads: list[str] = []

    def read(_: str | bytes) -> Incoming:
        threads.append(threading.current_thread().name)
        return Unusable("read")

    monkeypatch.setattr(incoming, "read_message", read)
    door.on_loop(understood(content, door.parts))
    assert threads[0].startswith("store") == is_large


def test_a_large_message_waits_for_a_worker_and_nobody_else_does(door: TerminalDoor) -> None:
    go_on = threading.Event()
    with door.connected() as busy, door.connected("/pub/chat") as other:
        busy.register()
        other.register("OTHER")
        room = door.workers.thread_count + 50

        async def fill() -> list[asyncio.Task[bool]]:
            work = [asyncio.create_task(door.workers.run(lambda: go_on.wait(WAIT_S))) for _ in range(room)]
            await asyncio.sleep(0)
            return work

        async def settle(work: list[asyncio.Task[bool]]) -> None:
            await asyncio.gather(*work)

        filled = door.on_loop(fill())
        large = record(time="2024-05-02 09:00:00", image="/9j/" + "A" * 100_000)
        busy.say(cmd="sendlog", count=1, logindex=7, record=[large])
        wait_until(lambda: door.workers.rejected_count >= 2)
        assert other.ask(cmd="ping")["result"] is True
        assert door.activities.count_activity() == 0
        go_on.set()
        assert busy.hear()["logindex"] == 7
        door.on_loop(settle(filled))


def test_nobody_says_much_before_the_registration(door: TerminalDoor) -> None:
    large = "x" * (MAX_UNREGISTERED_BYTES + 1)
    with door.connected() as stranger, door.connected() as terminal:
        stranger.socket.send(large)
        with pytest.raises(ConnectionClosed) as closed:
            stranger.socket.recv(timeout=WAIT_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        terminal.register()
        assert terminal.ask(cmd="sendgps", location=large)["result"] is True


def backlog(size: int) -> dict[str, object]:
    rows = [
        {"enrollid": 1 + number, "time": "2024-05-02 09:00:00", "mode": 8, "inout": 0, "event": 0}
        for number in range(size)
    ]
    return {"cmd": "sendlog", "sn": SERIAL_NUMBER, "count": size, "logindex": 1, "record": rows}


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (MAX_RECORDS_IN_ONE_PIECE, [MAX_RECORDS_IN_ONE_PIECE]),
        (1200, [RECORDS_PER_PIECE, RECORDS_PER_PIECE, 200]),
    ],
)
def test_a_large_backlog_is_stored_piece_by_piece_and_acknowledged_at_the_end(
    door: TerminalDoor, size: int, pieces: list[int]
) -> None:
    sizes: list[int] = []
    add = door.activities.add_activity

    def add_and_count(records: list[NewActivity]) -> object:
        sizes.append(len(records))
        return add(records)

    door.activities.add_activity = add_and_count  # type: ignore[method-assign, assignment]
    with door.connected() as terminal:
        terminal.register()
        assert terminal.ask(**backlog(size))["result"] is True
    assert sizes == pieces
    assert door.activities.count_activity() == size


def test_a_backlog_that_is_stored_in_part_is_refused_and_told_in_part() -> None:
    with open_terminal_door(DoorSetup()) as door, door.connected() as terminal, door.events() as events:
        terminal.register()
        add = door.activities.add_activity

        def fail_later(records: list[NewActivity]) -> object:
            added = add(records)
            door.activities.is_broken = True
            return added

        door.activities.add_activity = fail_later  # type: ignore[method-assign, assignment]
        assert terminal.ask(**backlog(1200)) == {"ret": "sendlog", "result": False, "reason": 1}
        wait_until(lambda: sum(event.name == "activity" for event in events) == RECORDS_PER_PIECE)
        door.activities.is_broken = False
        del door.activities.add_activity
        assert terminal.ask(**backlog(1200))["result"] is True
        wait_until(lambda: sum(event.name == "activity" for event in events) == 1200)
        assert len(door.activities.list_activity(ActivityQuery(), limit=2000)) == 1200


@pytest.mark.parametrize("count", [1, 300])
def test_records_are_made_on_a_worker_when_there_are_many(
    door: TerminalDoor, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    threads: set[str] = set()

    def read(text: str, zone: tzinfo, near: datetime | None = None) -> datetime | None:
        threads.add(threading.current_thread().name)
        return parse_device_time(text, zone, near)

    monkeypatch.setattr(request_work, "parse_device_time", read)
    second_time = datetime(2024, 10, 27, 1, 30, tzinfo=UTC)  # 02:30 in Berlin, for the second time
    scans = tuple(Scan(ActivityRecord(number, "2024-10-27 02:30:00")) for number in range(1, count + 1))
    told: list[NewScan] = []
    work = RequestWork(door.parts).store(Store(1, scans), facts_of(), Moment(0.0, second_time), told.append)
    door.on_loop(work)
    assert len(told) == count
    assert {new.activity.occurred_at for new in told} == {second_time}
    assert all(name.startswith("store") for name in threads) == (count == 300)
