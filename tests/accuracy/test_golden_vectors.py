"""The ready files compute what independent implementations compute: OpenCV's runtime and dlib itself."""

from collections.abc import Sequence

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from tests.real_pictures import RealPictures

from facegate.adapters.face_nets.grid_inputs import STRIDES_PX
from facegate.adapters.model_files import CachedModelFiles, default_cache_folder
from facegate.adapters.model_files.conversions.int8_blocks import drop_stray_inputs
from facegate.adapters.model_files.golden import check_golden, golden_picture
from facegate.adapters.model_files.manifest import ModelEntry, load_manifest

pytestmark = pytest.mark.models

Floats = NDArray[np.float32]

DEFAULT_IDS = [entry.model_id for entry in load_manifest().models if not entry.is_optional]


def _entry(model_id: str) -> ModelEntry:
    return next(entry for entry in load_manifest().models if entry.model_id == model_id)


def _published(model_id: str) -> bytes:
    return (default_cache_folder() / "sources" / _entry(model_id).file_name).read_bytes()


def _session(files: CachedModelFiles, model_id: str) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(
        files.locate(model_id).read_bytes(), options, providers=["CPUExecutionProvider"]
    )


def _answers(session: ort.InferenceSession, pictures: Floats) -> dict[str, Floats]:
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: pictures}), strict=True))


def _in_opencv(model: bytes, picture: Floats, names: Sequence[str]) -> dict[str, Floats]:
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    net.setInput(picture)
    answers = [np.asarray(answer, np.float32) for answer in net.forward(list(names))]
    return dict(zip(names, answers, strict=True))


def _cosines(first: Floats, second: Floats) -> Floats:
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosines: Floats = (first * second).sum(axis=1) / norms
    return cosines


@pytest.mark.parametrize("model_id", DEFAULT_IDS)
def test_the_golden_values_hold_on_this_machine(model_files: CachedModelFiles, model_id: str) -> None:
    check_golden(model_files.locate(model_id).read_bytes(), _entry(model_id).golden)


@pytest.mark.parametrize(
    ("model_id", "size"),
    [
        ("yunet-2023mar", (320, 320)),
        ("yunet-2023mar", (480, 640)),
        ("minifasnet-se", (128, 128)),
        ("yolox-nano", (416, 416)),
    ],
)
def test_ready_graphs_agree_with_opencv_on_the_published_ones(
    model_files: CachedModelFiles, model_id: str, size: tuple[int, int]
) -> None:
    picture = golden_picture((1, 3, *size))
    answers = _answers(_session(model_files, model_id), picture)
    expected = _published_answers(model_id, picture, list(answers))
    for name, answer in answers.items():
        limit = 1e-4 * max(1.0, float(np.abs(answer).max()))
        assert np.abs(expected[name].reshape(answer.shape) - answer).max() < limit, name


def _published_answers(model_id: str, picture: Floats, names: Sequence[str]) -> dict[str, Floats]:
    """What the published graph answers, put together as the ready one does."""
    published = _published(model_id)
    if model_id == "yolox-nano":
        (output,) = _in_opencv(published, picture, names).values()
        return {"output": output.reshape(1, -1, 85)[:, :, [*range(5), 5 + 67]]}
    if model_id != "yunet-2023mar":
        return _in_opencv(published, picture, names)
    channels = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
    maps = _in_opencv(published, picture, [f"{kind}_{stride}" for kind in channels for stride in STRIDES_PX])
    joined = [
        np.concatenate([maps[f"{kind}_{stride}"].reshape(1, -1, count) for stride in STRIDES_PX], axis=1)
        for kind, count in channels.items()
    ]
    return {"scores": np.concatenate(joined[:2], axis=2), "rows": np.concatenate(joined[2:], axis=2)}


def test_sface_agrees_with_opencv_on_a_real_face(
    model_files: CachedModelFiles, real_pictures: RealPictures
) -> None:
    picture = cv2.imdecode(np.frombuffer(real_pictures.read("astronaut.png"), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    crop_bgr = cv2.resize(picture[60:190, 160:290], (112, 112), interpolation=cv2.INTER_AREA)
    ready_input = crop_bgr[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)
    (answer,) = _answers(_session(model_files, "sface-2021dec"), ready_input).values()
    published = onnx.load_model_from_string(_published("sface-2021dec"))
    drop_stray_inputs(published)
    del published.graph.input[1:]
    published.ir_version = 10
    (expected,) = _in_opencv(published.SerializeToString(), ready_input, ["fc1"]).values()
    assert np.abs(expected - answer).max() < 1e-4


def test_sface_in_8_bits_points_where_the_float_net_points(
    model_files: CachedModelFiles, real_pictures: RealPictures
) -> None:
    chips = np.stack([cv2.resize(chip, (112, 112)) for chip in _chips(real_pictures)])
    pictures = chips.transpose(0, 3, 1, 2).astype(np.float32)
    (exact,) = _answers(_session(model_files, "sface-2021dec"), pictures).values()
    (rounded,) = _answers(_session(model_files, "sface-2021dec-int8"), pictures).values()
    assert _cosines(exact, rounded).min() > 0.985


@pytest.mark.parametrize(
    ("model_id", "shape"),
    [
        ("yunet-2023mar", (3, 3, 256, 320)),
        ("sface-2021dec", (3, 3, 112, 112)),
        ("sface-2021dec-int8", (3, 3, 112, 112)),
        ("minifasnet-se", (3, 3, 128, 128)),
        ("yolox-nano", (2, 3, 320, 416)),
    ],
)
def test_a_batch_answers_as_its_pictures_do_alone(
    model_files: CachedModelFiles, model_id: str, shape: tuple[int, int, int, int]
) -> None:
    session = _session(model_files, model_id)
    pictures = np.random.default_rng(7).integers(0, 256, shape).astype(np.float32)
    together = _answers(session, pictures)
    for index in range(shape[0]):
        alone = _answers(session, pictures[index : index + 1])
        for name, answer in alone.items():
            assert np.allclose(together[name][index], answer[0], atol=1e-3), name


FACES = {
    "obama.jpg": (slice(110, 460), slice(340, 690)),
    "biden.jpg": (slice(200, 600), slice(380, 780)),
    "astronaut.png": (slice(60, 190), slice(160, 290)),
}
"""Rows and columns of one face each; a rough crop will do, the nets only have to agree on it."""


def _chips(pictures: RealPictures) -> NDArray[np.uint8]:
    """N x 150 x 150 x 3, RGB: each face, its mirror image and a darker copy."""
    chips = []
    for name, place in FACES.items():
        picture = cv2.imdecode(np.frombuffer(pictures.read(name), np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        chip = cv2.resize(picture[place], (150, 150), interpolation=cv2.INTER_AREA)[:, :, ::-1]
        chips += [chip, chip[:, ::-1], (chip * 0.6).astype(np.uint8)]
    return np.ascontiguousarray(np.stack(chips), dtype=np.uint8)


@pytest.mark.dlib
def test_the_rebuilt_net_agrees_with_dlib_itself(
    dlib_model_files: CachedModelFiles, real_pictures: RealPictures
) -> None:
    dlib = pytest.importorskip("dlib", reason="dlib is not installed (optional group `dlib`)")
    chips = _chips(real_pictures)
    weights = default_cache_folder() / "sources" / _entry("dlib-resnet-v1").file_name
    net = dlib.face_recognition_model_v1(str(weights))
    expected = np.asarray([list(net.compute_face_descriptor(chip)) for chip in chips])
    (answer,) = _answers(
        _session(dlib_model_files, "dlib-resnet-v1"), chips.transpose(0, 3, 1, 2).astype(np.float32)
    ).values()
    assert np.abs(answer - expected).max() < 1e-5


@pytest.mark.dlib
def test_the_8_bit_build_points_where_the_float_net_points(
    dlib_model_files: CachedModelFiles, real_pictures: RealPictures
) -> None:
    pytest.importorskip("dlib", reason="dlib is not installed (optional group `dlib`)")
    chips = _chips(real_pictures).transpose(0, 3, 1, 2).astype(np.float32)
    (exact,) = _answers(_session(dlib_model_files, "dlib-resnet-v1"), chips).values()
    (rounded,) = _answers(_session(dlib_model_files, "dlib-resnet-v1-int8"), chips).values()
    assert _cosines(exact, rounded).min() > 0.998
