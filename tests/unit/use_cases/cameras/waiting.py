"""Waiting for what other threads do."""

import threading
from collections.abc import Callable
from time import monotonic

_LIMIT_S = 20.0


def until(holds: Callable[[], bool]) -> None:
    """Returns as soon as it holds; a test fails when it does not in time."""
    ends_s = monotonic() + _LIMIT_S
    pause = threading.Event()
    while not holds():
        assert monotonic() < ends_s, "it did not happen in time"
        pause.wait(0.002)


_of_others: set[int | None] = set()


def pass_over_running_threads() -> None:
    """A server that another test keeps has cameras' threads too; from now on they do not count."""
    _of_others.clear()
    _of_others.update(thread.ident for thread in threading.enumerate())


def camera_threads() -> list[str]:
    """Names of the threads of this test's cameras that are alive."""
    return sorted(
        thread.name
        for thread in threading.enumerate()
        if thread.name.startswith("camera-") and thread.ident not in _of_others
    )
