"""What is made of answers that a Bot API would not give."""

import json

import pytest

from facegate.adapters.telegram_alerts.answers import BotAnswer, failure_of


def answer(code: int, **parameters: object) -> BotAnswer:
    content = {"ok": False, "error_code": code, "description": "no", "parameters": parameters}
    return BotAnswer.parse(code, json.dumps(content).encode())


@pytest.mark.parametrize("code", [429, 500])
@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (7, 7.0),
        (86_400, 3600.0),
        (0, 1.0),
        pytest.param(10**400, 3600.0, id="400 digits"),
        pytest.param(-(10**400), 1.0, id="400 digits before now"),
    ],
)
def test_when_to_come_back_is_within_an_hour(code: int, asked: int, kept: float) -> None:
    assert failure_of(answer(code, retry_after=asked)).retry_after_s == kept


@pytest.mark.parametrize("asked", ["7", True, 1e400, [7], None])
def test_what_is_no_number_is_not_said(asked: object) -> None:
    assert failure_of(answer(429, retry_after=asked)).retry_after_s == 5.0
    assert failure_of(answer(500, retry_after=asked)).retry_after_s is None


def test_more_digits_than_are_read_are_no_answer_of_the_bot_api() -> None:
    body = b'{"ok": false, "error_code": 429, "parameters": {"retry_after": ' + b"9" * 5000 + b"}}"
    assert failure_of(BotAnswer.parse(429, body)).retry_after_s is None
