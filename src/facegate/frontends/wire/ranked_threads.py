"""Threads that run the most urgent call first."""

import itertools
import queue
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

_PATIENCE_S = 2.0
"""Per rank. Without it a few clients could keep all others from their turn by sending what ends at rank 0."""


class RankedThreads:
    """Runs `thread_count` calls at once: of those that wait, the lowest rank first, and of these the oldest.

    A call goes before younger ones of the rank below its own once it has waited two seconds.

    More threads than cores cost: each call into NumPy hands the interpreter to another thread, and two
    threads judged a tenth more of the workstations' frames than four on two cores.
    """

    def __init__(self, thread_count: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(thread_count, thread_name_prefix=name)
        self._waiting: queue.PriorityQueue[tuple[float, int, Future[Any], Callable[[], Any]]]
        self._waiting = queue.PriorityQueue()
        self._numbers = itertools.count()

    def submit(self, rank: int, call: Callable[[], T]) -> Future[T]:
        """The future of the call. Raises RuntimeError when the threads are closed."""
        future: Future[T] = Future()
        due_s = time.monotonic() + rank * _PATIENCE_S
        self._waiting.put((due_s, next(self._numbers), future, call))
        try:
            # As many of these as there are calls; each runs whichever is the most urgent by then.
            self._pool.submit(self._run_most_urgent)
        except RuntimeError:
            future.cancel()
            raise
        return future

    def close(self) -> None:
        """Drops what waits, lets what runs finish, and returns when all threads have ended."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        while not self._waiting.empty():
            self._waiting.get_nowait()[2].cancel()

    def _run_most_urgent(self) -> None:
        _, _, future, call = self._waiting.get_nowait()
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - it belongs to who waits, as in the library's pools
            future.set_exception(error)
        else:
            future.set_result(result)
