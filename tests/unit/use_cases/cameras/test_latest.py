"""The last picture, and who waits for it."""

import threading

from tests.fakes.cameras import SEEN_AT
from tests.fakes.gallery import FakeClock
from tests.unit.use_cases.cameras.camera_hall import new_picture

from facegate.domain.images import Frame
from facegate.use_cases.cameras.latest import LatestPicture, LatestPictures


def a_frame() -> Frame:
    return Frame.of(new_picture())


def test_numbers_grow_and_the_frame_is_the_one_that_was_put() -> None:
    latest, frame = LatestPictures(FakeClock().monotonic_s), a_frame()
    assert latest.get() is None
    latest.put(SEEN_AT, a_frame(), ())
    first = latest.get()
    latest.put(SEEN_AT, frame, ())
    second = latest.get()
    assert first is not None
    assert second is not None
    assert second.frame is frame
    assert second.number > first.number
    assert latest.wait_newer(first.number, 0) is second
    assert latest.wait_newer(second.number, 0) is None


def test_all_who_wait_get_the_next() -> None:
    latest, got = LatestPictures(FakeClock().monotonic_s), list[LatestPicture | None]()
    waiting = threading.Barrier(4)

    def wait() -> None:
        waiting.wait()
        got.append(latest.wait_newer(0, 20))

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    waiting.wait()
    latest.put(SEEN_AT, a_frame(), ())
    for thread in threads:
        thread.join()
    assert got == [latest.get()] * 3


def test_at_the_end_nobody_waits_any_longer() -> None:
    latest = LatestPictures(FakeClock().monotonic_s)
    thread = threading.Thread(target=latest.wait_newer, args=(0, 60))
    thread.start()
    latest.close()
    thread.join(20)
    assert not thread.is_alive()
    assert latest.wait_newer(0, 60) is None


def test_more_are_wanted_while_somebody_looks_on_and_not_all_too_often() -> None:
    clock = FakeClock()
    latest = LatestPictures(clock.monotonic_s)
    assert not latest.wants_more(0.25)
    latest.get()
    assert latest.wants_more(0.25)
    latest.put(SEEN_AT, a_frame(), ())
    assert not latest.wants_more(0.25)
    clock.advance(0.25)
    assert latest.wants_more(0.25)
    clock.advance(10)
    assert not latest.wants_more(0.25)
