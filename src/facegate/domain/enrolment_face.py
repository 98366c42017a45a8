"""Which face of a photo is the one to enrol."""

from collections.abc import Sequence

from facegate.domain.errors import NoFace, SeveralFaces
from facegate.domain.images import DetectedFace

MIN_AREA_RATIO = 6.0
"""A bystander far behind does no harm; somebody whose face is a sixth of the main one's area may be meant."""


def choose_enrolment_face(faces: Sequence[DetectedFace]) -> DetectedFace:
    """The only face, or the one that is much larger than every other.

    Raises:
        NoFace: there is none.
        SeveralFaces: it is not clear which one is meant.
    """
    if not faces:
        raise NoFace("No face detected in image")
    by_area = sorted(faces, key=lambda face: face.box.area_px, reverse=True)
    if len(by_area) > 1 and by_area[0].box.area_px < MIN_AREA_RATIO * by_area[1].box.area_px:
        raise SeveralFaces(f"{len(faces)} faces are in the image: use a photo of one person alone")
    return by_area[0]
