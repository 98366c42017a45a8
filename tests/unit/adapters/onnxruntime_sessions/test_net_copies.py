"""Which copy of a net a call gets."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from facegate.adapters.onnxruntime_sessions.net_copies import NetCopies


def test_a_thread_keeps_its_copy_and_calls_at_once_get_different_ones() -> None:
    copies = NetCopies(["a", "b"])
    with copies.least_busy() as mine:
        with ThreadPoolExecutor(1) as thread:
            other = thread.submit(_borrowed, copies)
            assert {mine, other.result()} == {"a", "b"}
            # It comes back to the one it had, though both are the least busy for it in turn.
            assert thread.submit(_borrowed, copies).result() == other.result()
        with copies.least_busy() as second:
            assert second != mine
    assert _borrowed(copies) == second


def test_nobody_waits_where_all_copies_are_in_use() -> None:
    copies = NetCopies(["a", "b"])
    everybody = threading.Barrier(6)

    def hold() -> str:
        with copies.least_busy() as copy:
            everybody.wait(timeout=10)
            return str(copy)

    with ThreadPoolExecutor(6) as threads:
        held = [future.result() for future in [threads.submit(hold) for _ in range(6)]]
    assert sorted(held) == ["a", "a", "a", "b", "b", "b"]


def test_a_call_that_fails_gives_its_copy_back() -> None:
    copies = NetCopies(["a", "b"])
    with pytest.raises(ZeroDivisionError), copies.least_busy():
        raise ZeroDivisionError
    assert _borrowed(copies) == "a"
    with pytest.raises(ValueError, match="at least one"):
        NetCopies([])


def _borrowed(copies: NetCopies) -> str:
    with copies.least_busy() as copy:
        return str(copy)
