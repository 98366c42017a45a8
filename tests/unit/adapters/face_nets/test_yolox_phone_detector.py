"""YOLOX: its letterbox and grid, decoded from hand-made answers."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from tests.fakes.inference import FakeSession

from facegate.adapters.face_nets.yolox_phone_detector import PhoneDetectorOptions, YoloxPhoneDetector
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.ports.inference_session import Tensor

CELLS = 52 * 28 + 26 * 14 + 13 * 7
"""Of an input of 416 x 224, which a frame of 2:1 gets."""

Seen = tuple[float, float, float, float, float]


def answer(*seen: Seen) -> Tensor:
    """Raw output holding these boxes (centre, size, confidence; pixels of the 416 px input) at stride 16."""
    output = np.zeros((1, CELLS, 6), dtype=np.float32)
    for x, y, width, height, confidence in seen:
        column, row = int(x // 16), int(y // 16)
        cell = 52 * 28 + row * 26 + column
        output[0, cell, :4] = x / 16 - column, y / 16 - row, math.log(width / 16), math.log(height / 16)
        output[0, cell, 4] = 1.0
        output[0, cell, 5] = confidence
    return output


def session(output: Tensor) -> FakeSession:
    return FakeSession(lambda _: [output])


def frame(width: int = 832, height: int = 416) -> Frame:
    return Frame.of(np.full((height, width, 3), (200, 10, 20), dtype=np.uint8))


def test_a_phone_comes_back_in_pixels_of_the_frame() -> None:
    (phone,) = YoloxPhoneDetector(session(answer((100, 120, 40, 60, 0.8)))).detect(frame())

    box = phone.box
    assert phone.detection_confidence == pytest.approx(0.8)
    assert [box.left_px, box.top_px, box.right_px, box.bottom_px] == pytest.approx(
        [160, 180, 240, 300], abs=0.5
    )


def test_the_picture_lies_top_left_on_grey_in_bgr() -> None:
    fake = session(answer())

    YoloxPhoneDetector(fake).detect(frame())

    blob = fake.fed[0]["images"]
    assert blob.shape == (1, 3, 224, 416)
    assert blob[0, :, 50, 50].tolist() == [20, 10, 200]
    assert blob[0, :, 209, 0].tolist() == [114, 114, 114]


def test_other_things_are_passed_over() -> None:
    assert YoloxPhoneDetector(session(answer((100, 120, 40, 60, 0.0)))).detect(frame()) == []


def test_the_surest_comes_first_and_doubles_go() -> None:
    output = answer(
        (100, 120, 60, 60, 0.5), (116, 122, 60, 60, 0.4), (300, 120, 60, 60, 0.7), (200, 60, 9, 9, 0.1)
    )

    found = YoloxPhoneDetector(session(output)).detect(frame())

    assert [round(phone.detection_confidence, 2) for phone in found] == [0.7, 0.5]


def test_a_part_is_looked_at_in_the_scale_of_the_whole_and_told_in_its_place() -> None:
    def seen(feeds: Mapping[str, Tensor]) -> list[Tensor]:
        blob = feeds["images"]
        assert blob.shape == (1, 3, 96, 160)
        output = answers_to(feeds)[0]
        # A box of 40 x 60 about (56, 40), in cell (3, 2) of stride 16.
        cell = 20 * 12 + 2 * 10 + 3
        output[0, cell] = 0.5, 0.5, math.log(40 / 16), math.log(60 / 16), 1.0, 0.8
        return [output]

    fake = FakeSession(seen)

    (phone,) = YoloxPhoneDetector(fake).detect(frame(), within=PixelBox(400, 200, 700, 380))

    # The frame of 832 px is shown with 416: a pixel of the input is two of the frame.
    box = phone.box
    assert [box.left_px, box.top_px, box.right_px, box.bottom_px] == pytest.approx([472, 220, 552, 340])


@pytest.mark.parametrize(
    "within", [PixelBox(-90, -90, 40, 40), PixelBox(800, 400, 999, 999), PixelBox(900, 900, 950, 950)]
)
def test_a_part_that_reaches_beyond_the_frame_is_answered(within: PixelBox) -> None:
    assert YoloxPhoneDetector(FakeSession(answers_to)).detect(frame(), within=within) == []


def test_a_part_with_hardly_anything_in_it_is_no_reason_not_to_look() -> None:
    fake = FakeSession(answers_to)

    assert YoloxPhoneDetector(fake).detect(frame(48, 36), within=PixelBox(33, 21, 48, 36)) == []
    assert fake.fed[0]["images"].shape == (1, 3, 320, 416)


def test_boxes_are_cut_at_the_frame() -> None:
    (phone,) = YoloxPhoneDetector(session(answer((10, 10, 100, 100, 0.8)))).detect(frame())

    assert phone.box.left_px == phone.box.top_px == 0


def answers_to(feeds: Mapping[str, Tensor]) -> list[Tensor]:
    """Nothing seen, in as many cells as the input has."""
    height, width = feeds["images"].shape[2:]
    cells = sum((height // stride) * (width // stride) for stride in (8, 16, 32))
    return [np.zeros((1, cells, 6), dtype=np.float32)]


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (16, 16), (16, 5000)])
def test_tiny_and_thin_frames_are_answered(size: tuple[int, int]) -> None:
    assert YoloxPhoneDetector(FakeSession(answers_to)).detect(frame(*size)) == []


@pytest.mark.parametrize(
    ("side_px", "size", "shape"),
    [
        (416, (640, 480), (320, 416)),
        (416, (480, 640), (416, 320)),
        (416, (500, 500), (416, 416)),
        (640, (832, 416), (320, 640)),
    ],
)
def test_the_input_is_no_larger_than_the_picture_needs(
    side_px: int, size: tuple[int, int], shape: tuple[int, int]
) -> None:
    fake = FakeSession(answers_to)

    assert YoloxPhoneDetector(fake, PhoneDetectorOptions(side_px=side_px)).detect(frame(*size)) == []
    assert fake.fed[0]["images"].shape == (1, 3, *shape)


def with_last(output: Tensor, column: int, value: float) -> Tensor:
    """This number of the last cell, where nothing is seen, is this."""
    changed = output.copy()
    changed[0, -1, column] = value
    return changed


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        [answer() * np.float32(np.nan)],
        [with_last(answer(), 4, math.nan)],
        [with_last(answer(), 5, math.inf)],
        [answer()[:, :-1]],
        [np.zeros((1, CELLS, 85), dtype=np.float32)],
        [answer((9, 9, 90, 90, 1)) * np.float32(1e4)],
        [answer((9, 9, 90, 90, 1)) + np.float32(np.inf)],
    ],
    ids=[
        "none",
        "nan",
        "one nan",
        "one infinite",
        "wrong shape",
        "all classes",
        "overflow",
        "infinite",
    ],
)
def test_a_broken_net_is_never_no_phone(outputs: Sequence[Tensor]) -> None:
    with pytest.raises(EngineFailed):
        YoloxPhoneDetector(FakeSession(lambda _: outputs)).detect(frame())
