"""Newest frame wins, cameras take turns, one thread at a time for each."""

import logging
import threading
from collections.abc import Callable

import pytest
from tests.fakes.cameras import SEEN_AT
from tests.fakes.video import grabbed
from tests.unit.use_cases.cameras.camera_hall import new_picture

from facegate.use_cases.cameras.fault_log import FaultLog
from facegate.use_cases.cameras.look_threads import LookPlace, LookThreads, TakenFrame

LOGGER = logging.getLogger("facegate.tests")


def a_frame(at_s: float = 0.0) -> TakenFrame:
    return TakenFrame(grabbed(new_picture()), SEEN_AT, at_s)


def a_place(look: Callable[[TakenFrame], None], name: str = "camera gate") -> LookPlace:
    return LookPlace(look, FaultLog(LOGGER, name))


def test_the_newest_frame_wins() -> None:
    seen: list[TakenFrame] = []
    looks, place, frames = LookThreads(1), a_place(seen.append), [a_frame(), a_frame(), a_frame()]
    assert [looks.offer(place, frame) for frame in frames] == [False, True, True]
    looks.start()
    assert looks.close(20)
    assert seen == [frames[2]]


def test_a_busy_camera_waits_for_each_of_the_others() -> None:
    """The busy one offers a new frame whenever one of its own is looked at."""
    order: list[str] = []
    looks = LookThreads(1)

    def busy(_: TakenFrame) -> None:
        order.append("busy")
        if len(order) < 20:
            looks.offer(busy_place, a_frame())

    def quiet(name: str) -> Callable[[TakenFrame], None]:
        return lambda _: order.append(name)

    busy_place = a_place(busy)
    looks.offer(busy_place, a_frame())
    for name in ("one", "two", "three"):
        looks.offer(a_place(quiet(name)), a_frame())
    looks.start()
    assert looks.close(20)
    assert order[:5] == ["busy", "one", "two", "three", "busy"]


def test_two_busy_ones_take_turns() -> None:
    order: list[str] = []
    looks, places = LookThreads(1), dict[str, LookPlace]()

    def look_of(name: str) -> Callable[[TakenFrame], None]:
        def look(_: TakenFrame) -> None:
            order.append(name)
            if len(order) < 20:
                looks.offer(places[name], a_frame())

        return look

    for name in ("a", "b"):
        places[name] = a_place(look_of(name))
        looks.offer(places[name], a_frame())
    looks.start()
    assert looks.close(20)
    assert "".join(order[:20]) == "ab" * 10


def test_one_thread_at_a_time_for_each_camera_and_several_for_several() -> None:
    alone, together = threading.Lock(), threading.Barrier(2)
    looks, seen = LookThreads(4), list[str]()
    has_begun = threading.Event()

    def slow(_: TakenFrame) -> None:
        assert alone.acquire(blocking=False)
        has_begun.set()
        together.wait(20)
        seen.append("slow")
        alone.release()

    def other(_: TakenFrame) -> None:
        together.wait(20)
        seen.append("other")

    slow_place, other_place = a_place(slow), a_place(other)
    looks.start()
    looks.offer(slow_place, a_frame())
    assert has_begun.wait(20)
    assert not looks.offer(slow_place, a_frame())  # waits, though three threads are free
    looks.offer(other_place, a_frame())
    has_begun.clear()
    assert has_begun.wait(20)
    looks.offer(other_place, a_frame())
    assert looks.close(20)
    assert sorted(seen) == ["other", "other", "slow", "slow"]


def test_chores_come_before_the_frame_and_the_last_one_after_everything() -> None:
    done: list[str] = []
    looks = LookThreads(2)
    place = a_place(lambda _: done.append("look"))
    looks.offer(place, a_frame())
    assert looks.add_chore(place, lambda: done.append("chore"))
    assert not looks.add_chore(place, lambda: done.append("idle"), only_if_idle=True)
    looks.start()
    closer = a_place(lambda _: None)
    assert looks.close(20)
    assert done == ["chore", "look"]
    assert not looks.retire(closer, lambda: None)


def test_after_its_end_a_camera_gets_no_more_work() -> None:
    done: list[str] = []
    looks = LookThreads(1)
    place = a_place(lambda _: done.append("look"))
    looks.offer(place, a_frame())
    assert looks.retire(place, lambda: done.append("last"))
    assert looks.offer(place, a_frame())
    assert not looks.add_chore(place, lambda: done.append("late"))
    looks.start()
    assert looks.close(20)
    assert done == ["last"]


def test_what_one_camera_breaks_is_logged_once_and_the_thread_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[float] = []
    looks = LookThreads(1)

    def broken(frame: TakenFrame) -> None:
        if frame.at_s < 3:
            looks.offer(place, a_frame(frame.at_s + 1))
            raise ZeroDivisionError("rtsp://admin:geheim7@10.0.0.7")
        seen.append(frame.at_s)

    place = a_place(broken)
    looks.offer(place, a_frame())
    with caplog.at_level(logging.INFO):
        looks.start()
        assert looks.close(20)
    assert seen == [3]
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert "camera gate: ZeroDivisionError at test_look_threads.py" in caplog.records[0].getMessage()
    assert "geheim7" not in caplog.text
