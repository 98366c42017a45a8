"""Whether the landmarks of a face moved as those of a flat picture do: shifted, turned, tilted as a whole.

A head that turns moves its nose against its eyes and mouth, and a face that speaks moves its mouth: no affine
map takes the five points of one frame to those of another. Of a picture that is waved about it does, but for
the detector's own error. Somebody who only leans aside moves like a picture too: this is no proof of either.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegate.domain.geometry import PointsXY
from facegate.domain.presence.observation import Observation

_MIN_FRAMES = 4


@dataclass(frozen=True, slots=True)
class Motion:
    """The largest motion since the window's first frame, in distances between the eyes.

    `shift` is of the landmarks' centre; `misfit` is what the best affine map leaves (root mean square).
    """

    shift: float
    misfit: float


def motion_of_face(observation: Observation, past: Sequence[Observation], window_s: float) -> Motion | None:
    """The motion of the largest face up to this frame; None with fewer than four frames of it.

    `past` is oldest first; frames from before the face was last out of sight do not count.
    """
    if not observation.faces:
        return None
    points = [_points(observation)]
    for seen in reversed(past):
        if observation.at_s - seen.at_s > window_s or not seen.faces:
            break
        points.append(_points(seen))
    if len(points) < _MIN_FRAMES:
        return None
    first = points[-1]
    eyes_px = max(1.0, float(np.linalg.norm(first[1] - first[0])))
    shift_px = max(float(np.linalg.norm(later.mean(axis=0) - first.mean(axis=0))) for later in points)
    misfit_px = max(_affine_misfit_px(first, later) for later in points)
    return Motion(shift_px / eyes_px, misfit_px / eyes_px)


def _points(seen: Observation) -> PointsXY:
    return seen.faces[0].landmarks.points_xy_px


def _affine_misfit_px(before: PointsXY, after: PointsXY) -> float:
    # About their own centre, so that a face far from the corner is fitted as exactly as one near it.
    known = np.column_stack([before - before.mean(axis=0), np.ones(len(before))]).astype(np.float64)
    wanted = after.astype(np.float64)
    fitted, *_ = np.linalg.lstsq(known, wanted, rcond=None)
    return float(np.sqrt(((wanted - known @ fitted) ** 2).sum(axis=1).mean()))
