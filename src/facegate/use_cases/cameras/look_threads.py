"""The threads that look at pictures of all cameras, and whose turn it is.

Each camera has one place for a frame: a newer one takes the place of the older. Cameras take turns in the
order in which their frames became due, so that a busy one waits for each of the others once per frame of
its own. One camera is worked for by one thread at a time.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from facegate.ports.cameras.video_source import GrabbedFrame
from facegate.use_cases.cameras.fault_log import FaultLog
from facegate.use_cases.cameras.joining import still_alive

Chore = Callable[[], None]


@dataclass(frozen=True, slots=True, eq=False)
class TakenFrame:
    """A frame with the moment it was grabbed: time of day in UTC, and monotonic."""

    grabbed: GrabbedFrame
    at: datetime
    at_s: float


@dataclass(slots=True, eq=False)
class LookPlace:
    """What waits for one camera. `look` is called with each frame; `faults` hears what it raises."""

    look: Callable[[TakenFrame], None]
    faults: FaultLog
    frame: TakenFrame | None = None
    chores: deque[Chore] = field(default_factory=deque)
    is_waiting: bool = False
    is_worked_on: bool = False
    is_closed: bool = False


class LookThreads:
    """Safe from several threads; nobody who hands in work waits for it."""

    def __init__(self, thread_count: int) -> None:
        self._changed = threading.Condition()
        self._ready: deque[LookPlace] = deque()
        self._is_closing = False
        self._threads = [
            threading.Thread(target=self._work, name=f"camera-look-{number}")
            for number in range(thread_count)
        ]

    def start(self) -> None:
        """Begins to work; what was handed in before is done first."""
        for thread in self._threads:
            thread.start()

    def offer(self, place: LookPlace, frame: TakenFrame) -> bool:
        """Puts the frame in the camera's place; True when one that waited there goes unseen.

        After `retire` it is the frame itself that goes unseen.
        """
        with self._changed:
            if place.is_closed:
                return True
            is_superseding = place.frame is not None
            place.frame = frame
            self._queue(place)
        return is_superseding

    def add_chore(self, place: LookPlace, chore: Chore, *, only_if_idle: bool = False) -> bool:
        """Something else to be done for this camera, before its next frame; False when it was not taken."""
        with self._changed:
            is_idle = not (place.is_waiting or place.is_worked_on)
            if place.is_closed or (only_if_idle and not is_idle):
                return False
            place.chores.append(chore)
            self._queue(place)
        return True

    def retire(self, place: LookPlace, last_chore: Chore) -> bool:
        """Nothing more is taken for this camera; True when a frame that waited goes unseen."""
        with self._changed:
            had_frame, place.frame = place.frame is not None, None
            place.chores.append(last_chore)
            place.is_closed = True
            self._queue(place)
        return had_frame

    def close(self, timeout_s: float) -> bool:
        """Does what waits, then ends; False when that took longer than allowed."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        return not still_alive(self._threads, timeout_s)

    def _queue(self, place: LookPlace) -> None:
        """Under the lock: at the end of the turns, unless it has one or will get one."""
        if not place.is_waiting and not place.is_worked_on:
            place.is_waiting = True
            self._ready.append(place)
            self._changed.notify()

    def _work(self) -> None:
        while (turn := self._next_turn()) is not None:
            place, chores, frame = turn
            try:
                for chore in chores:
                    _do(place, chore)
                if frame is not None:
                    _do(place, partial(place.look, frame))
            finally:
                with self._changed:
                    place.is_worked_on = False
                    if place.chores or place.frame is not None:
                        self._queue(place)

    def _next_turn(self) -> tuple[LookPlace, list[Chore], TakenFrame | None] | None:
        with self._changed:
            while not self._ready:
                if self._is_closing:
                    return None
                self._changed.wait()
            place = self._ready.popleft()
            place.is_waiting, place.is_worked_on = False, True
            chores, frame = list(place.chores), place.frame
            place.chores.clear()
            place.frame = None
            return place, chores, frame


def _do(place: LookPlace, work: Chore) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - logged: one camera's bug must not end a thread of all
        place.faults.failed(error)
    else:
        place.faults.went_well()
