"""The last picture of a camera, for people who look on."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from facegate.domain.images import Frame
from facegate.ports.cameras.frame_drawer import DrawnBox

_NUMBERS = itertools.count(1)
"""Of the whole process: numbers go on growing when a camera is stopped and started."""

_INTEREST_S = 5.0
"""So long after the last question somebody is taken to look on."""


@dataclass(frozen=True, slots=True, eq=False)
class LatestPicture:
    """A picture with what was seen in it; numbers of a camera grow. Shared: nobody may change its pixels."""

    number: int
    at: datetime
    frame: Frame
    boxes: tuple[DrawnBox, ...]


class LatestPictures:
    """One camera's last picture, and who waits for the next. Safe from several threads."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._changed = threading.Condition()
        self._latest: LatestPicture | None = None
        self._is_closed = False
        self._asked_at_s: float | None = None
        self._put_at_s: float | None = None

    def put(self, at: datetime, frame: Frame, boxes: tuple[DrawnBox, ...]) -> None:
        """A newer picture; those who wait get it."""
        with self._changed:
            self._latest = LatestPicture(next(_NUMBERS), at, frame, boxes)
            self._put_at_s = self._monotonic_s()
            self._changed.notify_all()

    def get(self) -> LatestPicture | None:
        """The last one; None before the first."""
        with self._changed:
            self._asked_at_s = self._monotonic_s()
            return self._latest

    def wait_newer(self, number: int, timeout_s: float) -> LatestPicture | None:
        """The last one as soon as its number is higher; None when none came in time or no more come."""
        with self._changed:
            self._asked_at_s = self._monotonic_s()
            self._changed.wait_for(lambda: self._is_closed or self._number() > number, timeout_s)
            self._asked_at_s = self._monotonic_s()
            return self._latest if self._number() > number else None

    def wants_more(self, interval_s: float) -> bool:
        """Whether somebody looks on and the last picture is older than this."""
        now_s = self._monotonic_s()
        with self._changed:
            if self._asked_at_s is None or now_s - self._asked_at_s > _INTEREST_S:
                return False
            return self._put_at_s is None or now_s - self._put_at_s >= interval_s

    def close(self) -> None:
        """No more come: nobody waits any longer."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _number(self) -> int:
        return 0 if self._latest is None else self._latest.number
