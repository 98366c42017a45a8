"""Which copy of a net a call gets."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from facegate.adapters.onnxruntime_sessions.net_copies import NetCopies, NetCopy


def test_calls_at_once_get_different_copies_and_each_thread_keeps_its_own() -> None:
    copies = NetCopies(["a", "b"])
    with ThreadPoolExecutor(1) as thread:
        with copies.least_busy() as mine:
            other = thread.submit(_borrowed, copies).result()
        assert (mine.session, other) == ("a", "b")
        # Both are free now, whoever comes first.
        assert _borrowed(copies) == "a"
        assert thread.submit(_borrowed, copies).result() == "b"
        assert _borrowed(copies) == "a"


def test_nobody_waits_where_all_copies_are_in_use() -> None:
    copies = NetCopies(["a", "b"])
    everybody = threading.Barrier(6)

    def hold() -> str:
        with copies.least_busy() as copy:
            everybody.wait(timeout=10)
            return str(copy.session)

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


def test_what_large_pictures_took_is_given_back_when_no_more_come() -> None:
    copy = NetCopy("a")
    calls = [
        (0, False),
        (1, True),
        (2, False),
        (10.9, True),
        (11.5, False),
        (20.8, False),
        (21, False),
        (22, False),
        (99, False),
        (100, True),
        (109, False),
        (111, False),
    ]
    gave_back_at = [
        now_s for now_s, is_large in calls if copy.is_to_give_back(is_large=is_large, now_s=now_s)
    ]
    assert gave_back_at == [21, 111]


def _borrowed(copies: NetCopies) -> str:
    with copies.least_busy() as copy:
        return str(copy.session)
