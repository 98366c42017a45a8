"""What simulated terminals answer to commands, as section 4 and 5 of the wire reference have it."""

import json
from typing import Any

import pytest

from facegate.commands.simulated_terminals.device.firmware import FIRMWARES
from facegate.commands.simulated_terminals.device.outbox import HangUp, Send
from facegate.commands.simulated_terminals.device.photos import SAMPLE_PHOTO
from facegate.commands.simulated_terminals.device.terminal import SimulatedTerminal
from facegate.commands.simulated_terminals.plan import FleetPlan, make_terminals

SERIAL_NUMBER = "ZXRB22001001"


def make(model: str = "aiface", **plan: Any) -> SimulatedTerminal:
    (terminal,) = make_terminals(FleetPlan(models=[FIRMWARES[model]], **plan))
    terminal.opened(0.0)
    terminal.received('{"ret":"reg","result":true,"cloudtime":"2024-05-02 09:00:00"}', 0.0)
    terminal.poll(0.0)
    return terminal


def ask(terminal: SimulatedTerminal, word: str, **fields: object) -> dict[str, Any]:
    """The answer without `ret` and `sn`."""
    terminal.received(json.dumps({"cmd": word, **fields}), 0.0)
    frames = [str(effect.content) for effect in terminal.poll(1.0) if isinstance(effect, Send)]
    # Some models write a comma too many.
    sent = [json.loads(frame.replace(",]", "]")) for frame in frames]
    (answer,) = [message for message in sent if word in (message.get("ret"), message.get("cmd"))]
    assert answer.pop("ret", None) == word or answer.pop("cmd") == word
    assert answer.pop("sn", SERIAL_NUMBER) == SERIAL_NUMBER
    result: dict[str, Any] = answer
    return result


def pages(terminal: SimulatedTerminal, word: str, limit: int = 10) -> list[dict[str, Any]]:
    """Pages until one is empty, refused or a repetition, that one included."""
    found = [ask(terminal, word, stn=True)]
    while len(found) < limit and found[-1].get("record") and found[-2:-1] != found[-1:]:
        found.append(ask(terminal, word, stn=False))
    return found


OK = {"result": True}
BAD = {"result": False, "reason": 1}
UNKNOWN_USER = {**BAD, "msg": "can not find the user"}


def test_the_list_has_a_row_per_credential_and_admin_as_text() -> None:
    assert ask(make(people_count=2), "getuserlist", stn=True) == {
        "result": True,
        "count": 4,
        "from": 0,
        "to": 4,
        "record": [
            {"enrollid": 1, "aliasid": "", "admin": "1", "backupnum": 10},
            {"enrollid": 1, "aliasid": "", "admin": "1", "backupnum": 11},
            {"enrollid": 1, "aliasid": "", "admin": "1", "backupnum": 50},
            {"enrollid": 2, "aliasid": "", "admin": "0", "backupnum": 50},
        ],
    }


@pytest.mark.parametrize(
    ("model", "counts", "last"),
    [
        ("aiface", [40, 40, 22, 0], {"result": True, "count": 0, "from": 0, "to": 0, "record": []}),
        ("ai518", [102, 102, 102, 0], {"result": True, "count": 0, "from": 0, "to": 0, "record": []}),
        ("old", [40, 40, 22, None], BAD),
    ],
)
def test_pages_end_in_every_models_manner(model: str, counts: list[int | None], last: object) -> None:
    found = pages(make(model, people_count=100), "getuserlist")
    assert [page.get("count") for page in found] == counts
    assert found[-1] == last
    rows = [row["enrollid"] for page in found[:-1] for row in page["record"]]
    assert rows == sorted([1, 1, *range(1, 101)])


def test_a_model_that_repeats_its_last_page() -> None:
    found = pages(make("tfs30", people_count=50), "getuserlist")
    assert [len(page["record"]) for page in found] == [40, 12, 12]
    assert found[-1] == found[-2]


def test_another_list_loses_the_place_of_the_first() -> None:
    terminal = make(people_count=60, backlog=60)
    first = ask(terminal, "getuserlist", stn=True)
    ask(terminal, "getalllog", stn=True)
    assert ask(terminal, "getuserlist", stn=False) == first


def test_a_list_of_nobody_is_an_empty_page() -> None:
    assert ask(make("old", people_count=0), "getuserlist", stn=True)["record"] == []


def test_new_log_is_collected_once_the_next_page_is_asked_for() -> None:
    terminal = make(backlog=60)
    terminal.closed()
    terminal.opened(0.0)
    assert ask(terminal, "getnewlog", stn=True)["count"] == 50
    assert terminal.memory.log.waiting_count == 60
    assert ask(terminal, "getnewlog", stn=False)["count"] == 10
    assert terminal.memory.log.waiting_count == 10
    assert ask(terminal, "getnewlog", stn=False)["count"] == 0
    assert terminal.memory.log.waiting_count == 0
    assert len(ask(terminal, "getalllog", stn=True)["record"]) == 50


def test_the_log_of_some_days() -> None:
    terminal = make(people_count=1)
    for day in ("2024-05-02", "2024-05-03", "2024-05-04"):
        ask(terminal, "settime", cloudtime=f"{day} 23:59:00")
        terminal.scan(0.0)
    rows = ask(terminal, "getalllog", stn=True, **{"from": "2024-05-03", "to": "2024-05-03"})["record"]
    assert [row["time"] for row in rows] == ["2024-05-03 23:59:00"]
    assert "image" not in rows[0]


def test_setting_showing_and_deleting_a_person() -> None:
    terminal = make(people_count=0)
    person = {"enrollid": 7, "name": "Zoë", "admin": 0}
    answer = ask(terminal, "setuserinfo", **person, backupnum=50, record=SAMPLE_PHOTO)
    assert answer == {**OK, "enrollid": 7, "aliasid": "", "backupnum": 50}
    ask(terminal, "setuserinfo", **person, backupnum=10, record=1234)
    shown = ask(terminal, "getuserinfo", enrollid=7, backupnum=50)
    assert (shown["name"], shown["admin"], shown["record"]) == ("Zoë", 0, SAMPLE_PHOTO)
    assert ask(terminal, "getuserinfo", enrollid="7", backupnum=10)["record"] == 1234
    assert ask(terminal, "getusername", enrollid=7) == {**OK, "record": "Zoë"}
    assert ask(terminal, "getuserinfo", enrollid=7, backupnum=11) == {**BAD, "msg": "have no data"}
    assert ask(terminal, "deleteuser", enrollid=7, backupnum=13) == OK
    assert ask(terminal, "getuserinfo", enrollid=7, backupnum=50) == UNKNOWN_USER
    assert ask(terminal, "deleteuser", enrollid=7, backupnum=13) == UNKNOWN_USER


def test_a_model_on_which_13_spares_the_photo() -> None:
    terminal = make("ai518", people_count=1)
    assert ask(terminal, "deleteuser", enrollid=1, backupnum=13) == OK
    assert [row["backupnum"] for row in ask(terminal, "getuserlist", stn=True)["record"]] == [50]
    assert ask(terminal, "deleteuser", enrollid=1, backupnum=12) == OK
    assert ask(terminal, "getuserlist", stn=True)["record"] == []


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"backupnum": 50, "record": SAMPLE_PHOTO}, BAD),
        ({"enrollid": 0, "backupnum": 50, "record": SAMPLE_PHOTO}, BAD),
        ({"enrollid": 5, "backupnum": 50, "record": "no base64!"}, {"result": False, "reason": 13}),
        ({"enrollid": 5, "backupnum": 50, "record": "aGVsbG8="}, {"result": False, "reason": 13}),
        ({"enrollid": 5, "backupnum": 50, "record": f"data:image/jpeg;base64,{SAMPLE_PHOTO}"}, None),
        ({"enrollid": 5, "backupnum": 10, "record": "1234"}, BAD),
    ],
)
def test_people_that_a_terminal_does_not_take(fields: dict[str, object], answer: object) -> None:
    terminal = make(people_count=0)
    assert ask(terminal, "setuserinfo", **fields) == (answer or {"result": False, "reason": 13})
    assert len(terminal.memory.people) == 0


def test_names_locks_and_enabling() -> None:
    terminal = make(people_count=2)
    assert ask(terminal, "setusername", count=1, record=[{"enrollid": 2, "name": "Bob"}]) == OK
    assert ask(terminal, "getusername", enrollid=2)["record"] == "Bob"
    assert ask(terminal, "setusername", record=[{"enrollid": 9, "name": "x"}]) == UNKNOWN_USER
    assert ask(terminal, "enableuser", enrollid=2, enflag=0)["result"] is True
    assert {scan.enroll_id for _ in range(30) if (scan := terminal.scan(0.0))} == {1}
    assert ask(terminal, "setuserlock", count=1, record=[{"enrollid": 2, "weekzone": 3}]) == OK
    lock = ask(terminal, "getuserlock", enrollid=2)
    assert (lock["weekzone"], lock["group"], lock["endtime"]) == (3, 0, "2000-01-01 00:00:00")
    assert ask(terminal, "deleteuserlock", enrollid=2) == OK
    assert ask(terminal, "getuserlock", enrollid=2)["weekzone"] == 0


def test_time_settings_and_door() -> None:
    terminal = make(people_count=0)
    assert ask(terminal, "gettime") == {"time": "2024-05-02 09:00:00"}
    assert ask(terminal, "settime", cloudtime="2025-01-01 00:00:00") == OK
    assert ask(terminal, "gettime") == {"time": "2025-01-01 00:00:00"}
    assert ask(terminal, "settime", cloudtime="1 Jan 2025") == BAD
    assert ask(terminal, "setdevinfo", volume=4, sleep=True, nonsense=1) == OK
    shown = ask(terminal, "getdevinfo")
    assert shown["volume"] == 4
    assert "nonsense" not in shown
    assert ask(terminal, "setdevlock", opendelay=9) == OK
    assert ask(terminal, "getdevlock")["opendelay"] == 9
    assert ask(terminal, "setholiday", holidays=[{"name": "h1"}]) == OK
    assert ask(terminal, "getholiday", stn=True)["holidays"] == [{"name": "h1"}]
    assert ask(terminal, "setquestionnaire", title="how?") == OK
    assert ask(terminal, "getquestionnaire", stn=True)["title"] == "how?"


def test_an_opened_door_shows_in_the_log() -> None:
    terminal = make()
    assert ask(terminal, "opendoor") == OK
    (record,) = terminal.memory.log.waiting()
    assert (record.enroll_id, record.event) == (0, 3)


def test_a_disabled_terminal_sees_nobody() -> None:
    terminal = make()
    assert ask(terminal, "disabledevice") == OK
    assert terminal.scan(0.0) is None
    assert ask(terminal, "enabledevice") == OK
    assert terminal.scan(0.0) is not None


def test_cleaning() -> None:
    terminal = make(backlog=3)
    assert ask(terminal, "cleanadmin") == OK
    assert all(row["admin"] == "0" for row in ask(terminal, "getuserlist", stn=True)["record"])
    assert ask(terminal, "cleanlog") == OK
    assert ask(terminal, "getalllog", stn=True)["record"] == []
    assert ask(terminal, "cleanuser") == OK
    assert ask(terminal, "getuserlist", stn=True)["record"] == []
    assert ask(terminal, "initsys") == OK


def test_an_unknown_word() -> None:
    assert ask(make(), "getalluser") == {**BAD, "msg": "can not find this command"}


def test_reboot_has_no_answer_but_an_end() -> None:
    terminal = make()
    terminal.received('{"cmd":"reboot"}', 0.0)
    assert terminal.poll(1.0) == [HangUp("rebooting")]
