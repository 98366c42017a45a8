"""What is remembered of one workstation's last frames. Everything in it ends by itself."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.presence.observation import Observation
from facegate.domain.presence.verdicts import Reason

MEMORY_S = 30.0

MAX_FRAMES = 256
"""Five seconds at 50 frames/s: with 64, a client of 15 frames/s would never show a camera frozen for 5 s."""


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
    """The frames of the last 30 seconds, at most 256, oldest first. Not safe from several threads."""

    def __init__(self) -> None:
        self._frames: list[RememberedFrame] = []

    def remember(self, observation: Observation, reasons: frozenset[Reason]) -> None:
        """Adds a frame that was judged; one that is judged late takes its place in order of arrival."""
        # In order, rather than beginning anew: otherwise two sockets of one user could wash the memory.
        insort(self._frames, RememberedFrame(observation, reasons), key=lambda frame: frame.at_s)
        least_s = self._frames[-1].at_s - MEMORY_S
        self._frames = [frame for frame in self._frames[-MAX_FRAMES:] if frame.at_s >= least_s]

    def past(self, now_s: float, within_s: float = MEMORY_S) -> Sequence[Observation]:
        """Observations of the last `within_s` seconds, at most 30, oldest first."""
        return [frame.observation for frame in self.frames(now_s, within_s)]

    def frames(self, now_s: float, within_s: float = MEMORY_S) -> Sequence[RememberedFrame]:
        """The same with their reasons."""
        least_s = now_s - min(within_s, MEMORY_S)
        return [frame for frame in self._frames if least_s <= frame.at_s <= now_s]
