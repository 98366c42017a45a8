"""What goes from process to process comes out equal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.redis_bus.inbox import encode
from facegate.adapters.redis_bus.wire import Answer, Request
from facegate.domain.errors import (
    BusFailed,
    CommandTimedOut,
    EngineOverloaded,
    FacegateError,
    InvalidInput,
    StoreFailed,
    TerminalOffline,
    TerminalRefused,
)
from facegate.domain.terminals.commands import DeviceCommand

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
fields = st.dictionaries(st.text(), values, max_size=4)


@given(word=st.text(min_size=1), fields=fields, timeout_s=st.floats(0.1, 300), age_s=st.floats(0, 400))
def test_a_request_loses_only_time(
    word: str, fields: dict[str, object], timeout_s: float, age_s: float
) -> None:
    sent = Request("r1", "here.1", "A1", DeviceCommand(word, fields, timeout_s))
    came = Request.parse(json.loads(encode(sent.body())), age_s)
    assert (came.request_id, came.sender, came.serial_number) == ("r1", "here.1", "A1")
    assert came.command == DeviceCommand(word, fields, timeout_s - age_s)


@given(fields)
def test_a_reply_comes_unchanged(reply: dict[str, object]) -> None:
    assert Answer.parse(json.loads(encode(Answer("r1", reply).body()))) == Answer("r1", reply)


@pytest.mark.parametrize(
    "error",
    [
        TerminalOffline("gone"),
        CommandTimedOut("late"),
        EngineOverloaded("full", retry_after_s=7),
        TerminalRefused("no", reason="5"),
        TerminalRefused("no"),
        InvalidInput("wrong"),
        BusFailed("broken"),
    ],
    ids=lambda error: f"{type(error).__name__}",
)
def test_an_error_arrives_as_what_it_was(error: FacegateError) -> None:
    came = Answer.parse(json.loads(encode(Answer("r1", error=error).body()))).error
    assert type(came) is type(error)
    assert vars(came) == vars(error)


def test_an_error_that_we_do_not_carry_is_a_failure_of_the_bus() -> None:
    came = Answer.parse(json.loads(encode(Answer("r1", error=StoreFailed("the disk is full")).body())))
    with pytest.raises(BusFailed, match="the disk is full"):
        came.result()


@pytest.mark.parametrize(
    "body",
    [{}, {"id": "r1"}, {"id": "r1", "sender": "x", "sn": "A1", "word": "w", "fields": 3, "timeout_s": 1}],
)
def test_what_is_no_request_is_refused(body: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Request.parse(body, 0.0)


def test_nothing_secret_shows_in_a_request_or_an_answer() -> None:
    request = Request("r1", "here.1", "A1", DeviceCommand("setuserinfo", {"record": "secret-photo"}))
    assert "secret" not in repr(request) + repr(Answer("r1", {"record": "secret-photo"}))
