"""Decisions about doors, pictures of scans and people from terminals, on real sockets."""

import base64
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.protocols.terminals.moments import SERIAL_NUMBER, record
from tests.protocols.terminals.real_door import (
    WAIT_S,
    DoorSetup,
    Terminal,
    TerminalDoor,
    open_terminal_door,
    wait_until,
)
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from facegate.domain.access import Door
from facegate.domain.errors import EngineFailed
from facegate.domain.terminals.access_policy import AccessPolicy, AccessRule
from facegate.domain.terminals.activity import (
    ActivityQuery,
    AddedActivity,
    NewActivity,
    Scan,
    SnapshotCheck,
    SnapshotVerdict,
)
from facegate.domain.terminals.devices import AccessEncoding
from facegate.frontends.terminals import aftermath
from facegate.frontends.wire.access_gate import AccessOptions
from facegate.frontends.wire.rate_limits import RateLimitOptions, RateLimits
from facegate.use_cases.terminals.register import RegisterOptions

JPEG = b"\xff\xd8\xff\xe0 a picture"
IMAGE = base64.b64encode(JPEG).decode()


def the_time() -> str:
    return datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def scan(terminal: Terminal, enroll_id: int = 4, **more: object) -> dict[str, Any]:
    given = {"time": the_time(), **more}
    return terminal.ask(cmd="sendlog", count=1, logindex=0, record=[record(enroll_id, **given)])  # type: ignore[arg-type]


def test_enrolled_people_get_in_where_the_server_decides() -> None:
    setup = DoorSetup(
        policy=AccessPolicy(AccessRule.ENROLLED),
        register=RegisterOptions(access_encoding=AccessEncoding.BOOLEAN),
    )
    with open_terminal_door(setup) as door, door.connected() as terminal:
        number = door.enrol("ana")
        terminal.register()
        assert scan(terminal, number)["access"] is True
        answer = scan(terminal, number + 1)
        assert answer["access"] is False
        assert answer["message"] == "not enrolled"
        assert "access" not in scan(terminal, number, time="2024-05-02 09:00:00")
        assert terminal.ask(cmd="sendqrcode", record=str(number))["access"] is False


@pytest.mark.parametrize("rule", AccessRule)
@pytest.mark.parametrize("accepts", [True, False])
def test_codes_open_only_where_the_operator_says_so_and_the_log_does_too(
    rule: AccessRule, accepts: bool, caplog: pytest.LogCaptureFixture
) -> None:
    policy = AccessPolicy(rule, grant_when_late=True, accept_codes=accepts)
    with open_terminal_door(DoorSetup(policy=policy)) as door, door.connected() as terminal:
        number = door.enrol("ana")
        terminal.register()
        for word, fields in (("sendpin", {"pin": str(number)}), ("sendqrcode", {"record": "anything"})):
            answer = terminal.ask(cmd=word, **fields)
            assert answer["access"] == int(accepts and rule is AccessRule.EVERYBODY)
            assert ("message" in answer) != bool(answer["access"])
        assert ("a code opens" in caplog.text) == (accepts and rule is AccessRule.EVERYBODY)
        assert "anything" not in caplog.text


def test_events_of_the_door_are_no_question(door: TerminalDoor) -> None:
    with door.connected() as terminal:
        terminal.register()
        assert "access" not in scan(terminal, 0)
        assert scan(terminal, 4)["access"] == 1


def test_a_decision_that_takes_too_long_is_the_policys() -> None:
    go_on = threading.Event()

    def look(_: Scan) -> SnapshotCheck:
        assert go_on.wait(WAIT_S)
        return SnapshotCheck(SnapshotVerdict.STRANGER)

    for grants in (True, False, None):
        policy = AccessPolicy(AccessRule.CONFIRMED, time_limit_s=0.05, grant_when_late=grants)
        with open_terminal_door(DoorSetup(policy=policy, look=look)) as door, door.connected() as terminal:
            number = door.enrol("ana")
            terminal.register()
            assert scan(terminal, number, image=IMAGE)["access"] == int(grants or False)
            go_on.set()
        go_on.clear()


def test_what_was_seen_for_the_decision_is_kept() -> None:
    def look(seen: Scan) -> SnapshotCheck:
        assert seen.snapshot == JPEG
        return SnapshotCheck(SnapshotVerdict.CONFIRMED, "ana", 0.8, 0.99)

    setup = DoorSetup(policy=AccessPolicy(AccessRule.CONFIRMED, time_limit_s=WAIT_S), look=look)
    with open_terminal_door(setup) as door, door.connected() as terminal, door.events() as events:
        number = door.enrol("ana")
        terminal.register()
        assert scan(terminal, number, image=IMAGE)["access"] == 1
        wait_until(lambda: [event.name for event in events] == ["connected", "activity", "check"])
        (stored,) = door.activities.list_activity(ActivityQuery(), limit=5)
        assert stored.check == SnapshotCheck(SnapshotVerdict.CONFIRMED, "ana", 0.8, 0.99)


def test_pictures_are_looked_at_after_the_answer_and_once() -> None:
    looked = threading.Semaphore(0)

    def look(_: Scan) -> SnapshotCheck:
        assert looked.acquire(timeout=WAIT_S)
        return SnapshotCheck(SnapshotVerdict.STRANGER)

    with open_terminal_door(DoorSetup(look=look)) as door, door.connected() as terminal:
        terminal.register()
        with door.events() as events:
            time = the_time()
            assert scan(terminal, image=IMAGE, time=time)["access"] == 1
            assert scan(terminal, image=IMAGE, time=time)["result"] is True
            looked.release()
            wait_until(lambda: [event.name for event in events] == ["activity", "check"])
            assert events[1].facts["verdict"] == "stranger"
        assert door.parts.waiting_pictures.count == 0


def test_an_engine_that_breaks_costs_only_the_look(caplog: pytest.LogCaptureFixture) -> None:
    def look(_: Scan) -> SnapshotCheck:
        raise EngineFailed("the runtime broke")

    with open_terminal_door(DoorSetup(look=look)) as door, door.connected() as terminal:
        terminal.register()
        assert scan(terminal, image=IMAGE)["result"] is True
        wait_until(lambda: "what follows a scan was left out: engine_failed" in caplog.text)
        assert terminal.ask(cmd="ping")["result"] is True


def test_a_store_that_fails_leaves_the_records_on_the_terminal() -> None:
    with open_terminal_door() as door, door.connected() as terminal:
        terminal.register()
        time = the_time()
        door.activities.is_broken = True
        assert scan(terminal, time=time) == {"ret": "sendlog", "result": False, "reason": 1}
        door.activities.is_broken = False
        assert scan(terminal, time=time)["result"] is True
        assert door.activities.count_activity() == 1


def test_people_from_terminals_wait_for_a_review() -> None:
    with (
        open_terminal_door(DoorSetup(ask_for_users=True)) as door,
        door.connected() as terminal,
        door.events() as events,
    ):
        assert terminal.register()["nosenduser"] is False
        push = {"cmd": "senduser", "enrollid": 6, "name": "Ana", "backupnum": 50, "admin": 0, "record": IMAGE}
        door.people.is_broken = True
        assert terminal.ask(**push) == {"ret": "senduser", "result": False, "reason": 1}
        door.people.is_broken = False
        assert terminal.ask(**push)["result"] is True
        kept = door.people.find_enrolment(SERIAL_NUMBER, 6, 50)
        assert kept is not None
        assert kept.photo == JPEG
        wait_until(lambda: [event.name for event in events] == ["connected", "enrolment"])


def test_logs_hold_no_names_and_no_pictures(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level("DEBUG", logger="facegate"),
        open_terminal_door() as door,
        door.connected("/pub/chat?token=secret") as terminal,
    ):
        terminal.register()
        scan(terminal, name="Anastasia", image=IMAGE)
        terminal.ask(cmd="senduser", enrollid=6, name="Anastasia", backupnum=10, record=987654)
        terminal.ask(cmd="sendlog", count=1, record=["Anastasia"])
        terminal.ask(cmd="brandnew", password="987654")
        terminal.say(ret="getuserinfo", name="Anastasia", record="987654")
        terminal.ask(cmd="ping")
    assert "brandnew" in caplog.text
    for secret in ("Anastasia", "987654", IMAGE, "token=secret"):
        assert secret not in caplog.text


def test_who_is_not_let_in_is_told_at_the_door() -> None:
    with open_terminal_door(DoorSetup(access=AccessOptions(trust_loopback=False))) as door:
        for url in (door.url + "/pub/chat", door.any_path_url):
            with pytest.raises(InvalidStatus) as refused:
                connect(url).__enter__()
            assert refused.value.response.status_code == 403
            assert b"FACEGATE_ACCESS__ALLOWED_NETWORKS" in refused.value.response.body


def test_who_comes_too_often_is_told_when_to_come_again() -> None:
    access = AccessOptions(open_doors=frozenset({Door.TERMINALS}), trust_loopback=False)
    setup = DoorSetup(access=access, rates=RateLimits(RateLimitOptions(per_address=1)))
    with open_terminal_door(setup) as door:
        with door.connected() as terminal:
            assert terminal.register()["result"] is True
        with pytest.raises(InvalidStatus) as refused:
            connect(door.any_path_url).__enter__()
        assert refused.value.response.status_code == 429
        assert 1 <= int(refused.value.response.headers["Retry-After"]) <= 60


def test_a_scan_is_told_also_when_its_terminal_left_meanwhile(door: TerminalDoor) -> None:
    go_on = threading.Event()
    add = door.activities.add_activity

    def add_slowly(records: Sequence[NewActivity]) -> list[AddedActivity]:
        assert go_on.wait(WAIT_S)
        return add(records)

    door.activities.add_activity = add_slowly  # type: ignore[method-assign]
    with door.events() as events:
        with door.connected() as terminal:
            terminal.register()
            terminal.say(cmd="sendlog", count=1, record=[record(time=the_time())])
            wait_until(lambda: door.recorder.waiting_count == 1)
        wait_until(lambda: door.parts.open_links.registered_count == 0)
        go_on.set()
        wait_until(lambda: "activity" in [event.name for event in events])


def test_events_that_found_no_room_are_told_as_missed(
    door: TerminalDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aftermath, "_MAX_PENDING", 3)
    rows = [record(number, time=the_time()) for number in range(1, 11)]
    with door.connected() as terminal, door.events() as events:
        terminal.register()
        assert terminal.ask(cmd="sendlog", count=10, record=rows)["result"] is True
        wait_until(lambda: "missed" in [event.name for event in events])
        told = sum(event.name == "activity" for event in events)
        missed = sum(int(str(event.facts["count"])) for event in events if event.name == "missed")
        assert 3 <= told < 10
        assert told + missed == 10
