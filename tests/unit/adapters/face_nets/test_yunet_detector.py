"""YuNet's scores and rows, decoded from hand-made ones, and the sizes at which a picture is looked at."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from tests.fakes.inference import FakeSession

from facegate.adapters.face_nets.yunet_detector import DetectorOptions, YuNetDetector
from facegate.domain.errors import EngineFailed
from facegate.domain.images import Frame, SmallLook
from facegate.ports.inference_session import Tensor

# Offsets of the five points from the face's centre, in interocular distances.
POINTS = np.array([[-0.5, -0.4], [0.5, -0.4], [0.0, 0.1], [-0.4, 0.6], [0.4, 0.6]])


def frame(width: int, height: int) -> Frame:
    return Frame.of(np.zeros((height, width, 3), dtype=np.uint8))


def maps(width: int, height: int, faces: Sequence[tuple[float, float, float, float]] = ()) -> list[Tensor]:
    """The scores and rows that hold these faces: centre x and y, interocular distance, confidence."""
    cells = sum((width // stride) * (height // stride) for stride in (8, 16, 32))
    scores, rows = np.zeros((1, cells, 2), np.float32), np.zeros((1, cells, 14), np.float32)
    for x, y, interocular, confidence in faces:
        column, row = int(x // 8), int(y // 8)
        cell = row * (width // 8) + column
        scores[0, cell] = confidence
        size = np.log(np.full(2, interocular * 2.2 / 8))
        rows[0, cell, :4] = [x / 8 - column, y / 8 - row, *size]
        rows[0, cell, 4:] = ((np.array([x, y]) + POINTS * interocular) / 8 - [column, row]).reshape(10)
    return [scores, rows]


def seeing(*faces: tuple[float, float, float, float], picture_width: int) -> FakeSession:
    """A net that sees these faces (in pixels of the picture) at whatever whole-picture size it is shown."""

    def answer(feeds: Mapping[str, Tensor]) -> list[Tensor]:
        _, _, height, width = feeds["input"].shape
        scale = min(1.0, width / picture_width)
        return maps(width, height, [(x * scale, y * scale, d * scale, c) for x, y, d, c in faces])

    return FakeSession(answer)


def sides(session: FakeSession) -> list[tuple[int, int]]:
    return [(feeds["input"].shape[3], feeds["input"].shape[2]) for feeds in session.fed]


def test_a_face_comes_back_in_pixels_of_the_frame() -> None:
    session = seeing((400, 200, 150, 0.9), picture_width=640)

    (face,) = YuNetDetector(session).detect(frame(640, 480))

    assert sides(session) == [(320, 256)]
    assert face.detection_confidence == pytest.approx(0.9)
    assert face.box.left_px == pytest.approx(400 - 165, abs=0.1)
    assert face.box.bottom_px == pytest.approx(200 + 165, abs=0.1)
    assert np.allclose(face.landmarks.points_xy_px, np.array([400, 200]) + POINTS * 150, atol=0.1)


def test_the_input_is_bgr_and_padded_with_black() -> None:
    red = np.zeros((40, 50, 3), dtype=np.uint8)
    red[:, :, 0] = 200
    session = seeing(picture_width=50)

    YuNetDetector(session).detect(Frame.of(red))

    blob = session.fed[0]["input"]
    assert blob.shape == (1, 3, 64, 64)
    assert blob[0, 2, :40, :50].min() == 200
    assert blob[0, :2].max() == blob[0, 2, 40:].max() == blob[0, 2, :, 50:].max() == 0


def test_without_a_face_the_picture_is_looked_at_again_larger() -> None:
    session = seeing(picture_width=1920)

    assert YuNetDetector(session).detect(frame(1920, 1080)) == []
    assert sides(session) == [(320, 192), (160, 96), (1280, 736)]


def test_pictures_are_never_enlarged() -> None:
    session = seeing(picture_width=256)

    assert YuNetDetector(session).detect(frame(200, 100)) == []
    assert sides(session) == [(224, 128), (128, 64)]


def test_a_face_that_fills_the_picture_is_found_at_half_the_size() -> None:
    def answer(feeds: Mapping[str, Tensor]) -> list[Tensor]:
        _, _, height, width = feeds["input"].shape
        return maps(width, height, [(80, 60, 70, 0.9)] if width == 160 else [])

    session = FakeSession(answer)

    (face,) = YuNetDetector(session).detect(frame(640, 480))

    assert sides(session) == [(320, 256), (160, 128)]
    assert face.landmarks.interocular_px == pytest.approx(280, rel=0.01)


@pytest.mark.parametrize(("longer_side", "input_side"), [(320, 320), (426, 448), (428, 320)])
def test_pictures_little_larger_than_the_first_size_stay_as_they_are(
    longer_side: int, input_side: int
) -> None:
    session = seeing((100, 60, 80, 0.9), picture_width=longer_side)

    YuNetDetector(session).detect(frame(longer_side, 100))

    assert sides(session)[0][0] == input_side


def test_a_small_face_makes_it_look_again_and_then_at_the_face_alone() -> None:
    session = seeing((960, 540, 60, 0.9), picture_width=1920)

    YuNetDetector(session).detect(frame(1920, 1080))

    assert sides(session)[:2] == [(320, 192), (1280, 736)]
    width, height = sides(session)[2]
    assert 60 * 2.2 < width < 60 * 5
    assert width == height


def test_what_a_small_look_has_seen_is_only_looked_at_closer() -> None:
    session = seeing((320, 200, 60, 0.9), picture_width=640)
    detector = YuNetDetector(session)
    (small,) = (face.scaled(2.0) for face in detector.detect(frame(320, 200)))
    session.fed.clear()

    (face,) = detector.detect(frame(640, 400), SmallLook((small,), 0.5))

    assert face.box == small.box
    assert [width < 320 for width, _ in sides(session)] == [True]


def test_a_small_look_that_saw_nobody_or_only_small_faces_is_not_believed() -> None:
    session = seeing((640, 400, 20, 0.9), picture_width=1280)
    detector = YuNetDetector(session)

    detector.detect(frame(1280, 800), SmallLook((), 0.25))
    assert sides(session)[0] == (320, 224)
    session.fed.clear()
    (tiny,) = detector.detect(frame(1280, 800), SmallLook(tuple(detector.detect(frame(1280, 800))), 0.25))

    assert (1280, 800) in sides(session)
    assert tiny.landmarks.interocular_px == pytest.approx(20, rel=0.1)


def test_landmarks_come_from_the_look_at_the_face_alone() -> None:
    def answer(feeds: Mapping[str, Tensor]) -> list[Tensor]:
        _, _, height, width = feeds["input"].shape
        if width == 320:
            return maps(width, height, [(160, 100, 30, 0.9)])
        # The part shown lies around the face's centre, at full scale.
        return maps(width, height, [(width / 2, height / 2, 66, 0.8)])

    (face,) = YuNetDetector(FakeSession(answer)).detect(frame(640, 400))

    assert face.detection_confidence == pytest.approx(0.9)
    assert face.box.width_px == pytest.approx(30 * 2.2 * 2, rel=0.01)
    assert face.landmarks.interocular_px == pytest.approx(66, rel=0.02)
    assert np.allclose(face.landmarks.points_xy_px.mean(0), [320, 200] + POINTS.mean(0) * 66, atol=20)


def test_a_face_that_the_second_look_loses_keeps_its_landmarks() -> None:
    def answer(feeds: Mapping[str, Tensor]) -> list[Tensor]:
        _, _, height, width = feeds["input"].shape
        return maps(width, height, [(160, 100, 30, 0.9)] if width == 320 else [])

    (face,) = YuNetDetector(FakeSession(answer)).detect(frame(640, 400))

    assert face.landmarks.interocular_px == pytest.approx(60, rel=0.01)


def test_the_largest_face_comes_first_and_doubles_go() -> None:
    session = seeing(
        (100, 100, 20, 0.95), (220, 100, 40, 0.7), (224, 104, 40, 0.65), (40, 40, 3, 0.9), picture_width=320
    )

    found = YuNetDetector(session, DetectorOptions(min_face_px=12)).detect(frame(320, 256))

    assert [round(face.landmarks.interocular_px) for face in found] == [40, 20]


def test_landmarks_are_the_mean_of_the_cells_that_see_the_face() -> None:
    session = seeing((220, 100, 64, 0.8), (228, 100, 64, 0.8), picture_width=320)

    (face,) = YuNetDetector(session).detect(frame(320, 256))

    assert float(face.landmarks.points_xy_px[:, 0].mean()) == pytest.approx(224, abs=0.1)


@pytest.mark.parametrize("size", [(1, 1), (9, 9), (16, 16), (1, 5000), (5000, 1), (12, 5000)])
def test_tiny_and_thin_frames_have_no_faces(size: tuple[int, int]) -> None:
    assert YuNetDetector(seeing(picture_width=size[0])).detect(frame(*size)) == []


def with_last(scores: Tensor, value: float) -> Tensor:
    """The object score of the last cell, where nothing is seen, is this."""
    changed = scores.copy()
    changed[0, -1, 1] = value
    return changed


BROKEN: dict[str, Callable[[list[Tensor]], list[Tensor]]] = {
    "nan": lambda outputs: [output * np.float32(np.nan) for output in outputs],
    "one object score nan": lambda outputs: [with_last(outputs[0], np.nan), outputs[1]],
    "one object score infinite": lambda outputs: [with_last(outputs[0], np.inf), outputs[1]],
    "infinite": lambda outputs: [outputs[0], outputs[1] + np.float32(np.inf)],
    "one missing": lambda outputs: outputs[:-1],
    "none": lambda outputs: [],
    "as published": lambda outputs: outputs * 6,
    "wrong shape": lambda outputs: [output[:, :-1] for output in outputs],
    "wrong order": lambda outputs: outputs[::-1],
    "wrong shape of the rows": lambda outputs: [outputs[0], outputs[1][:, :, :-1]],
    "overflow": lambda outputs: [outputs[0], outputs[1] + np.float32(1000)],
}


@pytest.mark.parametrize("fault", list(BROKEN))
def test_a_broken_net_is_never_no_face(fault: str) -> None:
    def answer(feeds: Mapping[str, Tensor]) -> list[Tensor]:
        _, _, height, width = feeds["input"].shape
        return BROKEN[fault](maps(width, height, [(100, 100, 40, 0.9)]))

    with pytest.raises(EngineFailed):
        YuNetDetector(FakeSession(answer)).detect(frame(320, 256))
