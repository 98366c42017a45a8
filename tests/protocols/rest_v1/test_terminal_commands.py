"""Having a terminal do something over /v1."""

import httpx
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.terminal_server import HERE, SN, TERMINALS, TerminalServer, with_server
from tests.protocols.scripted_terminals import ScriptedTerminal, in_turn, replies, silence

from facegate.frontends.rest_v1.terminal_admin.command_routes import add_terminal_command_routes
from facegate.use_cases.terminals.register import TerminalChange

GROUPS = [add_terminal_command_routes]
COMMANDS = f"{HERE}/commands"
DONE = {"serial_number": SN}


def told(answer: httpx.Response) -> tuple[int, object]:
    return answer.status_code, answer.json()


def test_any_command_and_its_answer() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect(newword=replies(a=[1, {"b": None}], name="\ud83d half"))
        answer = await server.post(COMMANDS, {"cmd": "newword", "fields": {"x": [1, 2.5, {"y": None}]}})
        reply = {"ret": "newword", "result": True, "a": [1, {"b": None}], "name": "\ud83d half"}
        assert told(answer) == (200, {"has_succeeded": True, "reply": reply})
        assert answer.headers["cache-control"] == "no-store"
        assert terminal.received == [{"cmd": "newword", "x": [1, 2.5, {"y": None}]}]

    with_server(scenario, groups=GROUPS)


def test_a_refusal_is_an_answer_to_a_plain_command_and_an_error_of_a_named_one() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        answer = await server.post(COMMANDS, {"cmd": "opendoor"})
        assert answer.status_code == 200
        assert answer.json()["has_succeeded"] is False
        assert answer.json()["reply"]["msg"] == "can not find this command"
        named = await server.post(f"{HERE}/open-door")
        assert error_of(named) == (409, "terminal_refused")
        assert "can not find this command" in named.json()["error"]["message"]

    with_server(scenario, groups=GROUPS)


def test_who_cannot_be_reached() -> None:
    async def scenario(server: TerminalServer) -> None:
        assert error_of(await server.post(COMMANDS, {"cmd": "gettime"})) == (404, "terminal_not_found")
        terminal = await server.connect(gettime=silence)
        answer = await server.post(COMMANDS, {"cmd": "gettime", "timeout_s": 0.02})
        assert error_of(answer) == (504, "command_timed_out")
        await server.parts.live.detach(terminal)
        assert error_of(await server.post(COMMANDS, {"cmd": "gettime"})) == (503, "terminal_offline")

    with_server(scenario, groups=GROUPS)


def test_what_destroys_has_to_be_confirmed() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect(cleanlog=replies())
        for word in ("cleanlog", "cleanuser", "initsys", "reboot"):
            answer = await server.post(COMMANDS, {"cmd": word})
            assert error_of(answer) == (422, "invalid_input")
            assert answer.json()["error"]["field"] == "confirm"
        for body in (None, {}, {"confirm": False}):
            assert error_of(await server.post(f"{HERE}/reboot", body)) == (422, "invalid_input")
        assert terminal.received == []
        assert (await server.post(COMMANDS, {"cmd": "cleanlog", "confirm": True})).status_code == 200
        assert told(await server.post(f"{HERE}/reboot", {"confirm": True})) == (200, DONE)
        rebooted = await server.post(COMMANDS, {"cmd": "reboot", "confirm": True})
        assert told(rebooted) == (200, {"has_succeeded": True, "reply": {}})
        assert [body["cmd"] for body in terminal.received] == ["cleanlog", "reboot", "reboot"]

    with_server(scenario, groups=GROUPS)


def test_bad_commands() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect()
        bodies: list[object] = [
            {},
            {"cmd": ""},
            {"cmd": "x" * 65},
            {"cmd": "two\nlines"},
            {"cmd": 7},
            {"cmd": "gettime", "fields": []},
            {"cmd": "gettime", "timeout_s": 0},
            {"cmd": "gettime", "timeout_s": 1e9},
            {"cmd": "gettime", "sn": SN},
            [],
        ]
        for body in bodies:
            assert error_of(await server.post(COMMANDS, body)) == (422, "invalid_input"), body
        assert error_of(await server.post(COMMANDS)) == (422, "invalid_input")
        assert terminal.received == []

    with_server(scenario, groups=GROUPS)


def test_doors() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect(
            opendoor=replies(), getdevlock=replies(opendelay=5, dayzone=[]), setdevlock=replies()
        )
        assert told(await server.post(f"{HERE}/open-door")) == (200, DONE)
        assert told(await server.post(f"{HERE}/open-door", {"door_number": 2})) == (200, DONE)
        assert error_of(await server.post(f"{HERE}/open-door", {"door_number": 5})) == (422, "invalid_input")
        assert told(await server.get(f"{HERE}/door")) == (
            200,
            {"parameters": {"opendelay": 5, "dayzone": []}},
        )
        assert told(await server.patch(f"{HERE}/door", {"parameters": {"opendelay": 7}})) == (200, DONE)
        wrong: list[object] = [
            {},
            {"parameters": {}},
            {"parameters": {"opendelay": "long"}},
            {"opendelay": 7},
        ]
        for body in wrong:
            assert error_of(await server.patch(f"{HERE}/door", body)) == (422, "invalid_input")
        assert terminal.received == [
            {"cmd": "opendoor"},
            {"cmd": "opendoor", "doornum": 2},
            {"cmd": "getdevlock"},
            {"cmd": "setdevlock", "opendelay": 7},
        ]

    with_server(scenario, groups=GROUPS)


def test_the_clock_is_in_the_terminals_zone() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect(gettime=replies(time="2026-01-02 12:04:05"), settime=replies())
        server.parts.register.change(SN, TerminalChange(zone_name="Asia/Tokyo"))
        shown = (await server.get(f"{HERE}/time")).json()
        assert (shown["time"], round(shown["clock_offset_s"])) == ("2026-01-02 12:04:05", -1)
        assert told(await server.post(f"{HERE}/time")) == (200, DONE)
        assert told(await server.post(f"{HERE}/time", {"time": "2026-05-04T00:00:00Z"})) == (200, DONE)
        assert error_of(await server.post(f"{HERE}/time", {"time": "2026-05-04T00:00:00"}))[0] == 422
        assert [body.get("cloudtime") for body in terminal.received] == [
            None,
            "2026-01-02 12:04:05",
            "2026-05-04 09:00:00",
        ]

    with_server(scenario, groups=GROUPS)


def test_settings_come_without_passwords() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect(
            getdevinfo=replies(sn=SN, volume=6, wlanpassword="hunter2"), setdevinfo=replies()
        )
        shown = await server.get(f"{HERE}/parameters")
        assert told(shown) == (200, {"parameters": {"volume": 6, "wlanpassword": "***"}})
        changed = await server.patch(f"{HERE}/parameters", {"parameters": {"volume": 4}})
        assert told(changed) == (200, DONE)
        masked = await server.patch(f"{HERE}/parameters", {"parameters": {"wlanpassword": "***"}})
        assert error_of(masked) == (422, "invalid_input")
        assert terminal.received[1:] == [{"cmd": "setdevinfo", "volume": 4}]

    with_server(scenario, groups=GROUPS)


def test_pausing() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect(disabledevice=replies(), enabledevice=replies())
        assert told(await server.post(f"{HERE}/disable")) == (200, DONE)
        assert told(await server.post(f"{HERE}/enable")) == (200, DONE)
        assert [body["cmd"] for body in terminal.received] == ["disabledevice", "enabledevice"]

    with_server(scenario, groups=GROUPS)


def row(enroll_id: int, minute: int) -> dict[str, object]:
    return {"enrollid": enroll_id, "name": "Ana", "time": f"2026-05-04 12:{minute:02}:00", "mode": 8}


def test_collecting_what_a_terminal_keeps() -> None:
    async def scenario(server: TerminalServer) -> None:
        pages: list[dict[str, object]] = [
            {"record": [row(4, 0), row(4, 1)]},
            {"record": [row(5, 2), "broken"]},
            {"record": []},
        ]
        terminal = await server.connect(getnewlog=in_turn(*pages), getalllog=in_turn(*pages))
        first = await server.post(f"{HERE}/collect-log")
        assert first.status_code == 200
        assert {name: first.json()[name] for name in ("new_count", "repeated_count", "is_complete")} == {
            "new_count": 3,
            "repeated_count": 0,
            "is_complete": True,
        }
        days = {"everything": True, "from_date": "2026-05-01", "to_date": "2026-05-31"}
        again = (await server.post(f"{HERE}/collect-log", days)).json()
        assert (again["new_count"], again["repeated_count"]) == (0, 3)
        assert server.activity.count_activity(SN) == 3
        asked = terminal.received[-3]
        assert (asked["cmd"], asked["stn"], asked["from"]) == ("getalllog", True, "2026-05-01")
        wrong = await server.post(f"{HERE}/collect-log", {"from_date": "2026-05-01"})
        assert error_of(wrong) == (422, "invalid_input")

    with_server(scenario, groups=GROUPS)


def test_named_commands_to_nobody() -> None:
    async def scenario(server: TerminalServer) -> None:
        for path in ("open-door", "time", "disable", "enable", "collect-log"):
            answer = await server.post(f"{TERMINALS}/NOBODY/{path}")
            assert error_of(answer) == (404, "terminal_not_found"), path
        for path in ("time", "door", "parameters"):
            assert error_of(await server.get(f"{TERMINALS}/NOBODY/{path}")) == (404, "terminal_not_found")

    with_server(scenario, groups=GROUPS)


def test_commands_run_one_after_the_other() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal: ScriptedTerminal = await server.connect(gettime=silence)
        late = await server.post(COMMANDS, {"cmd": "gettime", "timeout_s": 0.02})
        assert late.status_code == 504
        terminal.answers["gettime"] = replies(time="2026-01-02 03:04:05")
        assert (await server.get(f"{HERE}/time")).json()["time"] == "2026-01-02 03:04:05"

    with_server(scenario, groups=GROUPS)
