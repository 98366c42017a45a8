"""How long the agent waits before it connects again. No I/O, no clock."""

import random
from collections.abc import Callable

from facegate_workstation.endings import Ending, EndKind

_STRETCH = 0.5


class Backoff:
    """5, 10, 20, 40 s after a lost connection, 30 s where the server is full, 10 min where a human is asked.

    Each wait is stretched by up to a half, at random, so that the workstations of an office do not all come
    back in one moment; it is never shorter than said, and after a lost connection never above `longest_s`.
    """

    def __init__(
        self,
        *,
        first_s: float = 5.0,
        longest_s: float = 60.0,
        full_s: float = 30.0,
        asks_human_s: float = 600.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._first_s = first_s
        self._longest_s = max(first_s, longest_s)
        self._full_s = full_s
        self._asks_human_s = asks_human_s
        self._chance = chance
        self._lost_count = 0

    def worked(self) -> None:
        """A picture got its verdict: the next loss is the first again."""
        self._lost_count = 0

    def wait_s(self, ending: Ending) -> float:
        """The wait after this ending; each call counts as one more loss."""
        stretch = 1.0 + _STRETCH * self._chance()
        if ending.asks_human:
            return self._asks_human_s * stretch
        if ending.kind is EndKind.FULL:
            return self._full_s * stretch
        doublings = min(self._lost_count, 30)
        self._lost_count += 1
        # The last step leaves room for the stretch below the longest wait.
        step_s = min(self._first_s * 2.0**doublings, self._longest_s / (1.0 + _STRETCH))
        return min(step_s * stretch, self._longest_s)
