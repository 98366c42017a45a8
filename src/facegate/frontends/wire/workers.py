"""Bounded worker threads between the event loop and the synchronous use cases.

A full queue is an answer at once, never a longer queue. What the calls do is not known here.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Generic, TypeVar

from facegate.domain.errors import EngineOverloaded
from facegate.frontends.wire.ranked_threads import RankedThreads

T = TypeVar("T")


class BoundedWorkers:
    """Runs at most `thread_count` calls at once while at most `max_waiting` more wait their turn.

    With `threads` these are shared with other workers: those of a lower `rank` go first, and whoever closes
    theirs first closes them for all.

    A caller who is cancelled before its call has started is dropped and counted; a call that runs is
    never interrupted, its result is thrown away.
    """

    def __init__(
        self,
        thread_count: int,
        max_waiting: int,
        name: str,
        *,
        threads: RankedThreads | None = None,
        rank: int = 0,
    ) -> None:
        if thread_count < 1 or max_waiting < 0:
            raise ValueError("at least one thread is needed, and no fewer than zero may wait")
        self._threads = threads or RankedThreads(thread_count, name)
        self._rank = rank
        self._name = name
        self._thread_count = thread_count
        self._max_inside = thread_count + max_waiting
        self._lock = threading.Lock()
        self._inside_count = 0
        self._running_count = 0
        self._rejected_count = 0
        self._dropped_count = 0
        self._finished_count = 0

    @property
    def name(self) -> str:
        """What metrics call these workers."""
        return self._name

    @property
    def thread_count(self) -> int:
        """Calls that can run at once."""
        return self._thread_count

    @property
    def in_flight(self) -> int:
        """Calls that run now."""
        return self._running_count

    @property
    def waiting(self) -> int:
        """Calls that wait for a thread."""
        return max(0, self._inside_count - self._running_count)

    @property
    def rejected_count(self) -> int:
        """Calls refused since start because the queue was full."""
        return self._rejected_count

    @property
    def dropped_count(self) -> int:
        """Calls whose caller went away before they started."""
        return self._dropped_count

    @property
    def finished_count(self) -> int:
        """Calls that ran to their end, well or badly."""
        return self._finished_count

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result, computed on a worker thread with the caller's context variables.

        Raises:
            EngineOverloaded: the queue is full, or the workers are closed; nothing was done.
        """
        self._enter()
        turn = _Turn(call)
        context = contextvars.copy_context()
        try:
            future = self._threads.submit(self._rank, partial(self._run_turn, turn, context))
        except RuntimeError as error:
            self._leave(was_dropped=False)
            raise EngineOverloaded("the server is shutting down") from error
        # A cancelled future stays in the queue until its turn comes: let go of its picture now.
        future.add_done_callback(lambda done: self._after(done, turn))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Drops what waits, lets what runs finish, and returns when all threads have ended."""
        self._threads.close()

    def _enter(self) -> None:
        with self._lock:
            if self._inside_count >= self._max_inside:
                self._rejected_count += 1
                raise EngineOverloaded("the server has as much work as it can hold: come back in a moment")
            self._inside_count += 1

    def _leave(self, *, was_dropped: bool) -> None:
        with self._lock:
            self._inside_count -= 1
            if was_dropped:
                self._dropped_count += 1

    def _after(self, done: "Future[T]", turn: "_Turn[T]") -> None:
        turn.call = None
        self._leave(was_dropped=done.cancelled())

    def _run_turn(self, turn: "_Turn[T]", context: contextvars.Context) -> T:
        with self._lock:
            self._running_count += 1
        try:
            call = turn.call
            if call is None:  # pragma: no cover - a future that runs was not cancelled
                raise EngineOverloaded("the caller has gone")
            return context.run(call)
        finally:
            with self._lock:
                self._running_count -= 1
                self._finished_count += 1


class _Turn(Generic[T]):
    """A call that can be let go while its place in the pool's queue remains."""

    def __init__(self, call: Callable[[], T]) -> None:
        self.call: Callable[[], T] | None = call
