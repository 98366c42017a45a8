"""A simulated terminal without I/O: registering, sending scans until they are acknowledged, misbehaving."""

import json
from typing import Any

import pytest

from facegate.commands.simulated_terminals.device.firmware import FIRMWARES
from facegate.commands.simulated_terminals.device.habits import Habits, Mischief
from facegate.commands.simulated_terminals.device.outbox import HangUp, Send
from facegate.commands.simulated_terminals.device.terminal import SimulatedTerminal
from facegate.commands.simulated_terminals.plan import FleetPlan, make_terminals

GOOD_REG = {"ret": "reg", "result": True, "cloudtime": "2024-05-02 09:00:00", "nosenduser": True}


def make(model: str = "aiface", mischief: Mischief | None = None, **plan: Any) -> SimulatedTerminal:
    habits = Habits(mischief=mischief or Mischief())
    return make_terminals(FleetPlan(models=[FIRMWARES[model]], **plan), habits)[0]


def messages(terminal: SimulatedTerminal, now_s: float) -> list[dict[str, Any]]:
    return [json.loads(effect.content) for effect in terminal.poll(now_s) if isinstance(effect, Send)]


def registered(terminal: SimulatedTerminal, now_s: float = 0.0) -> SimulatedTerminal:
    terminal.opened(now_s)
    assert messages(terminal, now_s)[0]["cmd"] == "reg"
    terminal.received(json.dumps(GOOD_REG), now_s)
    return terminal


def acknowledge(terminal: SimulatedTerminal, now_s: float, **changes: object) -> None:
    answer = {"ret": "sendlog", "result": True, "cloudtime": "2024-05-02 09:00:01"}
    terminal.received(json.dumps({**answer, **changes}), now_s)


def test_registration_says_what_the_real_capture_says() -> None:
    terminal = make()
    terminal.opened(0.0)
    (message,) = messages(terminal, 0.0)
    assert list(message) == ["cmd", "sn", "devinfo"]
    assert message["sn"] == "ZXRB22001001"
    keys = "modelname usersize facesize fpsize cardsize pwdsize logsize "
    keys += "useduser usedface usedfp usedcard usedpwd"
    assert list(message["devinfo"]) == [
        *keys.split(),
        "usedlog",
        "usednewlog",
        "netinuse",
        "fpalgo",
        "firmware",
        "time",
        "mac",
    ]
    assert message["devinfo"]["useduser"] == 6


def test_registration_comes_again_after_20_s_and_then_the_link_is_given_up() -> None:
    terminal = make()
    terminal.opened(0.0)
    assert [len(messages(terminal, at_s)) for at_s in (0.0, 19.0, 20.0, 39.0, 40.0)] == [1, 0, 1, 0, 1]
    assert terminal.poll(60.0) == [HangUp("no answer to reg")]


def test_a_refused_terminal_asks_again_and_scans_nothing_away() -> None:
    terminal = make()
    terminal.opened(0.0)
    messages(terminal, 0.0)
    terminal.received('{"ret":"reg","result":false,"reason":"unknown device"}', 1.0)
    terminal.scan(2.0)
    assert messages(terminal, 19.0) == []
    assert messages(terminal, 20.0)[0]["devinfo"]["usednewlog"] == 1
    assert not terminal.is_registered


def test_the_clock_is_taken_over_and_drifts() -> None:
    terminal = make(drift_s_per_day=8640.0, clock_off_s=1e6)
    registered(terminal)
    record = terminal.scan(100.0)
    assert record is not None
    assert record.time_text == "2024-05-02 09:01:50"


def test_a_scan_is_sent_until_it_is_acknowledged() -> None:
    terminal = registered(make())
    record = terminal.scan(1.0)
    assert record is not None
    (sent,) = messages(terminal, 1.0)
    assert (sent["cmd"], sent["count"], sent["logindex"]) == ("sendlog", 1, 0)
    assert sent["record"][0]["enrollid"] == record.enroll_id
    assert terminal.poll(21.0) == [HangUp("no answer to sendlog")]
    terminal.closed()
    registered(terminal, 25.0)
    (again,) = messages(terminal, 25.0)
    assert again == sent
    assert terminal.tally.sent_again == 1
    acknowledge(terminal, 26.0, count=1)
    assert terminal.memory.log.waiting_count == 0
    assert terminal.next_due_s is None
    assert terminal.tally.acknowledged == 1


def test_one_message_at_a_time_and_the_backlog_in_batches() -> None:
    terminal = registered(make(backlog=120))
    (first,) = messages(terminal, 0.0)
    assert (first["count"], len(first["record"])) == (50, 50)
    assert messages(terminal, 1.0) == []
    acknowledge(terminal, 1.0, count=50)
    (second,) = messages(terminal, 1.0)
    acknowledge(terminal, 2.0, count=50)
    (third,) = messages(terminal, 2.0)
    acknowledge(terminal, 3.0, count=20)
    rows = first["record"] + second["record"] + third["record"]
    assert len({(row["enrollid"], row["time"], row["mode"], row["event"]) for row in rows}) == 120


@pytest.mark.parametrize("changes", [{"result": False, "reason": 1}, {"count": 7}])
def test_a_refusal_or_a_wrong_count_leaves_the_record_waiting(changes: dict[str, object]) -> None:
    terminal = registered(make())
    terminal.scan(1.0)
    (sent,) = messages(terminal, 1.0)
    acknowledge(terminal, 2.0, **{"count": 1, **changes})
    assert messages(terminal, 6.9) == []
    assert messages(terminal, 7.0) == [sent]
    assert terminal.tally.acknowledged == 0


def test_an_answer_that_nobody_waits_for_acknowledges_nothing() -> None:
    terminal = registered(make())
    acknowledge(terminal, 1.0, count=1)
    terminal.scan(2.0)
    assert terminal.memory.log.waiting_count == 1
    assert terminal.tally.stray_answers == 1


def test_users_are_sent_one_by_one_when_the_server_wants_them() -> None:
    terminal = make(people_count=2)
    terminal.opened(0.0)
    messages(terminal, 0.0)
    terminal.received(json.dumps({**GOOD_REG, "nosenduser": False}), 0.0)
    seen = []
    for moment in range(4):
        (sent,) = messages(terminal, float(moment))
        seen.append((sent["enrollid"], sent["backupnum"], type(sent["record"])))
        terminal.received('{"ret":"senduser","result":true}', float(moment))
    assert seen == [(1, 10, int), (1, 11, int), (1, 50, str), (2, 50, str)]
    assert messages(terminal, 5.0) == []
    terminal.closed()
    terminal.opened(9.0)
    messages(terminal, 9.0)
    terminal.received(json.dumps({**GOOD_REG, "nosenduser": False}), 9.0)
    assert messages(terminal, 9.0) == []


def test_a_user_comes_again_after_5_s() -> None:
    terminal = registered(make(people_count=0))
    terminal.received('{"cmd":"adduser","enrollid":9,"backupnum":50,"admin":0}', 0.0)
    assert messages(terminal, 0.5)[0] == {"ret": "adduser", "sn": "ZXRB22001001", "result": True}
    (sent,) = messages(terminal, 2.5)
    assert (sent["cmd"], sent["enrollid"]) == ("senduser", 9)
    assert messages(terminal, 7.4) == []
    assert messages(terminal, 7.5) == [sent]


def test_keys_never_repeat_within_one_second_or_when_the_clock_is_set_back() -> None:
    terminal = registered(make(people_count=1))
    keys = []
    for _ in range(5):
        for _ in range(4):
            record = terminal.scan(1.0)
            assert record is not None
            keys.append(record.key)
        terminal.received('{"cmd":"settime","cloudtime":"2024-05-02 09:00:00"}', 1.0)
    assert len(set(keys)) == 20


def test_old_firmware_writes_what_has_to_be_repaired() -> None:
    terminal = registered(make("old"))
    terminal.scan(1.0)
    terminal.scan(1.0)
    (single,) = terminal.poll(1.0)
    assert isinstance(single, Send)
    message = json.loads(single.content)
    assert isinstance(message["record"], dict)
    assert isinstance(message["record"]["enrollid"], str)
    assert {"sn", "logindex"}.isdisjoint(message)
    acknowledge(terminal, 2.0, count=1)
    terminal.received('{"cmd":"getuserlist","stn":true}', 3.0)
    messages(terminal, 2.0)
    (answer,) = terminal.poll(4.0)
    assert isinstance(answer, Send)
    assert str(answer.content).endswith("},]}")
    assert json.loads(str(answer.content).replace(",]", "]"))["cmd"] == "getuserlist"


def test_mischief_happens_where_it_is_asked_for() -> None:
    terminal = make(mischief=Mischief(garbage=1.0, dropped_links=1.0, lingering_sockets=1.0))
    terminal.opened(0.0)
    garbage, registration, end = terminal.poll(0.0)
    assert isinstance(garbage, Send)
    assert isinstance(registration, Send)
    assert json.loads(registration.content)["cmd"] == "reg"
    assert end == HangUp("the link dropped", lingers=True)


@pytest.mark.parametrize(
    ("mischief", "answers_at"),
    [
        (Mischief(silence=1.0), []),
        (Mischief(late_answers=1.0, late_by_s=12.0), [13]),
        (Mischief(doubled_answers=1.0), [1, 1]),
    ],
)
def test_answers_are_missing_late_or_doubled(mischief: Mischief, answers_at: list[int]) -> None:
    terminal = registered(make(mischief=mischief))
    terminal.received('{"cmd":"getdevcap"}', 0.0)
    heard = [moment for moment in range(20) for _ in messages(terminal, float(moment))]
    assert heard == answers_at


def test_repeated_records_are_acknowledged_once() -> None:
    counted: list[int] = []
    habits = Habits(mischief=Mischief(repeated_records=1.0))
    (terminal,) = make_terminals(FleetPlan(), habits, lambda _, records: counted.append(len(records)))
    registered(terminal)
    for moment in range(1, 5):
        terminal.scan(float(moment))
        (sent,) = messages(terminal, float(moment))
        assert sent["count"] == len(sent["record"]) == 1 + min(2, moment - 1)
        acknowledge(terminal, float(moment), count=sent["count"])
    assert counted == [1, 1, 1, 1]


def test_the_same_seed_makes_the_same_conversation() -> None:
    def conversation(seed: int) -> list[object]:
        terminal = registered(make(seed=seed, mischief=Mischief(garbage=0.5)))
        for moment in range(9):
            terminal.scan(float(moment))
        return [record.enroll_id for record in terminal.memory.log.waiting()]

    assert conversation(1) == conversation(1) != conversation(2)


def test_what_the_server_says_is_never_trusted() -> None:
    terminal = registered(make())
    for text in ("", "{", "[]", "7", "{}", '{"ret":7}', b"\xff", '{"ret":"sendlog","count":"x"}'):
        terminal.received(text, 1.0)
    assert terminal.tally.unreadable_messages == 7
    assert terminal.is_registered
