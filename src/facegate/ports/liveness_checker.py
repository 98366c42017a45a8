"""Telling a live face from a picture of one."""

from typing import Protocol

from facegate.domain.images import DetectedFace, Frame


class LivenessChecker(Protocol):
    """A passive, single-frame liveness net."""

    def live_probability(self, frame: Frame, face: DetectedFace) -> float:
        """The net's probability on 0..1 that the face is live: one cue, not a certificate.

        Raises:
            EngineFailed: the runtime broke or gave values that are not finite.
        """
        ...
