"""What is remembered of one workstation's last frames. Everything in it ends by itself."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.presence.observation import Observation
from facegate.domain.presence.verdicts import Reason

MEMORY_S = 30.0
MAX_FRAMES = 64


@dataclass(frozen=True, slots=True, eq=False)
class RememberedFrame:
    """A frame with the reasons that were found in it."""

    observation: Observation
    reasons: frozenset[Reason]


class ClientMemory:
    """The frames of the last 30 seconds, at most 64, oldest first. Not safe from several threads."""

    def __init__(self) -> None:
        self._frames: deque[RememberedFrame] = deque(maxlen=MAX_FRAMES)

    def remember(self, observation: Observation, reasons: frozenset[Reason]) -> None:
        """Adds a frame that was judged; time that went backwards begins a new memory."""
        if self._frames and observation.at_s < self._frames[-1].observation.at_s:
            self._frames.clear()
        self._frames.append(RememberedFrame(observation, reasons))
        self._forget_before(observation.at_s - MEMORY_S)

    def past(self, now_s: float, within_s: float = MEMORY_S) -> Sequence[Observation]:
        """Observations of the last `within_s` seconds, oldest first."""
        return [frame.observation for frame in self.frames(now_s, within_s)]

    def frames(self, now_s: float, within_s: float = MEMORY_S) -> Sequence[RememberedFrame]:
        """The same with their reasons."""
        least_s = now_s - min(within_s, MEMORY_S)
        return [frame for frame in self._frames if least_s <= frame.observation.at_s <= now_s]

    def _forget_before(self, least_s: float) -> None:
        while self._frames and self._frames[0].observation.at_s < least_s:
            self._frames.popleft()
