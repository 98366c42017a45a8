"""Cuts an aligned crop out of a frame. The geometry comes from the domain, the pixels from OpenCV."""

import cv2
import numpy as np

from facegate.domain.alignment import ReferencePoints, alignment_of
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import AlignedCrop, Frame


def warped_face(frame: Frame, landmarks: FaceLandmarks, reference: ReferencePoints) -> AlignedCrop:
    """The face as a square crop, black where it reaches beyond the frame.

    Raises:
        EngineFailed: the landmarks coincide, which no working detector gives.
    """
    try:
        transform = alignment_of(landmarks, reference)
    except ValueError as error:
        raise EngineFailed("The landmarks of this face lie in one point.") from error
    size = (reference.side_px, reference.side_px)
    crop = cv2.warpAffine(frame.pixels_rgb, transform, size, flags=cv2.INTER_LINEAR)
    return AlignedCrop(np.asarray(crop, dtype=np.uint8))
