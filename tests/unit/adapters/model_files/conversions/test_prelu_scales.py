"""The activation in two passes, with factors in the layer behind, is the activation."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from tests.unit.adapters.model_files.conversions.running import answer_of

from facegate.adapters.model_files.conversions.prelu_scales import prelu_by_scales

CHANNELS = 3
SHAPE = (2, CHANNELS, 4, 4)
GENERATOR = np.random.default_rng(0)

PRELU = helper.make_node("PRelu", ["picture", "slope"], ["bent"])
CONSTANTS = {
    "pointwise": GENERATOR.normal(size=(5, CHANNELS, 1, 1)),
    "depthwise": GENERATOR.normal(size=(CHANNELS, 1, 3, 3)),
    "in_pairs": GENERATOR.normal(size=(4, 2, 1, 1)),
    "gamma": GENERATOR.normal(size=CHANNELS),
    "beta": GENERATOR.normal(size=CHANNELS),
    "mean": GENERATOR.normal(size=CHANNELS),
    "variance": GENERATOR.uniform(0.5, 2, size=CHANNELS),
}
LAYERS = {
    "pointwise": [helper.make_node("Conv", ["bent", "pointwise"], ["answer"])],
    "depthwise": [
        helper.make_node("Conv", ["bent", "depthwise"], ["answer"], group=CHANNELS, pads=[1, 1, 1, 1])
    ],
    "normalised": [
        helper.make_node("BatchNormalization", ["bent", "gamma", "beta", "mean", "variance"], ["answer"])
    ],
}


def _model(layers: Sequence[NodeProto], slope: NDArray[np.float32] | None) -> ModelProto:
    inputs = [helper.make_tensor_value_info("picture", TensorProto.FLOAT, SHAPE)]
    constants: dict[str, NDArray[np.generic]] = dict(CONSTANTS)
    if slope is None:
        inputs.append(helper.make_tensor_value_info("slope", TensorProto.FLOAT, [CHANNELS, 1, 1]))
    else:
        constants["slope"] = slope
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)
    stored = [numpy_helper.from_array(array.astype(np.float32), name) for name, array in constants.items()]
    graph = helper.make_graph([PRELU, *layers], "prelu", inputs, [answer], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


def _kinds(model: ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


@pytest.mark.parametrize("layer", LAYERS)
@settings(max_examples=25, deadline=None)
@given(
    picture=arrays(np.float32, SHAPE, elements=st.floats(-100, 100, width=32)),
    slope=arrays(np.float32, (CHANNELS, 1, 1), elements=st.floats(-2, 0.984375, width=32)),
)
def test_the_rewritten_graph_computes_the_same(
    layer: str, picture: NDArray[np.float32], slope: NDArray[np.float32]
) -> None:
    model = _model(LAYERS[layer], slope)
    rewritten = prelu_by_scales(model)
    assert _kinds(rewritten)[:-1] == ["Relu", "Mul", "Add"]
    assert np.allclose(answer_of(rewritten, picture), answer_of(model, picture), atol=2e-3, rtol=1e-4)


def test_the_model_that_was_given_stays_as_it_is() -> None:
    model = _model(LAYERS["pointwise"], np.full((CHANNELS, 1, 1), 0.25, np.float32))
    before = model.SerializeToString(deterministic=True)
    prelu_by_scales(model)
    assert model.SerializeToString(deterministic=True) == before


@pytest.mark.parametrize(
    "layers",
    [
        [helper.make_node("Add", ["bent", "bent"], ["answer"])],
        [helper.make_node("Sigmoid", ["bent"], ["answer"])],
        [*LAYERS["pointwise"], helper.make_node("Relu", ["bent"], ["other"])],
        [helper.make_node("Conv", ["picture", "bent"], ["answer"])],
    ],
    ids=["no layer", "no weights", "two readers", "as weights"],
)
def test_what_cannot_take_the_factors_leaves_the_activation(layers: Sequence[NodeProto]) -> None:
    model = _model(layers, np.full((CHANNELS, 1, 1), 0.25, np.float32))
    assert _kinds(prelu_by_scales(model)) == _kinds(model)


def test_channels_in_groups_leave_it() -> None:
    grouped = [helper.make_node("Conv", ["bent", "in_pairs"], ["answer"], group=2)]
    assert _kinds(prelu_by_scales(_model(grouped, np.zeros((4, 1, 1), np.float32)))) == ["PRelu", "Conv"]


def test_a_value_that_is_given_out_as_well_leaves_it() -> None:
    model = _model(LAYERS["pointwise"], np.full((CHANNELS, 1, 1), 0.25, np.float32))
    model.graph.output.append(helper.make_tensor_value_info("bent", TensorProto.FLOAT, SHAPE))
    assert _kinds(prelu_by_scales(model)) == ["PRelu", "Conv"]


@pytest.mark.parametrize(
    "slope",
    [
        np.array([0.2, 1.0, 0.3], np.float32).reshape(-1, 1, 1),
        np.array([0.2, 0.1, 0.3, 0.4], np.float32),
        np.array([0.2], np.float32),
        None,
    ],
    ids=["one", "over the width", "for all", "computed"],
)
def test_slopes_of_another_kind_leave_it(
    slope: NDArray[np.float32] | None,
) -> None:
    assert _kinds(prelu_by_scales(_model(LAYERS["pointwise"], slope))) == ["PRelu", "Conv"]
