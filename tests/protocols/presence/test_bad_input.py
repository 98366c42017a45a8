"""Bad messages, floods, silence and faults: the documented error for that connection, nothing for others."""

import json
import logging
from typing import Any

import pytest
from tests.protocols.presence.in_process_sockets import (
    OTHER_USER,
    THIRD_USER,
    USER,
    DoorSetup,
    PresenceDoor,
    open_presence_door,
    wait_until,
)
from tests.protocols.presence.moments import frame_text
from tests.protocols.presence.scripted_judge import picture

from facegate.frontends.presence.session import MAX_MESSAGES_PER_S, SMALL_MESSAGE_CHARS
from facegate.frontends.presence.states import ConnectionLimits

PRESENT = picture("present")

BAD_MESSAGES: dict[str, str | bytes] = {
    "empty": "",
    "no JSON": "no JSON at all",
    "cut off": '{"user_name": "client_001", "image": "AAA',
    "a list": "[1, 2, 3]",
    "null": "null",
    "a number": "5",
    "no fields": "{}",
    "no image": json.dumps({"user_name": USER}),
    "no name": json.dumps({"image": PRESENT}),
    "name is a number": frame_text(7, PRESENT),
    "name is true": frame_text(True, PRESENT),
    "name is a list": frame_text([USER], PRESENT),
    "name is null": frame_text(None, PRESENT),
    "name is half a surrogate pair": '{"user_name": "\\ud800", "image": "AAAA"}',
    "image is null": frame_text(USER, None),
    "image is a list": frame_text(USER, [PRESENT]),
    "image is empty": frame_text(USER, ""),
    "image is blank": frame_text(USER, " \n"),
    "image is no base64": frame_text(USER, "no base64!"),
    "image has wrong padding": frame_text(USER, "AAAAA"),
    "image is an empty data URI": frame_text(USER, "data:image/jpeg;base64,"),
    "image is a data URI without base64": frame_text(USER, "data:image/jpeg,abc"),
    "image is no picture": frame_text(USER, picture("broken")),
    "image is too large": frame_text(USER, "A" * 1_400_000),
    "ten thousand parts": json.dumps({"user_name": USER, "image": PRESENT, "more": list(range(10_000))}),
    "deeply nested": "[" * 20_000,
    "a number of five thousand digits": '{"user_name": ' + "9" * 5_000 + "}",
    "a long number as text": '{"timestamp": ' + "9" * 5_000 + ', "user_name": 1, "image": "AAAA"}',
    "binary": b"\x00\xff\xfe",
    "a bare JPEG": b"\xff\xd8\xff\xe0" + bytes(100),
    "no bytes": b"",
}


def is_complaint(answer: dict[str, Any]) -> bool:
    assert list(answer) == ["action", "reason", "message"]
    assert answer["action"] == "ACTION_ERROR"
    assert 0 < len(answer["message"]) < 300
    return bool(answer["reason"] == "INVALID_IMAGE_FORMAT")


@pytest.mark.parametrize("content", BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
def test_a_bad_message_is_answered_and_harms_nobody(door: PresenceDoor, content: str | bytes) -> None:
    good, bad = door.connect(), door.connect()
    assert good.show("present")["action"] == "NO_ACTION"
    assert is_complaint(bad.ask(content))
    assert good.show("present")["action"] == "NO_ACTION"
    assert [session.client_id for session in door.sessions.snapshot()] == [USER]
    assert bad.log_in(OTHER_USER)["action"] == "NO_ACTION"
    assert is_complaint(bad.ask(content if USER not in str(content) else "x"))
    assert bad.show("present", OTHER_USER)["action"] == "NO_ACTION"


def test_a_picture_that_breaks_later_is_a_bad_frame(door: PresenceDoor) -> None:
    workstation = door.connect()
    workstation.log_in()
    answer = workstation.show("broken later")
    assert is_complaint(answer)
    assert answer["message"] == "Image decode failed: The picture is damaged or incomplete."
    assert workstation.show("present")["action"] == "NO_ACTION"


@pytest.mark.parametrize("head", ["data:image/jpeg;base64,", "DATA:;base64,", " data:image/png;base64, "])
def test_data_uris_are_pictures(door: PresenceDoor, head: str) -> None:
    workstation = door.connect()
    assert workstation.ask(frame_text(USER, head + PRESENT))["action"] == "NO_ACTION"
    assert workstation.ask(frame_text(USER, head + picture("away")))["reason"] == "REASON_NO_FACE"


def test_binary_messages_may_hold_the_json(door: PresenceDoor) -> None:
    workstation = door.connect()
    assert workstation.ask(frame_text(USER, picture("away")).encode())["reason"] == "REASON_NO_FACE"
    assert workstation.ask(b"\xef\xbb\xbf" + frame_text(USER, PRESENT).encode())["action"] == "NO_ACTION"


def test_large_messages_are_read_on_a_worker(door: PresenceDoor) -> None:
    workstation = door.connect()
    padding = "x" * SMALL_MESSAGE_CHARS
    before = door.store_workers.finished_count
    answer = workstation.ask(frame_text(USER, picture("away"), comment=padding))
    assert answer["reason"] == "REASON_NO_FACE"
    assert is_complaint(workstation.ask("{" + padding))
    assert door.store_workers.finished_count >= before + 3, "two were parsed and one logged in"


def test_a_message_beyond_the_limit_is_not_looked_at() -> None:
    with open_presence_door(DoorSetup(ConnectionLimits(max_message_bytes=1000))) as door:
        workstation = door.connect()
        answer = workstation.ask(frame_text(USER, PRESENT, comment="x" * 1000))
        assert is_complaint(answer)
        assert "larger" in answer["message"]
        assert workstation.log_in()["action"] == "NO_ACTION"


def test_messages_never_quote_what_was_sent(door: PresenceDoor) -> None:
    workstation = door.connect()
    for content in (frame_text(["geheim"], "Zm9v"), frame_text(USER, "Zm9v*geheim"), '{"geheim'):
        assert "geheim" not in json.dumps(workstation.ask(content))


def test_a_flood_of_bad_messages_ends_that_connection(door: PresenceDoor) -> None:
    good, bad = door.connect(), door.connect()
    good.log_in()
    for _ in range(19):
        assert is_complaint(bad.ask("nonsense"))
    assert is_complaint(bad.ask("nonsense"))
    said = bad.heard()
    assert (said["error"], said["code"]) == ("NETWORK_ERROR", 4000)
    assert bad.close_code() == 4000
    assert good.show("present")["action"] == "NO_ACTION"


def test_a_good_frame_ends_the_row_of_bad_ones() -> None:
    with open_presence_door(DoorSetup(ConnectionLimits(max_bad_in_a_row=3))) as door:
        workstation = door.connect()
        for _ in range(5):
            assert is_complaint(workstation.ask("nonsense"))
            assert is_complaint(workstation.ask("nonsense"))
            assert workstation.show("present")["action"] == "NO_ACTION"


def test_a_flood_is_not_read_all_at_once(door: PresenceDoor) -> None:
    good, flood = door.connect(), door.connect()
    flood.send_frame("slow present", OTHER_USER)
    assert door.judge.has_begun.wait(20)
    for number in range(3_000):
        flood.send_frame(f"flood {number}", OTHER_USER)

    def superseded() -> int:
        (of_flood,) = [view for view in door.sessions.snapshot() if view.client_id == OTHER_USER]
        return of_flood.superseded_count

    wait_until(lambda: superseded() >= MAX_MESSAGES_PER_S - 2)
    for _ in range(50):
        assert good.show("present")["action"] == "NO_ACTION"
    assert superseded() < 2_000, "the rest waits in the network, for ten seconds and more"


def test_who_says_nothing_is_closed() -> None:
    with open_presence_door(DoorSetup(ConnectionLimits(first_frame_timeout_s=0.05))) as door:
        silent = door.connect()
        said = silent.heard()
        assert (said["error"], said["code"]) == ("NETWORK_ERROR", 4000)
        assert silent.close_code() == 4000


def test_who_says_nothing_useful_is_closed() -> None:
    with open_presence_door(DoorSetup(ConnectionLimits(first_frame_timeout_s=0.3))) as door:
        useless = door.connect()
        assert is_complaint(useless.ask("nonsense"))
        assert useless.heard()["error"] == "NETWORK_ERROR"
        assert useless.close_code() == 4000


def test_who_falls_silent_is_closed() -> None:
    with open_presence_door(DoorSetup(ConnectionLimits(idle_timeout_s=0.1))) as door:
        idle = door.connect()
        idle.log_in()
        assert idle.heard()["error"] == "NETWORK_ERROR"
        assert idle.close_code() == 4000
        assert door.sessions.snapshot() == ()


def test_a_picture_that_takes_too_long_is_told_so_and_holds_up_one_worker_only() -> None:
    with open_presence_door(DoorSetup(ConnectionLimits(processing_timeout_s=0.1))) as door:
        workstation, other = door.connect(), door.connect()
        workstation.log_in()
        for script in ("slow present", "next"):
            answer = workstation.show(script)
            assert (answer["action"], answer["reason"]) == ("ACTION_ERROR", "PROCESSING_TIMEOUT")
        assert other.log_in(OTHER_USER)["action"] == "NO_ACTION"
        assert door.judge.scripts == ["slow present"]
        door.judge.go_on.set()
        wait_until(lambda: door.frame_workers.in_flight == 0)
        assert workstation.show("away")["reason"] == "REASON_NO_FACE"
        assert not workstation.has_more()


def test_an_overloaded_server_asks_to_send_again() -> None:
    with open_presence_door(DoorSetup(max_waiting=0)) as door:
        sockets = [door.connect() for _ in range(3)]
        sockets[0].log_in()
        sockets[1].log_in(OTHER_USER)
        sockets[0].send_frame("slow 1")
        sockets[1].send_frame("slow 2", OTHER_USER)
        wait_until(lambda: len(door.judge.requests) == 2)
        # Logging in does not wait behind pictures that need every check; another such picture has no place.
        assert sockets[2].log_in(THIRD_USER)["action"] == "NO_ACTION"
        answer = sockets[2].show("present", THIRD_USER)
        assert (answer["action"], answer["reason"]) == ("ACTION_ERROR", "PROCESSING_TIMEOUT")
        door.judge.go_on.set()
        assert sockets[0].heard()["action"] == "NO_ACTION"
        assert sockets[0].show("present")["action"] == "NO_ACTION"


@pytest.mark.parametrize("script", ["broken engine", "missing model", "bug"])
def test_a_broken_engine_is_no_answer_about_a_face(
    door: PresenceDoor, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    workstation, other = door.connect(), door.connect()
    workstation.log_in()
    with caplog.at_level(logging.ERROR, logger="facegate.faults"):
        said = workstation.show(script)
        assert (said["error"], said["code"]) == ("NETWORK_ERROR", 4000)
        assert workstation.close_code() == 4000
    assert len(caplog.records) == 1
    assert "geheim" not in caplog.text + said["message"]
    assert other.show("present", OTHER_USER)["action"] == "NO_ACTION"


def test_who_does_not_read_answers_holds_up_nobody(door: PresenceDoor) -> None:
    deaf, good = door.connect(), door.connect()
    deaf.show("present", OTHER_USER)
    deaf.may_send.clear()
    for number in range(50):
        deaf.send_frame(f"deaf {number}", OTHER_USER)
    for _ in range(20):
        assert good.show("present")["action"] == "NO_ACTION"
    wait_until(lambda: any("deaf" in script for script in door.judge.scripts))
    assert sum("deaf" in script for script in door.judge.scripts) <= 2
    deaf.may_send.set()
    assert deaf.heard()["action"] == "NO_ACTION"


@pytest.mark.parametrize("error", [OSError("broken pipe"), RuntimeError("after sending 'websocket.close'")])
@pytest.mark.parametrize("script", ["present", "bug"])
def test_a_socket_that_breaks_is_over(door: PresenceDoor, error: Exception, script: str) -> None:
    workstation = door.connect()
    workstation.log_in()
    workstation.breaks_with = error
    workstation.send_frame(script)
    assert workstation.is_over()
    assert door.sessions.counts().connections == 0
    assert door.sessions.snapshot() == ()


def test_who_leaves_during_the_log_in_leaves_no_session(door: PresenceDoor) -> None:
    for _ in range(20):
        hasty = door.connect()
        hasty.send_frame("present")
        hasty.leave()
    wait_until(lambda: door.sessions.counts().sessions == 0)
    assert door.sessions.counts().connections == 0
