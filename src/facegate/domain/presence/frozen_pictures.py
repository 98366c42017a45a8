"""Whether a camera gives the same pictures again: a live one never does, its noise is always new.

Two pictures are the same when their bytes are, or, encoded or labelled anew, when the small grey picture and
every landmark of the largest face are. A face is needed for the second: two pictures of a dark room may well
have the same small picture.
"""

from collections.abc import Hashable, Sequence

from facegate.domain.presence.observation import Observation


def standing_still(observation: Observation, past: Sequence[Observation]) -> tuple[int, float]:
    """How many pictures up to this one are the same as this one, and for how many seconds.

    `past` is oldest first. A picture that was never there before counts 1 for 0 seconds.
    """
    numbers = _numbered([*past, observation])
    first = len(past)
    while first > 0 and numbers[first - 1] == numbers[-1]:
        first -= 1
    return len(numbers) - first, 0.0 if first == len(past) else observation.at_s - past[first].at_s


def recurrences(observation: Observation, past: Sequence[Observation]) -> int:
    """How many times a picture came again after another one, this one included; 0 if this one is new.

    The order does not matter: who asks a clip that runs in a circle for a picture now and then gets its
    pictures in any order. The same picture several times in a row counts once, as slow cameras do that.
    """
    numbers = _numbered([*past, observation])
    changes = [number for place, number in enumerate(numbers) if place == 0 or number != numbers[place - 1]]
    if changes[-1] not in changes[:-1]:
        return 0
    return len(changes) - len(set(changes))


def _numbered(frames: Sequence[Observation]) -> list[int]:
    """A number for each frame, the same for the same picture."""
    known: dict[Hashable, int] = {}
    numbers: list[int] = []
    for frame in frames:
        names = _names(frame)
        number = next((known[name] for name in names if name in known), len(numbers))
        known.update(dict.fromkeys(names, number))
        numbers.append(number)
    return numbers


def _names(frame: Observation) -> tuple[Hashable, ...]:
    if not frame.faces:
        return (frame.encoded_sha256,)
    points = frame.faces[0].landmarks.points_xy_px.tobytes()
    return frame.encoded_sha256, (points, frame.thumbnail.tobytes(), frame.size)
