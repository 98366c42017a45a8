"""Is it a live picture of a live face: covered, frozen and looped cameras, attacks, devices around a face."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegate.domain.presence.frozen_pictures import Repetition, repetition_of
from facegate.domain.presence.liveness_over_time import median_live_probability
from facegate.domain.presence.observation import Observation, Thumbnail
from facegate.domain.presence.rigid_motion import motion_of_face
from facegate.domain.presence.verdicts import Cue, Finding


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """When a picture is no live picture of a live face.

    The median of the live probabilities of the last `liveness_window_s` has to reach `min_live_probability`.
    Pictures that stay the same for `frozen_after_s` and in at least `frozen_frames` frames are a frozen
    camera; `loop_recurrences` pictures that came again after others are a loop. A picture without a face is
    covered when its brightness is below `dark_below` (0..255) or when even its most different neighbouring
    blocks differ by less than `featureless_below` grey levels. A phone is around the face when its box holds
    at least `device_covers` of the face's box. A face that moved by `rigid_shift` and left `rigid_misfit` or
    less (both in distances between the eyes) moved like a flat picture.
    """

    min_live_probability: float = 0.5
    liveness_window_s: float = 3.0
    frozen_after_s: float = 5.0
    frozen_frames: int = 4
    loop_recurrences: int = 3
    dark_below: float = 16.0
    featureless_below: float = 6.0
    device_covers: float = 0.6
    rigid_shift: float = 0.25
    rigid_misfit: float = 0.03

    def __post_init__(self) -> None:
        if self.frozen_frames < 2 or self.loop_recurrences < 1:
            raise ValueError("a picture comes again in its second frame at the earliest")


def picture_cues(observation: Observation, past: Sequence[Observation], limits: PictureLimits) -> list[Cue]:
    """What speaks against a live picture of a live face. `past` is oldest first.

    Motion like that of a flat picture is told beside another sign of an attack only: a user who leans aside
    and keeps still otherwise moves like that too.
    """
    if covered := _covered(observation, limits):
        # Nothing else is to be seen there: black pictures may well be identical.
        return covered
    repetition = repetition_of(observation, past)
    cues = [
        *_frozen(repetition, limits),
        *_looped(repetition, limits),
        *_texture(observation, past, limits),
        *_device(observation, limits),
    ]
    return [*cues, *_rigid(observation, past, limits)] if cues else []


def detail_of(thumbnail: Thumbnail) -> float:
    """Grey levels by which neighbouring blocks differ where they differ most (99th percentile).

    Light that falls off over the picture counts little: what covers a lens is out of focus, and smooth.
    """
    blocks = thumbnail.astype(np.int16)
    steps = [np.abs(np.diff(blocks, axis=axis)).ravel() for axis in (0, 1)]
    return float(np.percentile(np.concatenate(steps), 99))


def _covered(observation: Observation, limits: PictureLimits) -> list[Cue]:
    if observation.faces:
        return []
    brightness = float(observation.thumbnail.mean())
    if brightness < limits.dark_below:
        return [Cue(Finding.COVERED_CAMERA, brightness, limits.dark_below)]
    detail = detail_of(observation.thumbnail)
    if detail < limits.featureless_below:
        return [Cue(Finding.COVERED_CAMERA, detail, limits.featureless_below)]
    return []


def _frozen(repetition: Repetition, limits: PictureLimits) -> list[Cue]:
    if repetition.same_count < limits.frozen_frames or repetition.held_s < limits.frozen_after_s:
        return []
    return [Cue(Finding.FROZEN_PICTURE, repetition.held_s, limits.frozen_after_s)]


def _looped(repetition: Repetition, limits: PictureLimits) -> list[Cue]:
    if repetition.recurrences < limits.loop_recurrences:
        return []
    return [Cue(Finding.LOOPED_PICTURE, float(repetition.recurrences), float(limits.loop_recurrences))]


def _texture(observation: Observation, past: Sequence[Observation], limits: PictureLimits) -> list[Cue]:
    middle = median_live_probability(observation, past, limits.liveness_window_s)
    if middle is None or middle >= limits.min_live_probability:
        return []
    return [Cue(Finding.SPOOF_TEXTURE, middle, limits.min_live_probability)]


def _device(observation: Observation, limits: PictureLimits) -> list[Cue]:
    if not (observation.faces and observation.phones):
        return []
    face = observation.faces[0].box
    covered = max(phone.box.shared_area_px(face) for phone in observation.phones) / max(1.0, face.area_px)
    if covered < limits.device_covers:
        return []
    return [Cue(Finding.DEVICE_AROUND_FACE, covered, limits.device_covers)]


def _rigid(observation: Observation, past: Sequence[Observation], limits: PictureLimits) -> list[Cue]:
    motion = motion_of_face(observation, past, limits.liveness_window_s)
    if motion is None or motion.shift < limits.rigid_shift or motion.misfit > limits.rigid_misfit:
        return []
    return [Cue(Finding.RIGID_FACE, motion.misfit, limits.rigid_misfit)]
