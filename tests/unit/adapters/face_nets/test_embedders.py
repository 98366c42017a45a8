"""SFace and the dlib net: what they are fed, and what becomes of unfit answers."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from tests.fakes.inference import FakeSession

from facegate.adapters.face_nets.dlib_embedder import DlibEmbedder
from facegate.adapters.face_nets.sface_embedder import SFaceEmbedder
from facegate.domain.alignment import ARCFACE_112, DLIB_150, ReferencePoints
from facegate.domain.errors import EngineFailed
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import AlignedCrop, Frame
from facegate.domain.templates import Metric
from facegate.ports.face_embedder import FaceEmbedder
from facegate.ports.inference_session import InferenceSession, Tensor

Maker = Callable[[InferenceSession], FaceEmbedder]
NETS: dict[str, tuple[Maker, str, ReferencePoints]] = {
    "sface": (SFaceEmbedder, "data", ARCFACE_112),
    "dlib": (DlibEmbedder, "chips_rgb", DLIB_150),
}


@pytest.fixture(params=list(NETS))
def net(request: pytest.FixtureRequest) -> tuple[Maker, str, ReferencePoints]:
    return NETS[request.param]


def ones(count: int) -> FakeSession:
    return FakeSession(lambda _: [np.ones((count, 128), np.float32)])


def test_crops_are_fed_as_raw_rgb(net: tuple[Maker, str, ReferencePoints]) -> None:
    make, name, points = net
    red = np.zeros((points.side_px, points.side_px, 3), np.uint8)
    red[:, :, 0] = 250
    session = answering_means(name)

    make(session).embed([AlignedCrop(red), AlignedCrop(np.zeros_like(red))])

    blob = np.concatenate([feeds[name] for feeds in session.fed])
    assert blob.shape == (2, 3, points.side_px, points.side_px)
    assert blob[0].mean(axis=(1, 2)).tolist() == [250, 0, 0]
    assert blob[1].max() == 0


@pytest.mark.parametrize("count", [1, 3, 4, 5, 13])
def test_a_crowd_is_embedded_a_few_at_a_time_and_in_order(
    net: tuple[Maker, str, ReferencePoints], count: int
) -> None:
    make, name, points = net
    side_px = points.side_px
    session = answering_means(name)

    crops = [AlignedCrop(np.full((side_px, side_px, 3), 10 * at, np.uint8)) for at in range(count)]
    templates = make(session).embed(crops)

    assert max(len(feeds[name]) for feeds in session.fed) <= 4
    # The second of a template's numbers over its first, whatever its length was made.
    shades = [float(template.vector[1] / template.vector[0]) for template in templates]
    assert shades == pytest.approx([10 * at for at in range(count)], rel=1e-3)


def answering_means(name: str) -> FakeSession:
    """Each face's vector is one, its mean, and ones."""

    def answer(feeds: Mapping[str, Tensor]) -> list[Tensor]:
        vectors = np.ones((len(feeds[name]), 128), np.float32)
        vectors[:, 1] = feeds[name].mean(axis=(1, 2, 3))
        return [vectors]

    return FakeSession(answer)


def test_no_crops_run_nothing(net: tuple[Maker, str, ReferencePoints]) -> None:
    session = ones(0)

    assert net[0](session).embed([]) == []
    assert session.fed == []


@pytest.mark.parametrize(
    "answer",
    [
        np.full((1, 128), np.nan),
        np.full((1, 128), np.inf),
        np.zeros((1, 128)),
        np.ones((1, 64)),
        np.ones((2, 128)),
    ],
    ids=["nan", "infinite", "zeros", "wrong width", "wrong count"],
)
def test_unfit_vectors_are_an_engine_failure(
    net: tuple[Maker, str, ReferencePoints], answer: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> None:
    make, _, points = net
    crop = AlignedCrop(np.zeros((points.side_px, points.side_px, 3), np.uint8))

    with pytest.raises(EngineFailed):
        make(FakeSession(lambda _: [answer.astype(np.float32)])).embed([crop])


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 4.0, 9.0])
def test_the_crop_puts_the_landmarks_where_the_net_wants_them(
    net: tuple[Maker, str, ReferencePoints], scale: float
) -> None:
    make, _, points = net
    wanted = np.array(points.points_xy_px, dtype=np.float32)
    landmarks = FaceLandmarks(wanted * np.float32(scale) + np.float32(30))
    canvas = np.zeros((int(points.side_px * scale) + 60,) * 2 + (3,), dtype=np.uint8)
    radius = max(2, round(4 * scale))
    for x, y in landmarks.points_xy_px:
        canvas[int(y) - radius : int(y) + radius + 1, int(x) - radius : int(x) + radius + 1] = 255

    crop = make(ones(1)).crop(Frame.of(canvas), landmarks)

    assert crop.side_px == points.side_px
    for x, y in wanted:
        patch = crop.pixels_rgb[int(y) - 8 : int(y) + 9, int(x) - 8 : int(x) + 9, 0].astype(float)
        rows, columns = np.mgrid[int(y) - 8 : int(y) + 9, int(x) - 8 : int(x) + 9]
        centre = (patch * columns).sum() / patch.sum(), (patch * rows).sum() / patch.sum()
        # The marks above lie on whole pixels of the frame.
        assert np.allclose(centre, (x, y), atol=0.5 + 1 / scale)


@pytest.mark.parametrize("far_px", [-5000.0, 5000.0])
def test_a_face_outside_the_frame_gives_a_black_crop(
    net: tuple[Maker, str, ReferencePoints], far_px: float
) -> None:
    make, _, points = net
    landmarks = FaceLandmarks(np.array(points.points_xy_px, dtype=np.float32) * 8 + np.float32(far_px))

    assert make(ones(1)).crop(Frame.of(np.full((20, 20, 3), 255, np.uint8)), landmarks).pixels_rgb.max() == 0


def test_landmarks_in_one_point_are_an_engine_failure(net: tuple[Maker, str, ReferencePoints]) -> None:
    with pytest.raises(EngineFailed, match="one point"):
        net[0](ones(1)).crop(
            Frame.of(np.zeros((20, 20, 3), np.uint8)), FaceLandmarks(np.full((5, 2), 7, dtype=np.float32))
        )


def test_identities() -> None:
    sface, dlib = SFaceEmbedder(ones(1)).identity, DlibEmbedder(ones(1)).identity

    assert (sface.model_id, sface.dimension, sface.metric) == ("sface-2021dec", 128, Metric.COSINE)
    assert (dlib.model_id, dlib.dimension, dlib.metric) == ("dlib-resnet-v1", 128, Metric.EUCLIDEAN)
