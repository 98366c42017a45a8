"""One set of connections to Redis for everything in a process, and whether Redis is there."""

import asyncio
import logging
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from facegate.adapters.redis_bus.options import RedisOptions, RedisTimings
from facegate.adapters.redis_bus.scripts import Script
from facegate.domain.errors import BusFailed, InvalidInput

_LOGGER = logging.getLogger("facegate.redis")

FAILURES = (RedisError, OSError)
"""What the client raises; all of it is translated here and in the loops that read."""

_CONNECTION_COUNT = 8
"""Questions at once. Each takes well under a millisecond, so more would only open more connections."""

_RESTART_PAUSE_S = 1.0
_CANCEL_AGAIN_S = 0.02

Word = str | bytes | int


class RedisLinks:
    """Shared by the bus, the feed and the list bridge of one process; give it to each of them.

    They work inside `running()`, which starts all that were built on these links. Two running processes never
    share an inbox, even where both are given the same `process_id`.

    Raises:
        InvalidInput: a `process_id` that is empty or has other characters than letters, digits and `_.-`.
    """

    def __init__(self, options: RedisOptions, process_id: str, timings: RedisTimings | None = None) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", process_id):
            raise InvalidInput("a process id has 1 to 100 letters, digits and _.-", field="process_id")
        self.options = options
        self.timings = timings or RedisTimings()
        self.process_id = process_id
        self.inbox_id = f"{process_id}.{uuid.uuid4().hex}"
        self._parts: list[Callable[[], Awaitable[None]]] = []
        self._on_change: list[Callable[[bool], None]] = []
        self._client: Redis | None = None
        self._slots = asyncio.Semaphore(_CONNECTION_COUNT)
        self._is_up: bool | None = None
        self._doubted = asyncio.Event()
        self._checked = asyncio.Event()

    @property
    def is_up(self) -> bool:
        """Whether Redis answered when it was last asked."""
        return bool(self._is_up)

    @property
    def is_running(self) -> bool:
        """Whether this is inside `running()`."""
        return self._client is not None

    def add_part(self, run: Callable[[], Awaitable[None]]) -> None:
        """Something that runs while the links do, until it is cancelled."""
        self._parts.append(run)

    def on_change(self, listener: Callable[[bool], None]) -> None:
        """Is told when Redis comes (True) and goes (False)."""
        self._on_change.append(listener)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connects, or goes on trying to: Redis that is away is no error."""
        self._client = self.new_client(self.timings.answer_s)
        await self._check()
        watch = asyncio.create_task(_keep_running(self._watch_over), name="redis watch")
        tasks = [asyncio.create_task(_keep_running(run), name="redis part") for run in self._parts]
        try:
            yield
        finally:
            # The parts first: they tidy up, and for that Redis has to be asked.
            await end_tasks(tasks)
            await end_tasks([watch])
            self._is_up = None
            self._checked.clear()
            client, self._client = self._client, None
            await client.aclose()

    def new_client(self, answer_s: float) -> Redis:
        """A client of its own, for reads that wait; the caller closes it.

        RESP2, since only there the answers are the same in all versions of the client. No retries: what was
        written may have arrived, and a command that is done twice opens a door twice.
        """
        options = self.options
        return Redis(
            host=options.host,
            port=options.port,
            db=options.database,
            username=options.user,
            password=options.password,
            ssl=options.tls,
            protocol=2,
            socket_timeout=answer_s,
            socket_connect_timeout=self.timings.answer_s,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
        )

    async def ask(self, *words: Word) -> Any:
        """One command.

        Raises:
            BusFailed: at once while Redis is away.
        """
        try:
            return await self._execute(*words)
        except FAILURES as error:
            raise self.failed(error) from error

    async def run_script(self, script: Script, keys: list[str], words: list[Word]) -> Any:
        """A script, which Redis may have forgotten.

        Raises:
            BusFailed: at once while Redis is away.
        """
        rest: list[Word] = [len(keys), *keys, *words]
        try:
            try:
                return await self._execute("EVALSHA", script.digest, *rest)
            except NoScriptError:
                return await self._execute("EVAL", script.text, *rest)
        except FAILURES as error:
            raise self.failed(error) from error

    def failed(self, error: Exception) -> BusFailed:
        """Has Redis looked at after an error, and returns what callers are told.

        One broken connection does not mean that Redis is away, no answer in time does.
        """
        if isinstance(error, RedisTimeoutError):
            self._change(False, error)
        self._checked.clear()
        self._doubted.set()
        if isinstance(error, ResponseError):
            _LOGGER.warning("Redis refused a command (%s): see its own log", type(error).__name__)
            return BusFailed("Redis refused a command: see the log of this server and of Redis")
        return _unreachable()

    async def recovered(self, error: Exception) -> None:
        """After an error of a loop that reads: returns when Redis answers again."""
        self.failed(error)
        await asyncio.sleep(self.timings.first_pause_s)
        await self._checked.wait()

    async def wait_until_up(self) -> None:
        """Returns at once when Redis is there."""
        await self._checked.wait()

    async def _execute(self, *words: Word) -> Any:
        async with self._slots:
            # Looked at here: whoever waited behind calls to a Redis that hangs shall not hang too.
            if self._client is None or not self._is_up:
                raise _unreachable()
            return await send(self._client, *words)

    async def _watch_over(self) -> None:
        pause_s = self.timings.first_pause_s
        while True:
            if self._is_up:
                pause_s = self.timings.first_pause_s
                await self._doubted.wait()
            else:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, self.timings.longest_pause_s)
            await self._check()

    async def _check(self) -> None:
        client = self._client
        if client is None:
            return
        self._doubted.clear()
        try:
            # Old connections may be broken although Redis is there: the question goes over a new one.
            await client.connection_pool.disconnect(inuse_connections=False)
            await send(client, "PING")
        except FAILURES as error:
            self._checked.clear()
            self._change(False, error)
        else:
            self._change(True)
            self._checked.set()

    def _change(self, is_up: bool, error: Exception | None = None) -> None:
        if is_up == self._is_up:
            return
        self._is_up = is_up
        if is_up:
            _LOGGER.info("Redis answers")
        else:
            _LOGGER.warning("%s", _what_is_wrong(error))
        for listener in self._on_change:
            listener(is_up)


async def send(client: Redis, *words: Word) -> Any:
    """One command over a client, whose own method has no types. Raises one of FAILURES."""
    return await cast(Any, client).execute_command(*words)


def _unreachable() -> BusFailed:
    return BusFailed("Redis cannot be reached: until it is back each server reaches its own terminals only")


def _what_is_wrong(error: Exception | None) -> str:
    """Without the error's text, which may tell of users and addresses."""
    if isinstance(error, AuthenticationError):
        return "Redis refuses the user or password: see FACEGATE_REDIS__USER and FACEGATE_REDIS__PASSWORD"
    return f"Redis cannot be reached ({type(error).__name__}): each server reaches its own terminals only"


async def _keep_running(run: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await run()
        except Exception:  # the outermost layer of this task: it must survive; the trace says what to mend
            _LOGGER.exception("a loop over Redis broke and begins anew")
        await asyncio.sleep(_RESTART_PAUSE_S)


async def end_tasks(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels them until they have ended.

    Once is not enough: the client sends within `asyncio.wait_for`, which in Python 3.11 may swallow it. For
    the same reason no time-out is put around a question to Redis; it has its own.
    """
    going = set(tasks)
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=_CANCEL_AGAIN_S)
