"""The shape of the rebuilt net; that it computes what dlib computes is `tests/accuracy`."""

import numpy as np
import onnxruntime as ort
import pytest

from facegate.adapters.model_files.conversions.dlib_file import BrokenDlibFile, DlibLayer
from facegate.adapters.model_files.conversions.dlib_graph import build_dlib_resnet

# Channels in and out of every convolution, from dlib's example program.
CONVOLUTIONS = [
    (3, 32, 7),
    *[(32, 32, 3)] * 6,
    (32, 64, 3),
    *[(64, 64, 3)] * 7,
    (64, 128, 3),
    *[(128, 128, 3)] * 5,
    (128, 256, 3),
    *[(256, 256, 3)] * 7,
]


def _layers(seed: int = 0) -> list[DlibLayer]:
    random = np.random.default_rng(seed)
    layers = []
    for channels, filters, kernel in CONVOLUTIONS:
        fan_in = channels * kernel * kernel
        weights = random.normal(0, fan_in**-0.5, filters * fan_in + filters).astype(np.float32)
        affine = np.concatenate([np.ones(filters), np.zeros(filters)]).astype(np.float32)
        layers += [DlibLayer("con", weights), DlibLayer("affine", affine)]
    layers.append(DlibLayer("fc", random.normal(0, 0.1, 256 * 128).astype(np.float32)))
    return layers


def test_there_are_twenty_nine_convolutions_and_pictures_do_not_mix() -> None:
    model = build_dlib_resnet(_layers())
    assert [node.op_type for node in model.graph.node].count("Conv") == 29
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    chips = np.random.default_rng(1).integers(0, 256, (2, 3, 150, 150)).astype(np.float32)
    (both,) = session.run(None, {"chips_rgb": chips})
    (second,) = session.run(None, {"chips_rgb": chips[1:]})
    assert both.shape == (2, 128)
    assert np.allclose(both[1:], second, atol=1e-5)


@pytest.mark.parametrize("cut", [slice(0, -1), slice(1, None), slice(0, 10)])
def test_a_net_of_another_shape_is_refused(cut: slice) -> None:
    with pytest.raises(BrokenDlibFile):
        build_dlib_resnet(_layers()[cut])


def test_a_layer_too_many_is_refused() -> None:
    layers = _layers()
    with pytest.raises(BrokenDlibFile, match="last layer"):
        build_dlib_resnet([*layers, layers[0]])
