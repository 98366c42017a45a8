"""What is remembered of one workstation's last frames. Everything in it ends by itself."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.presence.observation import Observation
from facegate.domain.presence.verdicts import Reason

MEMORY_S = 30.0

MAX_FRAMES = 256

UNTHINNED_FRAMES = 64
"""The newest, of which none is let go while it is young: more than any rule counts."""


@dataclass(frozen=True, slots=True, eq=False)
class RememberedFrame:
    """A frame with the reasons that were found in it."""

    observation: Observation
    reasons: frozenset[Reason]

    @property
    def at_s(self) -> float:
        """Monotonic time of arrival."""
        return self.observation.at_s


class ClientMemory:
    """The frames of the last 30 seconds, at most 256, oldest first. Not safe from several threads.

    When there are more, older ones are thinned out. If the oldest went, 60 frames/s of a camera that stands
    still would leave less than the 5 s by which it is found.
    """

    def __init__(self) -> None:
        self._frames: list[RememberedFrame] = []

    def remember(self, observation: Observation, reasons: frozenset[Reason]) -> None:
        """Adds a frame that was judged; one that is judged late takes its place in order of arrival."""
        # In order, rather than beginning anew: otherwise two sockets of one user could wash the memory.
        insort(self._frames, RememberedFrame(observation, reasons), key=lambda frame: frame.at_s)
        least_s = self._frames[-1].at_s - MEMORY_S
        self._frames = [frame for frame in self._frames if frame.at_s >= least_s]
        if len(self._frames) > MAX_FRAMES:
            del self._frames[self._dispensable()]

    def _dispensable(self) -> int:
        """The place of the frame that is missed least: nothing was found in it, and others are close by."""
        frames = self._frames
        return min(
            range(1, len(frames) - UNTHINNED_FRAMES),
            key=lambda place: (bool(frames[place].reasons), frames[place + 1].at_s - frames[place - 1].at_s),
        )

    def past(self, now_s: float, within_s: float = MEMORY_S) -> Sequence[Observation]:
        """Observations of the last `within_s` seconds, at most 30, oldest first."""
        return [frame.observation for frame in self.frames(now_s, within_s)]

    def frames(self, now_s: float, within_s: float = MEMORY_S) -> Sequence[RememberedFrame]:
        """The same with their reasons."""
        least_s = now_s - min(within_s, MEMORY_S)
        return [frame for frame in self._frames if least_s <= frame.at_s <= now_s]
