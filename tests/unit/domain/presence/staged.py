"""Observations by hand, with whatever a test wants to be seen in them."""

from collections.abc import Sequence

import numpy as np

from facegate.domain.geometry import FaceLandmarks, ImageSize, PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone
from facegate.domain.presence.observation import Observation, SeenIdentity
from facegate.domain.presence.verdicts import Check, CheckState

SIZE = ImageSize(640, 480)
NEEDED = 0.4
USER = SeenIdentity(True, 0.8, NEEDED, "user", 0.8, 0.9, 1e-9)
STRANGER = SeenIdentity(False, 0.05, NEEDED, None, 0.1, 0.9, 0.5)
COLLEAGUE = SeenIdentity(False, 0.1, NEEDED, "colleague", 0.7, 0.9, 0.3)
ALL_RAN = dict.fromkeys(Check, CheckState.RAN)


def face(x: float = 320, y: float = 240, side: float = 160) -> DetectedFace:
    """A face with its box centred there."""
    half = side / 2
    points = np.array(
        [[x - 30, y - 20], [x + 30, y - 20], [x, y + 10], [x - 25, y + 40], [x + 25, y + 40]],
        dtype=np.float32,
    )
    return DetectedFace(PixelBox(x - half, y - half, x + half, y + half), FaceLandmarks(points), 0.9)


def phone(confidence: float = 0.6) -> DetectedPhone:
    """A phone in the lower right corner."""
    return DetectedPhone(PixelBox(500, 360, 560, 460), confidence)


def observed(
    at_s: float = 0.0,
    identity: SeenIdentity | None = USER,
    *,
    faces: Sequence[DetectedFace] | None = None,
    phones: Sequence[DetectedPhone] = (),
    live_probability: float | None = 0.95,
    checks: dict[Check, CheckState] | None = None,
    seed: int | None = None,
) -> Observation:
    """The user at their place unless something else is said; each picture has its own noise."""
    noise = np.random.default_rng(round(at_s * 1000) if seed is None else seed)
    thumbnail = noise.integers(60, 200, (24, 32), dtype=np.uint8)
    return Observation(
        at_s=at_s,
        size=SIZE,
        faces=(face(),) if faces is None else tuple(faces),
        thumbnail=thumbnail,
        encoded_sha256=noise.bytes(32),
        identity=identity,
        live_probability=live_probability,
        phones=tuple(phones),
        checks=ALL_RAN if checks is None else checks,
    )
