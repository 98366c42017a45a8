"""People as terminals list them."""

from facegate.domain.terminals.terminal_users import (
    HeldCredential,
    TerminalUser,
    merge_users,
    parse_credential,
    parse_user_name,
)


def test_one_person_has_many_rows() -> None:
    rows = [
        {"enrollid": 6, "aliasid": "", "admin": "0", "backupnum": 50},
        {"enrollid": 1, "aliasid": "", "admin": "1", "backupnum": 50},
        {"enrollid": 1, "aliasid": "x", "admin": "1", "backupnum": 11},
        {"enrollid": 1, "aliasid": "x", "admin": 0, "backupnum": 11},
    ]
    assert merge_users(rows) == [TerminalUser(1, 1, (11, 50), "x"), TerminalUser(6, 0, (50,))]


def test_rows_of_other_firmware_are_understood_and_junk_passed_over() -> None:
    rows: list[dict[str, object]] = [
        {"userid": "7", "name": "Ana", "backupnum": "50"},
        {"enrollid": 8},
        {"enrollid": "eight"},
        {"enrollid": 9, "backupnum": "fifty", "admin": None},
        {},
    ]
    assert merge_users(rows) == [
        TerminalUser(7, 0, (50,), "", "Ana"),
        TerminalUser(8),
        TerminalUser(9),
    ]


def test_a_credential_shows_no_secret() -> None:
    reply = {"ret": "getuserinfo", "result": True, "name": "Ana", "backupnum": 10, "admin": 1, "record": 4711}
    credential = parse_credential(6, reply)
    assert credential == HeldCredential(6, "Ana", 10, 1, "", 4711)
    assert "4711" not in repr(credential)
    assert parse_credential(6, {"record": ["junk"]}) == HeldCredential(6, "", None, 0)


def test_names_come_in_two_forms() -> None:
    assert parse_user_name({"ret": "getusername", "result": True, "record": "Ana"}) == "Ana"
    assert parse_user_name({"ret": "getusername", "result": True, "name": "Ana"}) == "Ana"
    assert parse_user_name({"ret": "getusername", "result": True}) == ""
