"""The 8-bit build stays near the float graph, and uses the ranges it is given."""

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper
from tests.unit.adapters.model_files.conversions.test_dlib_graph import _layers

from facegate.adapters.model_files.conversions.dlib_graph import build_dlib_resnet
from facegate.adapters.model_files.conversions.static_int8 import quantise
from facegate.adapters.model_files.conversions.steps import stored_ranges

SHAPE = (1, 3, 8, 8)


def _model(seed: int) -> ModelProto:
    random = np.random.default_rng(seed)
    constants = [
        numpy_helper.from_array(random.normal(0, 0.2, (4, 3, 3, 3)).astype(np.float32), "weight"),
        numpy_helper.from_array(random.normal(0, 0.5, 4).astype(np.float32), "bias"),
    ]
    nodes = [
        helper.make_node("Conv", ["picture", "weight", "bias"], ["convolved"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["convolved"], ["answer"]),
    ]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, SHAPE)
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, 4, 8, 8])
    graph = helper.make_graph(nodes, "small", [picture], [answer], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


def _run(model: ModelProto, picture: NDArray[np.float32], output: str) -> NDArray[np.float32]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    answer: NDArray[np.float32] = session.run([output], {"picture": picture})[0]
    return answer


@pytest.mark.parametrize("seed", range(8))
def test_the_8_bit_graph_stays_near_the_float_one(seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, SHAPE).astype(np.float32)
    model = _model(seed)
    expected = _run(model, picture, "answer").ravel()
    ranges = {"picture": (0.0, 255.0), "answer": (0.0, float(expected.max()))}
    answer = _run(quantise(model, ranges), picture, "answer").ravel()
    # Wide enough for processors whose 8-bit products saturate; a wrong scale or zero point is far outside.
    assert float(answer @ expected) / float(np.linalg.norm(answer) * np.linalg.norm(expected)) > 0.99
    assert 0.95 < float(np.linalg.norm(answer) / np.linalg.norm(expected)) < 1.05


def test_weights_are_stored_in_8_bits_and_biases_in_32() -> None:
    built = quantise(_model(1), {"picture": (0.0, 255.0)})
    types = {item.name: item.data_type for item in built.graph.initializer}
    assert types["weight/q"] == TensorProto.INT8
    assert types["bias/q"] == TensorProto.INT32
    assert "weight" not in types
    assert [item.name for item in built.graph.input] == ["picture"]


def test_a_range_for_no_tensor_is_refused() -> None:
    with pytest.raises(ValueError, match="no such tensors in the graph: nothing"):
        quantise(_model(1), {"nothing": (0.0, 1.0)})


def test_the_shipped_ranges_name_tensors_of_the_dlib_net_and_cover_every_convolution() -> None:
    ranges = stored_ranges("dlib")
    built = quantise(build_dlib_resnet(_layers()), ranges)
    assert ranges["chips_rgb"] == (0.0, 255.0)
    assert all(
        name.endswith("/dq") for node in built.graph.node if node.op_type == "Conv" for name in node.input
    )


def test_ranges_that_nobody_stored_are_refused() -> None:
    with pytest.raises(ValueError, match="no activation ranges named 'other'"):
        stored_ranges("other")


def test_weights_leave_room_for_products_that_are_summed_in_16_bits() -> None:
    built = quantise(_model(2), {"picture": (0.0, 255.0)})
    weights = next(numpy_helper.to_array(item) for item in built.graph.initializer if item.name == "weight/q")
    assert np.abs(weights.astype(int)).max() == 63
