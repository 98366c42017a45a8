"""The second look: when it is taken, where, what it has to show, and boxes back in the frame."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.inference import FakeSession

from facegate.adapters.face_nets.phone_cascade import PhoneCascade, PhoneCascadeOptions, yolox_cascade
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone, Frame
from facegate.ports.inference_session import Tensor

FRAME_COLOUR = (40, 90, 140)


class SeesWhite:
    """Finds the white rectangle, in the order of looks with these confidences; keeps what it was shown."""

    def __init__(self, *confidences: float) -> None:
        self._confidences = confidences
        self.shown: list[Frame] = []

    def detect(
        self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        self.shown.append(frame)
        rows, columns = np.nonzero((frame.pixels_rgb == 255).all(axis=2))
        confidence = self._confidences[len(self.shown) - 1]
        if rows.size == 0 or confidence == 0:
            return []
        box = PixelBox(float(columns.min()), float(rows.min()), columns.max() + 1.0, rows.max() + 1.0)
        return [DetectedPhone(box, confidence)]


class Scripted:
    """Gives one list of finds per look."""

    def __init__(self, *looks: list[DetectedPhone]) -> None:
        self._looks = looks
        self.shown: list[Frame] = []

    def detect(
        self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        self.shown.append(frame)
        return self._looks[len(self.shown) - 1]


def frame(box: tuple[int, int, int, int] = (300, 200, 320, 240), size: tuple[int, int] = (640, 480)) -> Frame:
    pixels = np.full((size[1], size[0], 3), FRAME_COLOUR, dtype=np.uint8)
    left, top, right, bottom = box
    pixels[top:bottom, left:right] = 255
    return Frame.of(pixels)


def phone(left: float, top: float, right: float, bottom: float, confidence: float) -> DetectedPhone:
    return DetectedPhone(PixelBox(left, top, right, bottom), confidence)


def test_a_sure_full_view_is_not_looked_at_again() -> None:
    cascade = PhoneCascade(SeesWhite(0.35))

    (found,) = cascade.detect(frame())

    assert found == phone(300, 200, 320, 240, 0.35)
    assert cascade.look_counts == {"full": 1, "second": 0}


def test_a_full_view_without_a_find_is_not_looked_at_again() -> None:
    cascade = PhoneCascade(SeesWhite(0))

    assert cascade.detect(frame()) == []
    assert cascade.look_counts == {"full": 1, "second": 0}


def test_what_is_below_doubt_is_not_looked_at_again() -> None:
    cascade = PhoneCascade(SeesWhite(0.019, 0.9))

    assert cascade.detect(frame()) == []
    assert cascade.look_counts == {"full": 1, "second": 0}


def test_a_weak_find_is_a_phone_when_the_closer_look_agrees() -> None:
    look = SeesWhite(0.1, 0.31)
    cascade = PhoneCascade(look)

    assert cascade.detect(frame()) == [phone(300, 200, 320, 240, 0.31)]
    assert cascade.look_counts == {"full": 1, "second": 1}
    # Three times the longer side of 40 px, about the middle (310, 220).
    assert look.shown[1].size.width_px == look.shown[1].size.height_px == 120
    assert np.array_equal(look.shown[1].pixels_rgb, frame().pixels_rgb[160:280, 250:370])


@pytest.mark.parametrize(("first", "second"), [(0.1, 0.29), (0.34, 0.05), (0.02, 0.37), (0.34, 0)])
def test_a_weak_find_is_none_when_both_looks_together_are_too_weak(first: float, second: float) -> None:
    cascade = PhoneCascade(SeesWhite(first, second))

    assert cascade.detect(frame()) == []
    assert cascade.look_counts == {"full": 1, "second": 1}


def test_what_the_closer_look_sees_elsewhere_does_not_count() -> None:
    look = Scripted([phone(300, 200, 320, 240, 0.1)], [phone(0, 0, 30, 40, 0.9)])

    assert PhoneCascade(look).detect(frame()) == []


def test_the_surest_weak_find_comes_first_and_agreement_ends_the_search() -> None:
    weak = [phone(300, 200, 320, 240, 0.2), phone(100, 400, 120, 440, 0.1)]
    look = Scripted(weak, [phone(50, 40, 70, 80, 0.5)])
    cascade = PhoneCascade(look)

    assert cascade.detect(frame()) == [phone(300, 200, 320, 240, 0.5)]
    assert cascade.look_counts == {"full": 1, "second": 1}


def test_the_second_weak_find_is_looked_at_when_the_first_was_nothing() -> None:
    weak = [phone(300, 200, 320, 240, 0.2), phone(100, 400, 120, 440, 0.1)]
    # The tile about (110, 420) of 120 px would end at 480: it starts at (50, 360).
    look = Scripted(weak, [], [phone(50, 40, 70, 80, 0.5), phone(52, 42, 72, 82, 0.3)])
    cascade = PhoneCascade(look)

    assert cascade.detect(frame()) == [phone(100, 400, 120, 440, 0.5)]
    assert cascade.look_counts == {"full": 1, "second": 2}


def test_second_looks_are_bounded() -> None:
    weak = [phone(50 * number, 10, 50 * number + 20, 50, 0.3) for number in range(10)]
    cascade = PhoneCascade(Scripted(weak, [], [], []), PhoneCascadeOptions(max_second_looks=3))

    assert cascade.detect(frame()) == []
    assert cascade.look_counts == {"full": 1, "second": 3}


def test_weak_finds_beside_a_sure_one_are_neither_looked_at_nor_told() -> None:
    seen = [phone(300, 200, 320, 240, 0.6), phone(100, 300, 120, 340, 0.3)]
    cascade = PhoneCascade(Scripted(seen))

    assert cascade.detect(frame()) == seen[:1]
    assert cascade.look_counts == {"full": 1, "second": 0}


@st.composite
def placed(draw: st.DrawFn) -> tuple[tuple[int, int], tuple[int, int, int, int]]:
    width, height = draw(st.integers(16, 900)), draw(st.integers(16, 900))
    left, top = draw(st.integers(0, width - 4)), draw(st.integers(0, height - 4))
    right, bottom = draw(st.integers(left + 4, width)), draw(st.integers(top + 4, height))
    return (width, height), (left, top, right, bottom)


@given(placed())
def test_a_box_of_the_closer_look_is_exact_in_the_frame(
    where: tuple[tuple[int, int], tuple[int, int, int, int]],
) -> None:
    size, box = where
    look = SeesWhite(0.1, 0.8)

    (found,) = PhoneCascade(look).detect(frame(box, size))

    assert found.box == PixelBox(*(float(edge) for edge in box))
    assert look.shown[1].pixels_rgb.flags.c_contiguous
    assert look.shown[1].size.width_px <= size[0]
    assert look.shown[1].size.height_px <= size[1]


def test_looks_of_several_threads_are_all_counted() -> None:
    class Never:
        def detect(
            self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
        ) -> list[DetectedPhone]:
            return [phone(10, 10, 20, 20, 0.1)] if frame.size.width_px > 100 else []

    cascade = PhoneCascade(Never())
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: cascade.detect(frame()), range(200)))

    assert cascade.look_counts == {"full": 200, "second": 200}


def yolox_answer(feeds: Mapping[str, Tensor], confidence: float) -> Tensor:
    """YOLOX's raw output: one phone on what is brightest in the input, at stride 8."""
    blob = feeds["images"][0]
    rows, columns = np.nonzero(blob.min(axis=0) > 200)
    cells = sum((blob.shape[1] // stride) * (blob.shape[2] // stride) for stride in (8, 16, 32))
    output = np.zeros((1, cells, 6), dtype=np.float32)
    left, right, top, bottom = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    x, y = (left + right) / 16, (top + bottom) / 16
    cell = int(y) * (blob.shape[2] // 8) + int(x)
    output[0, cell, :4] = x - int(x), y - int(y), np.log((right - left) / 8), np.log((bottom - top) / 8)
    output[0, cell, 4] = 1.0
    output[0, cell, 5] = confidence
    return output


def test_yolox_reports_its_doubts_to_the_cascade() -> None:
    confidences = iter([0.05, 0.7])
    session = FakeSession(lambda feeds: [yolox_answer(feeds, next(confidences))])
    cascade = yolox_cascade(session)

    (found,) = cascade.detect(frame())

    box = found.box
    assert found.detection_confidence == pytest.approx(0.7)
    assert [box.left_px, box.top_px, box.right_px, box.bottom_px] == pytest.approx(
        [300, 200, 320, 240], abs=1.0
    )
    assert cascade.look_counts == {"full": 1, "second": 1}


def test_a_net_that_breaks_in_the_second_look_is_never_no_phone() -> None:
    looks = 0

    def answer(feeds: Mapping[str, Tensor]) -> Sequence[Tensor]:
        nonlocal looks
        looks += 1
        answered = yolox_answer(feeds, 0.05)
        return [answered if looks == 1 else answered * np.float32(np.nan)]

    with pytest.raises(EngineFailed):
        yolox_cascade(FakeSession(answer)).detect(frame())
