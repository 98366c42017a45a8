"""What phone detectors promise: the fake, the bare net, and the one that looks twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from tests.drawn_phones import PhoneLook, with_phone
from tests.fakes.engine import FakeDecoder, FakeFace, FakePhones, fake_picture
from tests.real_pictures import PICTURES, RealPictures

from facegate.adapters.face_nets.phone_cascade import yolox_cascade
from facegate.adapters.face_nets.yolox_phone_detector import YoloxPhoneDetector
from facegate.adapters.face_nets.yunet_detector import YuNetDetector
from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.onnxruntime_sessions.inference_session import OnnxRuntimeSession
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.geometry import PixelBox
from facegate.domain.images import DetectedFace, Frame
from facegate.ports.inference_session import InferenceSession
from facegate.ports.phone_detector import PhoneDetector


@dataclass(frozen=True)
class PhoneParts:
    """A detector, a frame with one phone and where that is, and frames without."""

    phones: PhoneDetector
    with_one: Frame
    phone_box: PixelBox
    without: dict[str, Frame]


_REAL_DETECTORS: dict[str, Callable[[InferenceSession], PhoneDetector]] = {
    "yolox": YoloxPhoneDetector,
    "cascade": yolox_cascade,
}


@pytest.fixture(
    params=["fake", *(pytest.param(name, marks=pytest.mark.models) for name in _REAL_DETECTORS)],
    scope="module",
)
def parts(request: pytest.FixtureRequest) -> PhoneParts:
    if request.param == "fake":
        decode = FakeDecoder().decode
        frame = decode(fake_picture(FakeFace("ann"), phones=1))
        right_half = PixelBox(frame.size.width_px / 2, 0.0, float(frame.size.width_px), frame.size.height_px)
        return PhoneParts(FakePhones(), frame, right_half, {"ann": decode(fake_picture(FakeFace("ann")))})
    files: CachedModelFiles = request.getfixturevalue("model_files")
    pictures: RealPictures = request.getfixturevalue("real_pictures")
    phones = _REAL_DETECTORS[request.param](OnnxRuntimeSession(files.locate("yolox-nano"), "yolox-nano"))
    without = {
        name: PillowImageDecoder().decode(pictures.read(name))
        for name in PICTURES
        if not name.endswith(".mp4")
    }
    obama = without["obama.jpg"]
    middle = (obama.size.width_px * 0.3, obama.size.height_px * 0.7)
    frame, box = with_phone(obama, PhoneLook.KEYS, middle, 0.2 * obama.size.height_px, 15)
    return PhoneParts(phones, frame, box, without)


def test_a_phone_is_found_where_it_is(parts: PhoneParts) -> None:
    (phone,) = parts.phones.detect(parts.with_one)

    assert phone.box.intersection_over_union(parts.phone_box) > 0.5
    assert 0.25 < phone.detection_confidence <= 1


def test_people_cats_and_cups_are_no_phones(parts: PhoneParts) -> None:
    found = {name: parts.phones.detect(frame) for name, frame in parts.without.items()}

    assert found == {name: [] for name in parts.without}


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (1, 5000), (5000, 1), (300, 200)])
def test_odd_and_blank_frames_hold_nothing(parts: PhoneParts, size: tuple[int, int]) -> None:
    assert parts.phones.detect(Frame.of(np.zeros((size[1], size[0], 3), dtype=np.uint8))) == []


def test_looks_agree_from_several_threads_and_leave_the_frame_as_it_was(parts: PhoneParts) -> None:
    before = parts.with_one.pixels_rgb.copy()
    alone = parts.phones.detect(parts.with_one)

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda _: parts.phones.detect(parts.with_one), range(8)))

    assert together == [alone] * 8
    assert np.array_equal(parts.with_one.pixels_rgb, before)


@pytest.mark.models
def test_known_faces_hide_no_phone(
    model_files: CachedModelFiles, real_pictures: RealPictures, parts: PhoneParts
) -> None:
    session = OnnxRuntimeSession(model_files.locate("yunet-2023mar"), "yunet-2023mar")
    faces: list[DetectedFace] = YuNetDetector(session).detect(parts.with_one)

    assert parts.phones.detect(parts.with_one, faces) == parts.phones.detect(parts.with_one)


@pytest.mark.models
def test_the_closer_look_finds_a_phone_that_the_bare_net_misses(
    model_files: CachedModelFiles, real_pictures: RealPictures
) -> None:
    session = OnnxRuntimeSession(model_files.locate("yolox-nano"), "yolox-nano")
    astronaut = PillowImageDecoder().decode(real_pictures.read("astronaut.png"))
    frame, box = with_phone(astronaut, PhoneLook.ICONS, (154, 358), 72, 15)
    cascade = yolox_cascade(session)

    assert YoloxPhoneDetector(session).detect(frame) == []
    (phone,) = cascade.detect(frame)

    assert phone.box.intersection_over_union(box) > 0.7
    assert cascade.look_counts == {"full": 1, "second": 1}
