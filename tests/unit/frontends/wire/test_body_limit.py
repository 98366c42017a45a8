import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive, Scope, Send

from facegate.domain.errors import EngineOverloaded, ImageTooLarge
from facegate.frontends.wire.body_limit import BodyLimit, BodyLimits, BodyTooSlow


async def _nothing(message: Message) -> None:
    del message


def _scope(length: str | None = None, path: str = "/") -> Scope:
    headers = [(b"content-length", length.encode())] if length is not None else []
    return {"type": "http", "method": "POST", "path": path, "headers": headers}


def _receive(chunks: Iterable[bytes]) -> Receive:
    waiting = list(chunks)

    async def receive() -> Message:
        if not waiting:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    return receive


class _Reader:
    """An application that reads its body."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.body = b""
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        if self.gate is not None:
            await self.gate.wait()


@pytest.mark.parametrize("chunks", [[b""], [b"x" * 10], [b"x" * 5, b"x" * 5], [b"x"] * 10])
def test_a_body_within_the_limit_arrives_whole(chunks: list[bytes]) -> None:
    reader = _Reader()
    limit = BodyLimit(reader, BodyLimits(max_bytes=10))
    asyncio.run(limit(_scope(), _receive(chunks), _nothing))
    assert reader.body == b"".join(chunks)


def test_an_announced_size_is_refused_before_anything_is_read() -> None:
    reader = _Reader()
    limit = BodyLimit(reader, BodyLimits(max_bytes=10))

    async def never() -> Message:
        raise AssertionError("the body was asked for")

    with pytest.raises(ImageTooLarge):
        asyncio.run(limit(_scope("11"), never, _nothing))


@pytest.mark.parametrize("length", [None, "3", "nonsense", "-1", "9" * 400])
def test_a_stream_is_counted_whatever_was_announced(length: str | None) -> None:
    reader = _Reader()
    limit = BodyLimit(reader, BodyLimits(max_bytes=10))
    with pytest.raises(ImageTooLarge):
        asyncio.run(limit(_scope(length), _receive([b"x" * 6, b"x" * 6, b"x"]), _nothing))
    assert len(reader.body) == 6


def test_a_body_that_does_not_come_is_refused() -> None:
    limit = BodyLimit(_Reader(), BodyLimits(max_bytes=10, timeout_s=0.01))

    async def silent() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    with pytest.raises(BodyTooSlow, match="did not come"):
        asyncio.run(limit(_scope(), silent, _nothing))


def _dripping(chunks: list[bytes], pause_s: float) -> Receive:
    async def receive() -> Message:
        await asyncio.sleep(pause_s)
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    return receive


def test_a_body_that_keeps_coming_may_take_longer_than_the_time_limit() -> None:
    reader = _Reader()
    limit = BodyLimit(reader, BodyLimits(max_bytes=100, timeout_s=0.6, min_bytes_per_s=1))
    asyncio.run(limit(_scope(), _dripping([b"x"] * 10, 0.08), _nothing))
    assert len(reader.body) == 10


def test_a_body_that_drips_is_refused_though_it_never_pauses() -> None:
    limit = BodyLimit(_Reader(), BodyLimits(max_bytes=10_000, timeout_s=0.2, min_bytes_per_s=1000))
    chunks = [b"x"] * 1000
    with pytest.raises(BodyTooSlow):
        asyncio.run(limit(_scope(), _dripping(chunks, 0.03), _nothing))
    assert len(chunks) > 900


def test_readers_get_large_chunks_in_pieces_and_others_their_turn() -> None:
    content = bytes(range(256)) * 2000
    sizes: list[int] = []
    turns: list[int] = []

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            asyncio.get_running_loop().call_soon(turns.append, 1)
            message = await receive()
            more = message["more_body"]
            sizes.append(len(message["body"]))
            body += message["body"]
        assert body == content + b"end"

    limit = BodyLimit(reads, BodyLimits(max_bytes=1_000_000))
    asyncio.run(limit(_scope(), _receive([content, b"end"]), _nothing))
    assert max(sizes) <= 65_536
    assert len(turns) >= len(sizes) - 2


def test_waiting_for_the_client_to_leave_has_no_time_limit() -> None:
    async def reads_twice(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"

    async def slow_disconnect() -> Message:
        if first:
            first.pop()
            return {"type": "http.request", "body": b"x", "more_body": False}
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    first = [True]
    limit = BodyLimit(reads_twice, BodyLimits(max_bytes=10, timeout_s=0.01))
    asyncio.run(limit(_scope(), slow_disconnect, _nothing))


def test_all_bodies_together_are_bounded_and_released() -> None:
    async def scenario() -> None:
        gate = asyncio.Event()
        limit = BodyLimit(_Reader(gate), BodyLimits(max_bytes=10, max_total_bytes=15))
        first = asyncio.ensure_future(limit(_scope(), _receive([b"x" * 10]), _nothing))
        await asyncio.sleep(0)
        with pytest.raises(EngineOverloaded):
            await limit(_scope(), _receive([b"x" * 10]), _nothing)
        gate.set()
        await first
        await limit(_scope(), _receive([b"x" * 10]), _nothing)

    asyncio.run(scenario())


def test_archive_paths_have_their_own_limit_and_hold_no_memory() -> None:
    reader = _Reader()
    limits = BodyLimits(max_bytes=10, max_total_bytes=15, large_paths={"/v1/restore": 100})
    limit = BodyLimit(reader, limits)
    asyncio.run(limit(_scope("100", "/v1/restore"), _receive([b"x" * 50, b"x" * 50]), _nothing))
    assert len(reader.body) == 100
    with pytest.raises(ImageTooLarge):
        asyncio.run(limit(_scope("101", "/v1/restore"), _receive([b"x"]), _nothing))
