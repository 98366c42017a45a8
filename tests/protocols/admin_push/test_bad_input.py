"""Keys and bodies that are none: the old server's statuses and sentences, without its crashes."""

import contextlib

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from tests.protocols.admin_push.push_door import SERIAL_NUMBER, PushDoor, with_door
from tests.protocols.scripted_terminals import ScriptedTerminal, replies

from facegate.domain.access import Door
from facegate.domain.errors import ErrorKind, FacegateError, InvalidInput
from facegate.frontends.admin_push import errors
from facegate.frontends.admin_push.messages import parse_push
from facegate.frontends.admin_push.routes import PATH, AdminPushOptions

WRONG_KEY = {"status": "Incorrect authorization."}
WRONG_BODY = {"status": "Incomplete or incorrect data."}
GOOD = {"sn": SERIAL_NUMBER, "cmd": "gettime"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "nonsense", "Bearer a b", "Bearer \xfc"])
def test_wrong_keys(header: str) -> None:
    async def scenario(door: PushDoor) -> None:
        # The key comes before the body, here as there.
        for content in (b"", b"[]", b'{"sn":"A","cmd":"gettime"}'):
            answer = await door.send(content, Authorization=header)
            assert (answer.status_code, answer.json()) == (401, WRONG_KEY)
            assert answer.headers["www-authenticate"] == "Bearer"

    with_door(scenario)


def test_the_word_before_the_key_does_not_matter() -> None:
    async def scenario(door: PushDoor) -> None:
        await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"gettime": replies()}))
        for word in ("Bearer", "bearer", "Token", "Basic"):
            assert (await door.push(GOOD, Authorization=f"{word}  {door.key}")).status_code == 200

    with_door(scenario)


def test_keys_of_other_doors_and_of_all() -> None:
    async def scenario(door: PushDoor) -> None:
        await door.connect(ScriptedTerminal(SERIAL_NUMBER, {"gettime": replies()}))
        other = door.access.create("other", doors=[Door.TERMINALS]).secret
        answer = await door.push(GOOD, Authorization=f"Bearer {other}")
        assert (answer.status_code, answer.json()) == (401, WRONG_KEY)
        every = door.access.create("all").secret
        assert (await door.push(GOOD, Authorization=f"Bearer {every}")).status_code == 200

    with_door(scenario)


BAD_BODIES = [
    b"",
    b" \r\n",
    b"{}",
    b"[]",
    b"[1, 2]",
    b"7",
    b'"sn"',
    b"null",
    b"true",
    b'{"sn":"A"}',
    b'{"cmd":"gettime"}',
    b'{"sn":"","cmd":"gettime"}',
    b'{"sn":"A","cmd":""}',
    b'{"sn":null,"cmd":"gettime"}',
    b'{"sn":["A"],"cmd":"gettime"}',
    b'{"sn":true,"cmd":"gettime"}',
    b'{"sn":1.5,"cmd":"gettime"}',
    b'{"sn":"A","cmd":7}',
    b'{"sn":"no blanks","cmd":"gettime"}',
    b'{"sn":"' + b"A" * 65 + b'","cmd":"gettime"}',
    b'{"sn":"A","cmd":"two\\nlines"}',
    b'{"sn":"A","cmd":"' + b"x" * 65 + b'"}',
    b'{"sn":"A","cmd":"gettime"',
    b'{"sn":"A","cmd":"gettime"}}',
    b'{"sn":"A","cmd":"gettime","n":NaN}',
    b'{"sn":"A","cmd":"gettime","n":' + b"9" * 5000 + b"}",
    b"\xff\xfe\x00",
    b"[" * 15_000,
    b'{"a":' * 5_000,
    b'{"sn":"A","cmd":"gettime","x":[' + b"[]," * 20_000 + b"0]}",
]


def test_bodies_that_are_no_commands() -> None:
    async def scenario(door: PushDoor) -> None:
        terminal = await door.connect(ScriptedTerminal("A", {"gettime": replies()}))
        for content in BAD_BODIES:
            answer = await door.send(content)
            assert (answer.status_code, answer.json()) == (400, WRONG_BODY), content[:60]
        assert terminal.received == []

    with_door(scenario)


def test_other_content_types_and_sizes() -> None:
    async def scenario(door: PushDoor) -> None:
        form = await door.http.post(
            PATH, data={"sn": "A", "cmd": "gettime"}, headers={"Authorization": f"Bearer {door.key}"}
        )
        assert form.status_code == 415
        assert form.json().keys() == {"status"}
        large = await door.send(b'{"sn":"A","cmd":"x","photo":"' + b"A" * 5000 + b'"}')
        assert large.status_code == 413
        assert large.json().keys() == {"status"}
        empty = await door.http.post(PATH, headers={"Authorization": f"Bearer {door.key}"})
        assert (empty.status_code, empty.json()) == (400, WRONG_BODY)

    with_door(scenario, AdminPushOptions(max_body_bytes=4096))


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,sncmd01\\u', max_size=60).map(str.encode))
def test_no_bytes_break_the_parser(content: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        push = parse_push(content)
        assert push.body["cmd"] == push.word


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_failure_has_this_doors_form(kind: ErrorKind) -> None:
    error_kind = kind

    class SomeError(FacegateError):
        kind = error_kind

    response = errors.answer(Request({"type": "http"}), SomeError("one sentence"))
    assert 400 <= response.status_code < 600
    assert bytes(response.body).startswith(b'{"status":"')
