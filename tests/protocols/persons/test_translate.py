"""Boxes of the persons door, in pixels of the picture as sent."""

import numpy as np

from facegate.domain.face_quality import judge_quality
from facegate.domain.geometry import FaceLandmarks, ImageSize, PixelBox
from facegate.domain.images import AlignedCrop, DetectedFace, Frame
from facegate.domain.matching import Band, Identification
from facegate.frontends.persons.translate import retrieved_message
from facegate.use_cases.face_analysis import JudgedFace
from facegate.use_cases.identify_faces import IdentifiedFace, IdentifyFacesResult


def result_with(box: PixelBox, frame: Frame) -> IdentifyFacesResult:
    landmarks = FaceLandmarks(np.array([[3, 3], [7, 3], [5, 5], [3, 7], [7, 7]], dtype=np.float32))
    crop = AlignedCrop(np.zeros((112, 112, 3), dtype=np.uint8))
    quality = judge_quality(crop, landmarks, scale_to_original=1.0, detection_confidence=0.9)
    judged = JudgedFace(DetectedFace(box, landmarks, 0.9), crop, quality)
    nobody = Identification(Band.UNKNOWN, (), 0.4, None, 0)
    return IdentifyFacesResult(frame, (IdentifiedFace(judged, nobody),))


def test_a_picture_that_was_decoded_smaller_is_answered_in_its_own_pixels() -> None:
    frame = Frame(np.zeros((100, 200, 3), dtype=np.uint8), ImageSize(800, 400))
    message = retrieved_message(result_with(PixelBox(10.1, 20.0, 30.0, 40.2), frame))
    assert message.box.model_dump() == {"left": 40, "top": 80, "right": 120, "bottom": 161}


def test_a_box_that_reaches_beyond_the_picture_ends_at_its_edge() -> None:
    frame = Frame.of(np.zeros((100, 200, 3), dtype=np.uint8))
    message = retrieved_message(result_with(PixelBox(-5.0, -7.5, 250.0, 120.0), frame))
    assert message.box.model_dump() == {"left": 0, "top": 0, "right": 200, "bottom": 100}
