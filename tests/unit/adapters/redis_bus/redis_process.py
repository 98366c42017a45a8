"""A Redis of the tests' own, on a free port, which they may stop, kill and start again."""

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import redis
import redis.asyncio

from facegate.adapters.local_bus import LocalFeed
from facegate.adapters.redis_bus import (
    RedisCommandBus,
    RedisEventFeed,
    RedisLinks,
    RedisOptions,
    RedisTimings,
)

PATIENCE_S = 20.0

QUICK = RedisTimings(
    answer_s=1.0,
    block_s=0.5,
    lease_s=120.0,
    renewal_s=60.0,
    counting_s=0.1,
    first_pause_s=0.02,
    longest_pause_s=0.1,
)


QUICK_RENEWALS = replace(QUICK, lease_s=5.0, renewal_s=0.2)
"""Where renewals are what is tested; elsewhere they would hide that something did not happen at once."""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class RedisProcess:
    """Begins stopped. Keeps nothing on disk: after a restart everything is forgotten."""

    def __init__(self, folder: Path, password: str | None = None) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self._folder = folder
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def options(self) -> RedisOptions:
        return RedisOptions("127.0.0.1", self.port, password=self._password)

    @property
    def tls_options(self) -> RedisOptions:
        return replace(self.options, port=self.tls_port, tls=True)

    def start(self, more_words: Sequence[str] = ()) -> None:
        words = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        words += ["--appendonly", "no", "--dir", str(self._folder)]
        words += ["--requirepass", self._password] if self._password else []
        words += more_words
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        deadline_s = time.monotonic() + PATIENCE_S
        with redis.Redis(port=self.port, password=self._password) as client:
            while True:
                try:
                    client.ping()
                except redis.ConnectionError:
                    assert self._process.poll() is None, "redis-server ended at once"
                    assert time.monotonic() < deadline_s, "redis-server did not start"
                    time.sleep(0.01)
                else:
                    return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[redis.asyncio.Redis]:
        client = redis.asyncio.Redis(port=self.port, password=self._password)
        try:
            yield client
        finally:
            await client.aclose()


@contextmanager
def redis_process(folder: Path, password: str | None = None) -> Iterator[RedisProcess]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    server = RedisProcess(folder, password)
    try:
        yield server
    finally:
        server.kill()


class Process:
    """What one of our servers has of Redis. Two of them in a test stand for two servers."""

    def __init__(self, options: RedisOptions, name: str, timings: RedisTimings = QUICK) -> None:
        self.links = RedisLinks(options, name, timings)
        self.bus = RedisCommandBus(self.links)
        self.feed = RedisEventFeed(self.links, LocalFeed())


@asynccontextmanager
async def two_processes(
    options: RedisOptions, timings: RedisTimings = QUICK
) -> AsyncIterator[tuple[Process, Process]]:
    here, there = Process(options, "here", timings), Process(options, "there", timings)
    async with here.bus.running(), there.bus.running():
        yield here, there


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Waits for what has to happen by itself."""
    async with asyncio.timeout(PATIENCE_S):
        while not await is_so():  # noqa: ASYNC110 - it happens in Redis, which sets no Event
            await asyncio.sleep(0.01)


async def until_up(*processes: Process, is_up: bool = True) -> None:
    async def is_so() -> bool:
        return all(one.links.is_up == is_up for one in processes)

    await until(is_so)


async def until_connected(process: Process, *serial_numbers: str) -> None:
    """Redis names these terminals and no others."""

    async def is_so() -> bool:
        return sorted(await process.bus.connected()) == sorted(serial_numbers)

    await until(is_so)
