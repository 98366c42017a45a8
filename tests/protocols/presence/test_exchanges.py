"""The contract's exchanges over sockets: log-in, verdicts, pauses, blocks, replacements, the end."""

import re
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.protocols.presence.in_process_sockets import (
    ANSWER_LIMIT_S,
    OTHER_USER,
    THIRD_USER,
    USER,
    DoorSetup,
    PresenceDoor,
    open_presence_door,
    wait_until,
)

from facegate.frontends.presence.after_answers import MAX_WAITING_PICTURES, MAX_WAITING_PICTURES_OF_ONE
from facegate.use_cases.presence.log_in import LogIn
from facegate.use_cases.presence.session_records import SessionState

FIELDS = ["action", "reason", "actual_username", "send_time", "finish_time"]
CLOCK_TIME = re.compile(r"[0-2]\d:[0-5]\d:[0-5]\d")


def outcome(answer: dict[str, Any]) -> tuple[str, str, str]:
    """Action, reason and whom the server saw, of an answer with the contract's fields in their order."""
    assert list(answer) == FIELDS
    assert CLOCK_TIME.fullmatch(answer["send_time"])
    assert CLOCK_TIME.fullmatch(answer["finish_time"])
    return answer["action"], answer["reason"], answer["actual_username"]


NO_ACTION = ("NO_ACTION", "EMPTY_REASON", USER)
PAUSED = ("ACTION_WARNING", "REASON_PAUSED_CLIENT", USER)
BLOCKED = ("ACTION_ERROR", "REASON_BLOCKED_CLIENT", USER)


def test_the_documented_log_in_is_not_judged(door: PresenceDoor) -> None:
    workstation = door.connect()
    assert outcome(workstation.log_in()) == NO_ACTION
    assert door.judge.requests == []
    assert outcome(workstation.show("tiny")) == NO_ACTION
    assert door.judge.scripts == ["tiny"], "only the first one just logs in"


def test_a_first_picture_of_full_size_is_judged(door: PresenceDoor) -> None:
    assert outcome(door.connect().show("away")) == ("ACTION_LOCK_SCREEN", "REASON_NO_FACE", USER)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("present", NO_ACTION),
        ("away", ("ACTION_LOCK_SCREEN", "REASON_NO_FACE", USER)),
        ("stranger", ("ACTION_LOCK_SCREEN", "REASON_WRONG_USER", "unknown")),
        ("phone", ("ACTION_SIGN_OUT", "REASON_PHONE_DETECTION", USER)),
    ],
)
def test_verdicts(door: PresenceDoor, script: str, expected: tuple[str, str, str]) -> None:
    workstation = door.connect()
    workstation.log_in()
    assert outcome(workstation.show(script)) == expected
    assert outcome(workstation.show("present")) == NO_ACTION


def test_the_clients_time_comes_back(door: PresenceDoor) -> None:
    workstation = door.connect()
    assert workstation.show("present", timestamp="07:08:09")["send_time"] == "07:08:09"
    assert outcome(workstation.show("present", timestamp={"odd": True})) == NO_ACTION


@pytest.mark.parametrize("name", ["nobody", "only enrolled", "", "unknown", "a\0b", "x" * 500])
def test_who_is_no_client_is_turned_away(door: PresenceDoor, name: str) -> None:
    workstation = door.connect()
    assert workstation.log_in(name) == {"action": "ACTION_ERROR", "reason": "REASON_CLIENT_NOT_AVAILABLE"}
    assert workstation.close_code() == 4001
    assert door.sessions.counts().connections == 0


def test_a_paused_client_is_warned_and_not_judged(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.log_in()
    door.clients.pause(USER)
    assert outcome(workstation.show("away")) == PAUSED
    assert door.judge.requests == []
    assert door.sessions.snapshot()[0].state is SessionState.PAUSED
    door.clients.resume(USER)
    assert outcome(workstation.show("away"))[0] == "ACTION_LOCK_SCREEN"


def test_a_client_can_log_in_while_paused(door: PresenceDoor) -> None:
    door.clients.pause(USER)
    assert outcome(door.connect().log_in()) == PAUSED


def test_a_pause_holds_for_the_picture_that_is_being_judged(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.send_frame("slow away")
    assert door.judge.has_begun.wait(20)
    door.clients.pause(USER)
    door.judge.go_on.set()
    assert outcome(workstation.heard()) == PAUSED
    assert door.kept == []


def test_a_block_ends_the_open_connection_at_once(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.send_frame("slow present")
    assert door.judge.has_begun.wait(20)
    door.clients.block(USER)
    assert outcome(workstation.heard()) == BLOCKED
    door.judge.go_on.set()
    assert workstation.close_code() == 4001
    again = door.connect()
    assert outcome(again.log_in()) == BLOCKED
    assert again.close_code() == 4001
    door.clients.unblock(USER)
    assert outcome(door.connect().log_in()) == NO_ACTION


def test_a_client_that_is_removed_is_one_no_more(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.log_in()
    door.clients.remove(USER)
    assert workstation.heard()["reason"] == "REASON_CLIENT_NOT_AVAILABLE"
    assert workstation.close_code() == 4001


def test_an_administrator_disconnects(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.log_in()
    assert door.clients.disconnect(USER, "lunch")
    assert workstation.heard() == {
        "error": "NETWORK_ERROR",
        "message": "an administrator has ended this connection: lunch",
        "code": 4000,
    }
    assert workstation.close_code() == 4000


def test_a_second_socket_of_a_user_replaces_the_first(door: PresenceDoor) -> None:
    first, second = door.connect(), door.connect()
    first.log_in()
    assert outcome(second.log_in()) == NO_ACTION
    said = first.heard()
    assert (said["error"], said["code"]) == ("AUTHENTICATION_FAILED", 4001)
    assert first.close_code() == 4001
    assert outcome(second.show("present")) == NO_ACTION
    (session,) = door.sessions.snapshot()
    assert session.answered_count == 2


def test_a_log_in_that_outlasts_its_socket_ends_no_session(
    door: PresenceDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, go_on, is_over = threading.Event(), threading.Event(), threading.Event()
    log_in = door.clients.log_in

    def delayed(*what: Any, **how: Any) -> LogIn:
        monkeypatch.setattr(door.clients, "log_in", log_in)
        has_begun.set()
        assert go_on.wait(ANSWER_LIMIT_S)
        try:
            return log_in(*what, **how)
        finally:
            is_over.set()

    monkeypatch.setattr(door.clients, "log_in", delayed)
    first = door.connect()
    first.send_frame("tiny")
    assert has_begun.wait(ANSWER_LIMIT_S)
    first.leave()
    second = door.connect()
    assert outcome(second.show("tiny")) == NO_ACTION
    go_on.set()
    assert is_over.wait(ANSWER_LIMIT_S)
    assert outcome(second.show("present")) == NO_ACTION
    assert len(door.sessions.snapshot()) == 1


def test_another_name_logs_in_anew(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.log_in()
    assert outcome(workstation.log_in(OTHER_USER)) == ("NO_ACTION", "EMPTY_REASON", OTHER_USER)
    assert [session.client_id for session in door.sessions.snapshot()] == [OTHER_USER]
    door.clients.block(USER)
    assert workstation.show("away", OTHER_USER)["actual_username"] == OTHER_USER
    assert workstation.log_in(USER)["reason"] == "REASON_BLOCKED_CLIENT"
    assert workstation.close_code() == 4001
    assert door.sessions.snapshot() == ()


def test_one_too_many_is_told_so() -> None:
    with open_presence_door(DoorSetup(max_connections=1)) as door:
        first = door.connect()
        second = door.connect()
        assert second.heard() == {
            "error": "CONNECTION_REFUSED",
            "message": "Server is at full capacity",
            "code": 4002,
        }
        assert second.close_code() == 4002
        assert outcome(first.log_in()) == NO_ACTION
        first.leave()
        assert outcome(door.connect().log_in()) == NO_ACTION


def test_a_stopping_server_says_so_to_everybody(door: PresenceDoor) -> None:
    logged_in, silent = door.connect(), door.connect()
    logged_in.log_in()
    door.stop()
    for socket in (logged_in, silent, door.connect()):
        said = socket.heard()
        assert (said["error"], said["code"]) == ("NETWORK_ERROR", 4000)
        assert socket.close_code() == 4000
    assert door.sessions.counts().connections == 0


def test_checks_that_cannot_run_close_the_door() -> None:
    with open_presence_door(DoorSetup(missing=("liveness",))) as door:
        socket = door.connect()
        said = socket.heard()
        assert (said["error"], said["code"]) == ("NETWORK_ERROR", 4000)
        assert "liveness" in said["message"]
        assert socket.close_code() == 4000


def test_sessions_are_counted(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.ask("no JSON")
    workstation.log_in()
    workstation.show("away")
    workstation.ask("no JSON")
    (session,) = door.sessions.snapshot()
    assert (session.answered_count, session.bad_frame_count) == (2, 1)
    assert session.last_verdict is not None
    assert session.last_verdict.reason == "REASON_NO_FACE"
    assert session.last_latency_ms is not None
    assert session.address == "127.0.0.1"
    workstation.leave()
    assert door.sessions.snapshot() == ()
    assert door.sessions.counts().connections == 0


def test_the_newest_frame_wins(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.log_in()
    workstation.send_frame("slow 1")
    assert door.judge.has_begun.wait(20)
    for number in range(2, 40):
        workstation.send_frame(f"quick {number}")
    wait_until(lambda: door.sessions.snapshot()[0].superseded_count == 37)
    door.judge.go_on.set()
    workstation.heard()
    workstation.heard()
    assert door.judge.scripts == ["slow 1", "quick 39"]
    assert outcome(workstation.show("present")) == NO_ACTION
    assert not workstation.has_more()


def test_who_needs_a_glance_does_not_wait_behind_those_who_need_more(door: PresenceDoor) -> None:
    known, other = door.connect(), door.connect()
    known.log_in()
    other.send_frame("slow present", OTHER_USER)
    assert door.judge.has_begun.wait(20)
    # One more that needs a full look fills the second and last thread.
    third = door.connect()
    third.send_frame("slow present", THIRD_USER)
    wait_until(lambda: door.frame_workers.in_flight == 2)
    assert outcome(known.show("glance present")) == NO_ACTION
    door.judge.go_on.set()
    assert outcome(other.heard()) == ("NO_ACTION", "EMPTY_REASON", OTHER_USER)


def test_a_violation_is_kept_and_counted_once_while_it_lasts() -> None:
    with open_presence_door(DoorSetup(block_after_violations=2)) as door:
        workstation = door.connect()
        for script in ("away", "away", "phone", "away"):
            workstation.show(script)
        assert outcome(workstation.show("present")) == NO_ACTION
        assert workstation.show("stranger")["reason"] == "REASON_WRONG_USER"
        assert outcome(workstation.heard()) == BLOCKED
        assert workstation.close_code() == 4001
        kept = [(client_id, verdict.reason.value) for client_id, _, verdict in door.kept]
        reasons = ["NO_FACE", "NO_FACE", "PHONE_DETECTION", "NO_FACE", "WRONG_USER"]
        assert kept == [(USER, f"REASON_{reason}") for reason in reasons]


def test_who_leaves_right_after_a_violation_is_kept_all_the_same(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.show("phone")
    workstation.leave()
    assert [verdict.reason for _, _, verdict in door.kept] == ["REASON_PHONE_DETECTION"]


def test_evidence_that_cannot_be_kept_costs_nobody_an_answer() -> None:
    with open_presence_door(DoorSetup(keep_fails=True)) as door:
        workstation = door.connect()
        assert workstation.show("phone")["action"] == "ACTION_SIGN_OUT"
        assert outcome(workstation.show("present")) == NO_ACTION


def test_a_store_that_stands_still_holds_few_pictures_and_loses_no_violation() -> None:
    with open_presence_door(DoorSetup(max_connections=30, block_after_violations=15)) as door:
        door.may_keep.clear()
        workstation = door.connect()
        for _ in range(15):
            workstation.show("away")
            workstation.show("present")
        door.may_keep.set()
        assert outcome(workstation.heard()) == BLOCKED
        assert workstation.close_code() == 4001
        assert workstation.is_over()
        assert len(door.kept) == MAX_WAITING_PICTURES_OF_ONE
        assert door.parts.waiting_pictures.count == 0


def test_the_pictures_of_all_connections_together_are_bounded() -> None:
    with open_presence_door() as door:
        door.may_keep.clear()
        door.parts.waiting_pictures.count = MAX_WAITING_PICTURES - 1
        sockets = {user: door.connect() for user in (USER, OTHER_USER)}
        for user, workstation in sockets.items():
            assert workstation.show("away", user)["reason"] == "REASON_NO_FACE"
        door.may_keep.set()
        wait_until(lambda: door.parts.waiting_pictures.count == MAX_WAITING_PICTURES - 1)
        assert [client_id for client_id, _, _ in door.kept] == [USER]


def test_a_picture_that_waits_for_its_turn_gives_way_to_a_newer_one(door: PresenceDoor) -> None:
    busy = [door.connect() for _ in range(2)]
    for workstation, user in zip(busy, (OTHER_USER, THIRD_USER), strict=True):
        workstation.send_frame("slow present", user)
    wait_until(lambda: door.frame_workers.in_flight == 2)
    # All places in the queue are taken: the user's picture waits outside.
    door.run_on_loop(lambda: door.parts.turns.acquire())
    late = door.connect()
    late.log_in()
    glances = door.glance_workers.finished_count
    late.send_frame("away")
    wait_until(lambda: door.glance_workers.finished_count == glances + 1)
    late.send_frame("present")
    time.sleep(0.1)
    door.judge.go_on.set()
    door.run_on_loop(_released(door))
    assert outcome(late.heard()) == NO_ACTION
    wait_until(lambda: door.sessions.totals().superseded_count == 1)
    assert "away" not in door.judge.scripts
    assert door.glance_workers.finished_count == glances + 1, "the newer one was looked at in full"


def _released(door: PresenceDoor) -> Callable[[], Awaitable[object]]:
    async def release() -> None:
        door.parts.turns.release()

    return release
