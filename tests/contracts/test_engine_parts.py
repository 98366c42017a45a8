"""What detectors, embedders, liveness checkers, phone detectors and cutters promise: real ones and fakes."""

import importlib.util
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.contracts.engine_parts import EngineParts, fake_engine, real_engine

from facegate.adapters.openvino_sessions.inference_session import OpenVinoSession
from facegate.domain.calibration import similarity_of
from facegate.domain.errors import UnreadableImage
from facegate.domain.geometry import ImageSize
from facegate.domain.images import FaceCutout, Frame
from facegate.domain.templates import Template

_LOADED: dict[str, EngineParts] = {}
_EMBEDDER_IDS = {
    "sface": "sface-2021dec",
    "sface int8": "sface-2021dec-int8",
    "dlib": "dlib-resnet-v1",
    "dlib int8": "dlib-resnet-v1-int8",
}


@pytest.fixture(
    params=[
        "fake",
        pytest.param("sface", marks=pytest.mark.models),
        pytest.param("sface on openvino", marks=pytest.mark.models),
        pytest.param("sface int8", marks=pytest.mark.models),
        pytest.param("sface int8 on openvino", marks=pytest.mark.models),
        pytest.param("dlib", marks=[pytest.mark.models, pytest.mark.dlib]),
        pytest.param("dlib int8", marks=[pytest.mark.models, pytest.mark.dlib]),
    ]
)
def engine(request: pytest.FixtureRequest) -> EngineParts:
    name: str = request.param
    if name not in _LOADED:
        _LOADED[name] = _load(name, request)
    return _LOADED[name]


def _load(name: str, request: pytest.FixtureRequest) -> EngineParts:
    if name == "fake":
        return fake_engine()
    needs_dlib = name.startswith("dlib")
    files = request.getfixturevalue("dlib_model_files" if needs_dlib else "model_files")
    pictures = request.getfixturevalue("real_pictures")
    embedder_id = _EMBEDDER_IDS[name.removesuffix(" on openvino")]
    if name.endswith(" on openvino"):
        if importlib.util.find_spec("openvino") is None:
            pytest.skip("OpenVINO, an optional extra, is not installed")
        return real_engine(files, pictures, embedder_id=embedder_id, load=OpenVinoSession)
    return real_engine(files, pictures, embedder_id=embedder_id)


def templates_of(engine: EngineParts, frame: Frame) -> list[Template]:
    faces = engine.detector.detect(frame)
    return engine.embedder.embed([engine.embedder.crop(frame, face.landmarks) for face in faces])


def similarity(engine: EngineParts, one: Template, other: Template) -> float:
    return similarity_of(one.vector, other.vector, engine.embedder.identity.metric)


def test_one_person_is_one_face_inside_the_frame(engine: EngineParts) -> None:
    (face,) = engine.detector.detect(engine.person)

    size = engine.person.size
    assert 0 < face.detection_confidence <= 1
    assert face.box.clipped_to(size).area_px > 0.9 * face.box.area_px
    assert (face.landmarks.points_xy_px >= 0).all()
    assert (face.landmarks.points_xy_px <= [size.width_px, size.height_px]).all()


def test_landmarks_come_in_the_order_of_the_image(engine: EngineParts) -> None:
    left_eye, right_eye, nose, left_mouth, right_mouth = engine.detector.detect(engine.person)[
        0
    ].landmarks.points_xy_px.tolist()

    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


def test_several_faces_come_largest_first(engine: EngineParts) -> None:
    areas = [face.box.area_px for face in engine.detector.detect(engine.six_people)]

    assert len(areas) == 6
    assert areas == sorted(areas, reverse=True)


def test_nobody_is_an_empty_list(engine: EngineParts) -> None:
    assert engine.detector.detect(engine.nobody) == []


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (1, 5000), (5000, 1), (300, 200)])
def test_odd_and_blank_frames_hold_nothing(engine: EngineParts, size: tuple[int, int]) -> None:
    blank = Frame.of(np.zeros((size[1], size[0], 3), dtype=np.uint8))

    assert engine.detector.detect(blank) == []
    assert engine.phones.detect(blank) == []


def test_detection_is_deterministic(engine: EngineParts) -> None:
    one, other = (engine.detector.detect(engine.six_people) for _ in range(2))

    assert [face.box for face in one] == [face.box for face in other]


def test_a_template_has_the_identity_and_dimension_of_its_embedder(engine: EngineParts) -> None:
    (template,) = templates_of(engine, engine.person)

    assert template.model_id == engine.embedder.identity.model_id
    assert template.vector.shape == (engine.embedder.identity.dimension,)


def test_no_crops_give_no_templates(engine: EngineParts) -> None:
    assert engine.embedder.embed([]) == []


def test_a_batch_gives_what_single_runs_give_in_the_same_order(engine: EngineParts) -> None:
    frame = engine.six_people
    crops = [engine.embedder.crop(frame, face.landmarks) for face in engine.detector.detect(frame)]

    together = engine.embedder.embed(crops)

    for crop, template in zip(crops, together, strict=True):
        (alone,) = engine.embedder.embed([crop])
        assert similarity(engine, alone, template) > 0.999


def test_the_same_person_is_closer_than_anybody_else(engine: EngineParts) -> None:
    person, same, other = (
        templates_of(engine, frame)[0] for frame in (engine.person, engine.same_person, engine.other_person)
    )

    genuine = similarity(engine, person, same)
    assert genuine > similarity(engine, person, other) + 0.15
    assert genuine > 0.5
    assert all(similarity(engine, person, one) < genuine for one in templates_of(engine, engine.six_people))


def test_liveness_is_a_probability_and_sure_about_a_plain_portrait(engine: EngineParts) -> None:
    (face,) = engine.detector.detect(engine.person)

    assert 0.5 < engine.liveness.live_probability(engine.person, face) <= 1


def test_a_portrait_holds_no_phone(engine: EngineParts) -> None:
    assert engine.phones.detect(engine.person) == []


def test_a_cutout_gives_nearly_the_same_template(engine: EngineParts) -> None:
    (face,) = engine.detector.detect(engine.person)
    (template,) = templates_of(engine, engine.person)

    cutout = engine.cutter.cut(engine.person, face)
    piece = engine.cutter.open(cutout)
    (again,) = engine.embedder.embed([engine.embedder.crop(piece, cutout.landmarks)])

    # 0.85 as one minus a Euclidean distance of dlib is 0.15; its impostors lie beyond 0.6.
    assert similarity(engine, template, again) > 0.85
    assert max(piece.size.width_px, piece.size.height_px) <= 256


def test_a_damaged_cutout_is_unreadable(engine: EngineParts) -> None:
    landmarks = engine.detector.detect(engine.person)[0].landmarks

    with pytest.raises(UnreadableImage):
        engine.cutter.open(FaceCutout(b"damaged", landmarks))


def test_several_threads_agree_with_one(engine: EngineParts) -> None:
    (alone,) = templates_of(engine, engine.person)

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda _: templates_of(engine, engine.person)[0], range(8)))

    assert all(similarity(engine, alone, template) > 0.999 for template in together)


def test_frames_are_left_as_they_were(engine: EngineParts) -> None:
    before = engine.person.pixels_rgb.copy()
    assert engine.person.size != ImageSize(0, 0)

    (face,) = engine.detector.detect(engine.person)
    engine.embedder.crop(engine.person, face.landmarks)
    engine.liveness.live_probability(engine.person, face)
    engine.phones.detect(engine.person)

    assert np.array_equal(engine.person.pixels_rgb, before)
