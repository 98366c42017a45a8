"""When somebody should hear that a camera is down, and that it is back."""

from dataclasses import dataclass

STEADY_AFTER_S = 3.0
"""Pictures for so long end an outage: one that comes and goes every second is one outage, told once."""


@dataclass(frozen=True, slots=True)
class OutageNews:
    """The camera has been without pictures for too long, or is back; `lasted_s` so far or in all.

    None where pictures came for the first time: whether an outage ends with it is not known here.
    """

    is_over: bool
    lasted_s: float | None


class Outage:
    """Told once after `down_after_s` without a fresh picture, and once when pictures are back.

    The first pictures that last are told too: somebody may have been told before this one began to count.
    """

    def __init__(self, down_after_s: float) -> None:
        self._down_after_s = down_after_s
        self._began_s: float | None = None
        self._live_since_s: float | None = None
        self._is_told = False
        self._was_ever_live = False

    def observe(self, *, is_live: bool, last_fresh_s: float | None, at_s: float) -> OutageNews | None:
        """What is to be told now, if anything. `last_fresh_s`: when a picture was last known to be live."""
        if not is_live:
            return self._without_pictures(last_fresh_s, at_s)
        if self._live_since_s is None:
            self._live_since_s = at_s
        if at_s - self._live_since_s < STEADY_AFTER_S:
            return None
        was_ever_live, self._was_ever_live = self._was_ever_live, True
        began_s, self._began_s = self._began_s, None
        was_told, self._is_told = self._is_told, False
        if was_told and began_s is not None:
            return OutageNews(is_over=True, lasted_s=self._live_since_s - began_s)
        return None if was_ever_live else OutageNews(is_over=True, lasted_s=None)

    def pause(self) -> None:
        """The camera rests or is done: time without pictures is meant. What was told is still to be ended."""
        self._live_since_s = None
        if not self._is_told:
            self._began_s = None

    def _without_pictures(self, last_fresh_s: float | None, at_s: float) -> OutageNews | None:
        self._live_since_s = None
        if self._began_s is None:
            self._began_s = at_s if last_fresh_s is None else min(last_fresh_s, at_s)
        lasted_s = at_s - self._began_s
        if self._is_told or lasted_s < self._down_after_s:
            return None
        self._is_told = True
        return OutageNews(is_over=False, lasted_s=lasted_s)
