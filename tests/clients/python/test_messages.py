"""What the server says, and what its close codes mean."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate_workstation import Action, Answer, EndKind, Goodbye
from facegate_workstation.endings import ending_of, ending_of_handshake
from facegate_workstation.messages import picture_message, read_message


def test_a_verdict_is_read() -> None:
    said = {
        "action": "ACTION_LOCK_SCREEN",
        "reason": "REASON_NO_FACE",
        "actual_username": "alice",
        "send_time": "12:00:00",
        "finish_time": "12:00:01",
    }
    assert read_message(json.dumps(said)) == Answer(
        Action.LOCK_SCREEN, "REASON_NO_FACE", "alice", "12:00:00", "12:00:01"
    )


def test_a_picture_goes_out_as_base64() -> None:
    assert json.loads(picture_message("ada", b"\xff\xd8")) == {"user_name": "ada", "image": "/9g="}


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_what_cannot_be_understood_is_passed_over(content: str | bytes) -> None:
    assert read_message(content) is None


def test_an_action_that_is_not_known_is_passed_over() -> None:
    assert read_message('{"action": "ACTION_DANCE", "reason": "EMPTY_REASON"}') is None


BLOCKED = Answer(Action.ERROR, "REASON_BLOCKED_CLIENT")
UNKNOWN = Answer(Action.ERROR, "REASON_CLIENT_NOT_AVAILABLE")
REPLACED = Goodbye("AUTHENTICATION_FAILED", "another connection took over")


@pytest.mark.parametrize(
    ("code", "last", "kind"),
    [
        (4000, Goodbye("NETWORK_ERROR", "the server is stopping"), EndKind.LOST),
        (4001, UNKNOWN, EndKind.UNKNOWN),
        (4001, None, EndKind.UNKNOWN),
        (4001, BLOCKED, EndKind.BLOCKED),
        (4001, REPLACED, EndKind.REPLACED),
        (4002, Goodbye("CONNECTION_REFUSED", "Server is at full capacity"), EndKind.FULL),
        (4002, None, EndKind.FULL),
        (1009, None, EndKind.TOO_LARGE),
        (1006, None, EndKind.LOST),
        (1001, None, EndKind.LOST),
        (None, None, EndKind.LOST),
    ],
)
def test_close_codes(code: int | None, last: Answer | Goodbye | None, kind: EndKind) -> None:
    ending = ending_of(code, last)
    assert ending.kind is kind
    assert ending.why
    if isinstance(last, Goodbye):
        assert last.message in ending.why


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, EndKind.NOT_ADMITTED), (403, EndKind.NOT_ADMITTED), (404, EndKind.LOST), (503, EndKind.LOST)],
)
def test_http_statuses(status: int, kind: EndKind) -> None:
    assert ending_of_handshake(status).kind is kind
