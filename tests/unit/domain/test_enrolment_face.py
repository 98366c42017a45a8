"""Whose face a photo enrols."""

import numpy as np
import pytest

from facegate.domain.enrolment_face import choose_enrolment_face
from facegate.domain.errors import NoFace, SeveralFaces
from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import DetectedFace


def face(side_px: float) -> DetectedFace:
    landmarks = FaceLandmarks(np.arange(10, dtype=np.float32).reshape(5, 2))
    return DetectedFace(PixelBox(0, 0, side_px, side_px), landmarks, 0.9)


def test_the_only_face_is_taken() -> None:
    only = face(50)
    assert choose_enrolment_face([only]) is only


def test_a_small_bystander_does_no_harm_in_any_order() -> None:
    main, bystander = face(100), face(30)
    assert choose_enrolment_face([bystander, main]) is main


def test_two_of_about_one_size_are_refused() -> None:
    with pytest.raises(SeveralFaces, match="2 faces"):
        choose_enrolment_face([face(100), face(60)])


def test_no_face_is_said() -> None:
    with pytest.raises(NoFace):
        choose_enrolment_face([])
