"""Whether a camera gives the same pictures again: a live one never does, its noise is always new.

Two pictures are the same when their bytes are, or, encoded or labelled anew, when every landmark of the
largest face and the small grey picture are. A face is needed for the second: two pictures of a dark room
may well have the same small picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegate.domain.presence.observation import Observation


@dataclass(frozen=True, slots=True)
class Repetition:
    """What of a frame was there before.

    `same_count` pictures up to this one are the same, for `held_s` seconds; 1 and 0 if the last was another.
    `recurrences` is how many times some picture came again after another one, this one included, and 0 if
    this one is new. The same picture several times in a row counts once, as slow cameras do that.
    """

    same_count: int
    held_s: float
    recurrences: int


def repetition_of(observation: Observation, past: Sequence[Observation]) -> Repetition:
    """What of this frame was in the past ones, oldest first.

    Pictures may come again in any order: who asks a clip that runs in a circle for a picture now and then
    does not get them in the order of before.
    """
    numbers = _numbered([*past, observation])
    first = len(past)
    while first > 0 and numbers[first - 1] == numbers[-1]:
        first -= 1
    held_s = observation.at_s - past[first].at_s if first < len(past) else 0.0
    changes = [number for place, number in enumerate(numbers) if place == 0 or number != numbers[place - 1]]
    is_new = changes[-1] not in changes[:-1]
    return Repetition(len(numbers) - first, held_s, 0 if is_new else len(changes) - len(set(changes)))


def _numbered(frames: Sequence[Observation]) -> list[int]:
    """A number for each frame, the same for the same picture."""
    by_bytes: dict[bytes, int] = {}
    # Landmarks first: they differ in all but the same pictures, and are a hundredth of a thumbnail.
    by_landmarks: dict[bytes, list[int]] = {}
    numbers: list[int] = []
    for place, frame in enumerate(frames):
        points = frame.faces[0].landmarks.points_xy_px.tobytes() if frame.faces else b""
        alike = by_landmarks.setdefault(points, []) if points else []
        number = by_bytes.get(frame.encoded_sha256)
        if number is None:
            number = next((known for known in alike if _same_thumbnail(frames[known], frame)), place)
        if number == place:
            alike.append(place)
        by_bytes[frame.encoded_sha256] = number
        numbers.append(number)
    return numbers


def _same_thumbnail(one: Observation, other: Observation) -> bool:
    return one.size == other.size and np.array_equal(one.thumbnail, other.thumbnail)
