"""The door behind uvicorn, spoken to with the `websockets` library: what only a real server shows."""

import json
import urllib.error
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from tests.protocols.terminals.moments import SERIAL_NUMBER, record
from tests.protocols.terminals.real_door import (
    MAX_MESSAGE_BYTES,
    DoorSetup,
    TerminalDoor,
    open_terminal_door,
    wait_until,
)
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from facegate.domain.errors import CommandTimedOut, TerminalOffline
from facegate.domain.terminals.activity import ActivityQuery
from facegate.frontends.terminals import open_links
from facegate.ports.command_bus import TerminalLink
from facegate.use_cases.terminals.register import RegisterOptions

JPEG = "data:image/jpeg;base64,/9j/4AAQSkZJRg=="


def close_code(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=20)
    return closed.value.rcvd.code if closed.value.rcvd else None


def the_time() -> str:
    return datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def test_a_terminal_registers_scans_and_is_asked(door: TerminalDoor) -> None:
    with door.connected() as terminal, door.events() as events:
        welcome = terminal.register(usersize=5000, firmware="AiF43V_v4.40")
        assert welcome["ret"] == "reg"
        assert welcome["result"] is True
        assert welcome["nosenduser"] is True
        scan = record(time=the_time(), image=JPEG)
        answer = terminal.ask(cmd="sendlog", sn=SERIAL_NUMBER, count=1, logindex=0, record=[scan])
        assert answer.pop("cloudtime")
        assert answer == {"ret": "sendlog", "result": True, "count": 1, "logindex": 0, "access": 1}
        (stored,) = door.activities.list_activity(ActivityQuery(), limit=5)
        assert stored.record.name == "Ana"
        assert stored.has_snapshot
        assert terminal.ask(cmd="sendlog", count=1, logindex=0, record=[scan])["result"] is True
        assert door.activities.count_activity() == 1

        calling = door.calling("getuserlist", stn=True)
        assert terminal.hear() == {"cmd": "getuserlist", "stn": True}
        terminal.say(ret="getuserlist", result=True, count=0, record=[])
        assert calling.reply()["count"] == 0
        wait_until(lambda: [event.name for event in events] == ["connected", "activity"])
        assert events[1].facts["mode_label"] == "face"
        assert door.attached == [SERIAL_NUMBER]
    wait_until(lambda: door.parts.open_links.count == 0)
    assert door.on_loop(door.live.connected()) == {}
    assert door.register.get(SERIAL_NUMBER).info.firmware == "AiF43V_v4.40"


def test_a_newer_connection_takes_over(door: TerminalDoor) -> None:
    with door.connected() as old, door.connected() as new:
        old.register()
        waiting = door.calling("gettime")
        assert old.hear()["cmd"] == "gettime"
        new.register()
        assert close_code(old.socket) == 1000
        with pytest.raises(TerminalOffline):
            waiting.reply()
        calling = door.calling("getdevinfo")
        assert new.hear() == {"cmd": "getdevinfo"}
        new.say(ret="getdevinfo", result=True, volume=6)
        assert calling.reply()["volume"] == 6
        wait_until(lambda: door.parts.open_links.count == 1)


def test_who_waits_hears_at_once_that_the_line_is_dropped(door: TerminalDoor) -> None:
    with door.connected() as terminal:
        terminal.register()
        waiting = door.calling("getdevinfo", timeout_s=300.0)
        assert terminal.hear()["cmd"] == "getdevinfo"
        terminal.socket.socket.shutdown(2)
        with pytest.raises(TerminalOffline):
            waiting.reply()
    wait_until(lambda: door.parts.open_links.registered_count == 0)


def test_a_late_answer_reaches_nobody(door: TerminalDoor) -> None:
    with door.connected() as terminal:
        terminal.register()
        first = door.calling("getusername", enrollid=4, timeout_s=0.05)
        assert terminal.hear()["enrollid"] == 4
        with pytest.raises(CommandTimedOut):
            first.reply()
        second = door.calling("getusername", enrollid=5)
        assert terminal.hear() == {"cmd": "gettime"}, "the fence"
        terminal.say(ret="getusername", result=True, record="Ana")
        terminal.say(ret="gettime", time="2024-05-02 09:00:01")
        assert terminal.hear() == {"cmd": "getusername", "enrollid": 5}
        terminal.say(ret="getusername", result=True, record="Bo")
        assert second.reply()["record"] == "Bo"


def test_a_restart_succeeds_when_it_is_written(door: TerminalDoor) -> None:
    with door.connected() as terminal:
        terminal.register()
        assert door.calling("reboot").reply() == {}
        assert terminal.hear() == {"cmd": "reboot"}
        with pytest.raises(TerminalOffline):
            door.calling("gettime").reply()


def test_a_caller_who_leaves_takes_the_command_along(door: TerminalDoor) -> None:
    with door.connected() as terminal:
        terminal.register()
        first = door.calling("getdevinfo")
        assert terminal.hear()["cmd"] == "getdevinfo"
        second, third = door.calling("opendoor"), door.calling("getdevlock")
        second.give_up()
        first.give_up()
        wait_until(lambda: door.on_loop(door.live.connected())[SERIAL_NUMBER].pending_count == 1)
        terminal.say(ret="getdevinfo", result=True)
        assert terminal.hear() == {"cmd": "getdevlock"}
        terminal.say(ret="getdevlock", result=True)
        assert third.reply()["result"] is True


def test_any_path_and_no_pages_on_the_terminals_own_port(door: TerminalDoor) -> None:
    with connect(door.any_path_url + "/what/ever?x=1") as socket:
        socket.send(json.dumps({"cmd": "reg", "sn": SERIAL_NUMBER}))
        assert json.loads(socket.recv(timeout=20))["result"] is True
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(door.any_path_url.replace("ws", "http") + "/", timeout=20)  # noqa: S310
    with refused.value as answer:
        assert answer.code == 404
        assert answer.read().count(b"\n") == 1


def test_a_message_beyond_the_limit_ends_that_connection_alone(door: TerminalDoor) -> None:
    with door.connected() as good, door.connected() as bad:
        good.register()
        bad.socket.send("x" * (MAX_MESSAGE_BYTES + 1))
        assert close_code(bad.socket) == 1009
        assert good.ask(cmd="ping")["result"] is True


def test_a_large_message_is_read_in_its_turn(door: TerminalDoor) -> None:
    with door.connected() as terminal:
        terminal.register()
        large = record(time="2024-05-02 09:00:00", image="/9j/" + "A" * 300_000)
        terminal.say(cmd="sendlog", count=1, logindex=7, record=[large])
        terminal.say(cmd="heartbeat")
        assert terminal.hear()["logindex"] == 7
        assert terminal.hear()["ret"] == "heartbeat"


def test_an_unknown_terminal_waits_until_it_is_allowed() -> None:
    with (
        open_terminal_door(DoorSetup(register=RegisterOptions(accept_unknown=False))) as door,
        door.connected() as terminal,
        door.events() as events,
    ):
        assert terminal.register() == {"ret": "reg", "result": False, "reason": "unknown device"}
        assert terminal.ask(cmd="sendlog", count=1, record=[record()])["reason"] == "did not reg"
        wait_until(lambda: [event.name for event in events] == ["waiting"])
        door.register.allow(SERIAL_NUMBER)
        assert terminal.register()["result"] is True
        door.register.block(SERIAL_NUMBER)
        assert close_code(terminal.socket) == 1008


def test_too_many_are_told_so() -> None:
    with (
        open_terminal_door(DoorSetup(max_connections=1)) as door,
        door.connected() as terminal,
        door.connected() as other,
    ):
        terminal.register()
        assert other.register("OTHER") == {"ret": "reg", "result": False, "reason": "this server is full"}
        assert terminal.ask(cmd="ping")["result"] is True
        with door.connected() as again:
            assert again.register()["result"] is True, "in its own place"


def test_a_listed_terminal_gets_the_place_of_one_that_nobody_listed() -> None:
    with (
        open_terminal_door(DoorSetup(max_connections=2)) as door,
        door.connected() as listed,
        door.connected() as unlisted,
        door.connected() as late,
    ):
        door.register.add("LISTED")
        door.register.add("LATE")
        listed.register("LISTED")
        unlisted.register("UNLISTED")
        assert late.register("LATE")["result"] is True
        assert close_code(unlisted.socket) == 1013
        assert listed.ask(cmd="ping")["result"] is True
        assert set(door.on_loop(door.live.connected())) == {"LISTED", "LATE"}


def test_sockets_that_never_register_keep_nobody_out(caplog: pytest.LogCaptureFixture) -> None:
    with ExitStack() as closing:
        door = closing.enter_context(open_terminal_door(DoorSetup(max_connections=1, max_unregistered=2)))
        first = closing.enter_context(door.connected())
        first.register()
        flood = [closing.enter_context(door.connected()) for _ in range(5)]
        for silent in flood[:3]:
            assert close_code(silent.socket) == 1013
        assert first.ask(cmd="ping")["result"] is True
        with door.connected() as again:
            assert again.register()["result"] is True
        assert caplog.text.count("MAX_CONNECTIONS") == 1, "a flood does not fill the log"


def test_who_closes_too_slowly_lets_nobody_else_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_links, "_MAX_LEAVING", 0)
    setup = DoorSetup(max_connections=1, max_unregistered=0)
    with open_terminal_door(setup) as door, door.connected():
        wait_until(lambda: door.parts.open_links.count == 1)
        with pytest.raises(InvalidStatus) as refused:
            connect(door.url + "/pub/chat").__enter__()
        assert refused.value.response.status_code == 503


@pytest.mark.parametrize("is_moved", [True, False])
def test_a_take_over_from_elsewhere_is_a_warning(
    door: TerminalDoor, caplog: pytest.LogCaptureFixture, is_moved: bool
) -> None:
    source = ("127.0.0.2", 0) if is_moved else None
    with door.connected() as old, door.connected(source_address=source) as new:
        old.register()
        new.register()
        assert close_code(old.socket) == 1000
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelname == "WARNING"]
    told = [line for line in warnings if "127.0.0.1" in line and "127.0.0.2" in line]
    assert len(told) == int(is_moved)


def test_a_link_is_ended_when_another_process_has_the_terminal() -> None:
    with open_terminal_door() as door, door.connected() as terminal:
        links: list[TerminalLink] = []
        attach = door.bus.attach

        async def attach_and_keep(link: TerminalLink) -> None:
            links.append(link)
            await attach(link)

        door.bus.attach = attach_and_keep  # type: ignore[method-assign]
        terminal.register()
        waiting = door.calling("getdevinfo")
        assert terminal.hear()["cmd"] == "getdevinfo"

        async def end() -> None:
            links[0].end("another server has it")

        door.on_loop(end())
        assert close_code(terminal.socket) == 1000
        with pytest.raises(TerminalOffline):
            waiting.reply()


def test_a_stopping_server_says_goodbye(door: TerminalDoor) -> None:
    with door.connected() as terminal, door.connected() as silent:
        terminal.register()
        waiting = door.calling("getdevinfo")
        assert terminal.hear()["cmd"] == "getdevinfo"
        door.stop()
        assert close_code(terminal.socket) == 1001
        assert close_code(silent.socket) == 1001
        with pytest.raises(TerminalOffline):
            waiting.reply()
        with door.connected() as late:
            assert close_code(late.socket) == 1001
