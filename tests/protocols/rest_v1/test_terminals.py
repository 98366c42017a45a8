"""/v1/terminals: the list of terminals, who is let in, and what is known of each."""

from collections.abc import Mapping

from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.terminal_server import (
    HERE,
    INFO,
    SN,
    TERMINALS,
    TerminalServer,
    scan,
    with_server,
)
from tests.protocols.scripted_terminals import ScriptedTerminal

from facegate.adapters.local_bus import LocalBus
from facegate.domain.access import Door
from facegate.domain.errors import BusFailed
from facegate.domain.terminals.devices import TerminalStatus
from facegate.ports.command_bus import ConnectedTerminal

SHOWN = {
    "serial_number": SN,
    "name": "",
    "status": "allowed",
    "zone": None,
    "is_listed": False,
    "access_encoding": None,
    "mode_labels": {},
    "model_name": "AiFace",
    "firmware": "AiF43V_v4.40",
    "mac_address": "00-01-A9-00-00-01",
    "holdings": {
        "users": {"used": 6, "capacity": 5000},
        "faces": {"used": 5, "capacity": None},
        "fingerprints": {"used": None, "capacity": 0},
    },
    "uncollected_record_count": 3,
    "clock_offset_s": 9.321099,
    "is_connected": True,
    "pending_command_count": 0,
    "created_at": "2026-01-02T03:04:05.678901Z",
    "registered_at": "2026-01-02T03:04:05.678901Z",
    "last_seen_at": "2026-01-02T03:04:05.678901Z",
}


def test_a_connected_terminal_is_told_in_full() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        server.store(scan(4), scan(5, 1))
        shown = await server.get(HERE)
        assert shown.status_code == 200
        assert shown.json() == {**SHOWN, "facts": dict(INFO.facts), "activity_count": 2}
        listed = await server.get(TERMINALS)
        assert listed.json() == {"terminals": [SHOWN], "next_after": None}

    with_server(scenario)


def test_adding_before_it_ever_connected() -> None:
    async def scenario(server: TerminalServer) -> None:
        body = {"serial_number": SN, "name": "Gate 1", "zone": "Europe/Berlin"}
        added = await server.post(TERMINALS, body)
        assert added.status_code == 201
        content = added.json()
        assert {name: content[name] for name in body} == body
        assert (content["status"], content["is_connected"], content["registered_at"]) == (
            "allowed",
            False,
            None,
        )
        assert (content["model_name"], content["holdings"], content["activity_count"]) == ("", {}, 0)
        assert [one.name for one in server.terminals.list_terminals()] == ["Gate 1"]
        again = await server.post(TERMINALS, {"serial_number": SN, "zone": "Asia/Tokyo"})
        assert (again.json()["name"], again.json()["zone"]) == ("Gate 1", "Asia/Tokyo")

    with_server(scenario)


BAD_ADDITIONS: list[tuple[object, str]] = [
    ({}, "serial_number"),
    ({"serial_number": "no blanks"}, "serial_number"),
    ({"serial_number": ""}, "serial_number"),
    ({"serial_number": SN + "\n"}, "serial_number"),
    ({"serial_number": 7}, "serial_number"),
    ({"serial_number": SN, "zone": "Mars/Base"}, "zone"),
    ({"serial_number": SN, "zone": "/etc/passwd"}, "zone"),
    ({"serial_number": SN, "name": "two\nlines"}, "name"),
    ({"serial_number": SN, "colour": "red"}, "colour"),
]


def test_bad_additions() -> None:
    async def scenario(server: TerminalServer) -> None:
        for body, field in BAD_ADDITIONS:
            answer = await server.post(TERMINALS, body)
            assert error_of(answer) == (422, "invalid_input"), body
            assert answer.json()["error"]["field"] == field
        assert server.terminals.list_terminals() == []

    with_server(scenario)


def test_changing() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        changed = await server.patch(
            HERE,
            {
                "zone": "Asia/Tokyo",
                "access_encoding": "boolean",
                "mode_labels": {"3": "face"},
                "name": "Gate",
            },
        )
        content = changed.json()
        assert changed.status_code == 200
        assert (content["zone"], content["access_encoding"], content["name"]) == (
            "Asia/Tokyo",
            "boolean",
            "Gate",
        )
        assert content["mode_labels"] == {"3": "face"}
        assert (await server.patch(HERE, {"name": ""})).json()["zone"] == "Asia/Tokyo"
        back = (await server.patch(HERE, {"zone": None})).json()
        assert (back["zone"], back["name"], back["access_encoding"]) == (None, "", "boolean")
        assert (await server.patch(HERE, {"access_encoding": None})).json()["access_encoding"] is None

    with_server(scenario)


BAD_CHANGES: list[object] = [
    {"mode_labels": {"3": ""}},
    {"mode_labels": {"x": "face"}},
    {"status": "allowed"},
    {"zone": 7},
    [],
    7,
]


def test_bad_changes() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        for body in BAD_CHANGES:
            assert error_of(await server.patch(HERE, body)) == (422, "invalid_input"), body

    with_server(scenario)


def test_blocking_allowing_and_removing_are_durable_and_told() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        told: list[tuple[TerminalStatus | None, str]] = []
        server.parts.register.on_change(
            lambda terminal, number: told.append((None if terminal is None else terminal.status, number))
        )
        for verb, status in (("block", TerminalStatus.BLOCKED), ("allow", TerminalStatus.ALLOWED)):
            assert (await server.post(f"{HERE}/{verb}")).json()["status"] == status.value
            assert [one.status for one in server.terminals.list_terminals()] == [status]
        assert (await server.delete(HERE)).status_code == 204
        assert server.terminals.list_terminals() == []
        assert told == [(TerminalStatus.BLOCKED, SN), (TerminalStatus.ALLOWED, SN), (None, SN)]
        for answer in (
            await server.get(HERE),
            await server.delete(HERE),
            await server.post(f"{HERE}/allow"),
            await server.patch(HERE, {}),
        ):
            assert error_of(answer) == (404, "terminal_not_found")

    with_server(scenario)


def test_pages_and_filters() -> None:
    async def scenario(server: TerminalServer) -> None:
        for number in range(7):
            await server.connect(f"SN{number}")
        await server.post(TERMINALS, {"serial_number": "AWAY"})
        await server.post(f"{TERMINALS}/SN3/block")
        seen: list[str] = []
        after: Mapping[str, str] = {}
        while True:
            page = (await server.get(TERMINALS, limit=3, **after)).json()
            seen += [one["serial_number"] for one in page["terminals"]]
            if page["next_after"] is None:
                break
            after = {"after": page["next_after"]}
        assert seen == ["AWAY", *(f"SN{number}" for number in range(7))]
        blocked = (await server.get(TERMINALS, status="blocked")).json()["terminals"]
        assert [one["serial_number"] for one in blocked] == ["SN3"]
        away = (await server.get(TERMINALS, is_connected=False)).json()["terminals"]
        assert [one["serial_number"] for one in away] == ["AWAY"]
        assert error_of(await server.get(TERMINALS, limit=0)) == (422, "invalid_input")
        assert error_of(await server.get(TERMINALS, colour="red")) == (422, "invalid_input")

    with_server(scenario)


def test_commands_that_wait_are_counted() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect()
        terminal.pending_count = 3
        assert (await server.get(HERE)).json()["pending_command_count"] == 3

    with_server(scenario)


class NobodyCanBeAsked(LocalBus):
    """As the bus of several processes in an outage."""

    async def connected(self) -> Mapping[str, ConnectedTerminal]:
        raise BusFailed("Redis does not answer")


def test_an_outage_between_the_processes_hides_who_is_connected_and_nothing_else() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        shown = (await server.get(HERE)).json()
        assert (shown["is_connected"], shown["pending_command_count"]) == (None, None)
        assert (await server.get(TERMINALS)).json()["terminals"][0]["is_connected"] is None
        assert error_of(await server.get(TERMINALS, is_connected=True)) == (503, "bus_failed")

    with_server(scenario, bus=NobodyCanBeAsked())


def test_a_store_that_fails_is_said() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        server.terminals.is_broken = True
        assert error_of(await server.post(f"{HERE}/block")) == (503, "store_failed")
        server.terminals.is_broken = False
        assert (await server.get(HERE)).json()["status"] == "allowed"

    with_server(scenario)


def test_every_route_needs_a_token() -> None:
    async def scenario(server: TerminalServer) -> None:
        other = server.access.create("other", doors=[Door.ADMIN_PUSH]).secret
        routes = [
            (method, path.format(serial_number=SN, enroll_id=1, backup_number=50, activity_id=1))
            for path, methods in server.app.openapi()["paths"].items()
            for method in methods
        ]
        assert len(routes) > 30
        for method, path in routes:
            for token, status in (("", 401), ("Bearer nonsense", 401), (f"Bearer {other}", 403)):
                answer = await server.http.request(method, path, headers={"Authorization": token})
                assert answer.status_code == status, (method, path)

    with_server(scenario)


def test_a_serial_number_that_is_none_is_an_input_error_everywhere() -> None:
    async def scenario(server: TerminalServer) -> None:
        for path in ("a%20b", "x" * 65, "%C3%A4", "a.b"):
            assert error_of(await server.get(f"{TERMINALS}/{path}")) == (422, "invalid_input")
            assert error_of(await server.post(f"{TERMINALS}/{path}/block")) == (422, "invalid_input")

    with_server(scenario)


def test_fixed_words_are_no_serial_numbers() -> None:
    async def scenario(server: TerminalServer) -> None:
        for word in ("activity", "enrolments", "placements"):
            assert (await server.get(f"{TERMINALS}/{word}")).json().keys() >= {word}

    with_server(scenario)


def test_a_link_that_is_gone_is_not_connected() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal: ScriptedTerminal = await server.connect()
        await server.parts.live.detach(terminal)
        assert (await server.get(HERE)).json()["is_connected"] is False

    with_server(scenario)
