"""People on one terminal over /v1."""

import base64

from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.terminal_server import HERE, SN, TerminalServer, with_server
from tests.protocols.small_terminal import SmallTerminal

from facegate.frontends.rest_v1.terminal_admin.user_routes import add_terminal_user_routes

GROUPS = [add_terminal_user_routes]
USERS = f"{HERE}/users"
DONE = {"serial_number": SN}
JPEG = b"\xff\xd8\xff" + bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def test_the_list_has_one_entry_per_person() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect(**SmallTerminal((1, 11, 1), (1, 50, 1), (6, 50, 0)).answers)
        answer = await server.get(USERS)
        assert answer.status_code == 200
        assert answer.json() == {
            "users": [
                {
                    "enroll_id": 1,
                    "name": "",
                    "alias_id": "",
                    "admin": 1,
                    "credentials": {"11": "card", "50": "photo"},
                },
                {"enroll_id": 6, "name": "", "alias_id": "", "admin": 0, "credentials": {"50": "photo"}},
            ],
            "is_complete": True,
        }

    with_server(scenario, groups=GROUPS)


def test_one_person_with_name_and_photo() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = SmallTerminal((1, 11, 1), (6, 50, 0))
        terminal.names[6] = "Ana Ö."
        terminal.records[6, 50] = "data:image/png;base64," + base64.b64encode(PNG).decode()
        await server.connect(**terminal.answers)
        assert (await server.get(f"{USERS}/6")).json()["name"] == "Ana Ö."
        assert (await server.get(f"{USERS}/1")).json()["name"] == ""
        photo = await server.get(f"{USERS}/6/photo")
        assert (photo.status_code, photo.content, photo.headers["content-type"]) == (200, PNG, "image/png")
        assert photo.headers["cache-control"] == "no-store"
        assert error_of(await server.get(f"{USERS}/1/photo")) == (404, "not_found")
        assert error_of(await server.get(f"{USERS}/7")) == (404, "not_found")
        for number in ("0", "x", "1000000000000", "-1"):
            assert error_of(await server.get(f"{USERS}/{number}")) == (422, "invalid_input")

    with_server(scenario, groups=GROUPS)


def test_adding_somebody_with_everything() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = SmallTerminal()
        await server.connect(**terminal.answers)
        photo = base64.b64encode(JPEG).decode()
        body = {"name": "Ana", "image": photo, "password": 1234, "card": 2**40, "admin": 2}
        answer = await server.patch(f"{USERS}/6", body)
        assert (answer.status_code, answer.json()) == (200, DONE)
        assert terminal.records == {(6, 50): photo, (6, 10): 1234, (6, 11): 2**40}
        assert set(terminal.rows.values()) == {2}
        assert terminal.names == {6: "Ana"}

    with_server(scenario, groups=GROUPS)


def test_a_photo_as_a_file_leaves_name_and_role() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = SmallTerminal((6, 11, 1))
        terminal.names[6] = "Ana"
        await server.connect(**terminal.answers)
        answer = await server.http.patch(f"{USERS}/6", files={"image": ("ana.jpg", JPEG)})
        assert answer.status_code == 200, answer.text
        assert terminal.names == {6: "Ana"}
        assert terminal.rows == {(6, 11): 1, (6, 50): 1}

    with_server(scenario, groups=GROUPS)


def test_renaming_and_adding_a_name_alone() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = SmallTerminal((6, 50, 1))
        await server.connect(**terminal.answers)
        assert (await server.patch(f"{USERS}/6", {"name": "Ana"})).status_code == 200
        assert (terminal.names, terminal.rows) == ({6: "Ana"}, {(6, 50): 1})
        assert (await server.patch(f"{USERS}/7", {"name": "Bo", "admin": 1})).status_code == 200
        assert (terminal.rows[7, 0], terminal.records[7, 0]) == (1, "0")
        role = await server.patch(f"{USERS}/6", {"admin": 0})
        assert error_of(role) == (422, "invalid_input")
        assert role.json()["error"]["field"] == "admin"
        assert (await server.patch(f"{USERS}/6", {"admin": 1, "name": "An"})).status_code == 200

    with_server(scenario, groups=GROUPS)


def test_bad_people() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect(**SmallTerminal().answers)
        bodies: list[object] = [
            {},
            {"card": "4711"},
            {"password": 123_456_789},
            {"admin": 3, "card": 1},
            {"image": "no base64!"},
            {"image": base64.b64encode(b"GIF89a").decode(), "name": "Ana", "admin": 0},
            {"name": "two\nlines", "card": 1, "admin": 0},
            {"colour": "red"},
        ]
        for body in bodies:
            assert error_of(await server.patch(f"{USERS}/6", body)) == (422, "invalid_input"), body
        reserved = await server.patch(f"{USERS}/99999999", {"name": "x", "card": 1, "admin": 0})
        assert error_of(reserved) == (422, "invalid_input")
        large = await server.patch(f"{USERS}/6", {"image": base64.b64encode(JPEG * 5000).decode()})
        assert error_of(large) == (413, "image_too_large")
        assert [body["cmd"] for body in terminal.received if body["cmd"] == "setuserinfo"] == []

    with_server(scenario, groups=GROUPS)


def test_deleting_looks_whether_something_is_left() -> None:
    async def scenario(server: TerminalServer) -> None:
        spares_photos = SmallTerminal((6, 3, 0), (6, 11, 0), (6, 50, 0), (7, 50, 0), everything=range(50))
        terminal = await server.connect(**spares_photos.answers)
        assert (await server.delete(f"{USERS}/6")).status_code == 204
        assert spares_photos.rows == {(7, 50): 0}
        assert (await server.delete(f"{USERS}/6")).status_code == 204
        terminal.answers["deleteuser"] = lambda command: {"ret": command.word, "result": True}
        assert error_of(await server.delete(f"{USERS}/7")) == (409, "terminal_refused")

    with_server(scenario, groups=GROUPS)


def test_letting_in_and_starting_an_enrolment() -> None:
    async def scenario(server: TerminalServer) -> None:
        terminal = await server.connect(**SmallTerminal().answers)
        assert (await server.post(f"{USERS}/6/enable", {"is_enabled": False})).json() == DONE
        assert error_of(await server.post(f"{USERS}/6/enable", {"is_enabled": 1})) == (422, "invalid_input")
        assert (await server.post(f"{USERS}/6/start-enrolment")).json() == DONE
        wrong = await server.post(f"{USERS}/6/start-enrolment", {"backup_number": 99})
        assert error_of(wrong) == (422, "invalid_input")
        assert terminal.received == [
            {"cmd": "enableuser", "enrollid": 6, "enflag": 0},
            {"cmd": "adduser", "enrollid": 6, "backupnum": 50, "admin": 0},
        ]

    with_server(scenario, groups=GROUPS)
