"""The rewritten activation is the activation."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper
from tests.unit.adapters.model_files.conversions.running import answer_of

from facegate.adapters.model_files.conversions.prelu import rewrite_prelu

SHAPE = (2, 3, 4, 4)


def _model(slope: NDArray[np.float32]) -> ModelProto:
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, SHAPE)
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, SHAPE)
    node = helper.make_node("PRelu", ["picture", "slope"], ["answer"])
    graph = helper.make_graph([node], "prelu", [picture], [answer], [numpy_helper.from_array(slope, "slope")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


@settings(max_examples=25, deadline=None)
@given(
    picture=arrays(np.float32, SHAPE, elements=st.floats(-100, 100, width=32)),
    slope=arrays(np.float32, (3, 1, 1), elements=st.floats(-2, 2, width=32)),
)
def test_the_rewritten_graph_computes_the_same(
    picture: NDArray[np.float32], slope: NDArray[np.float32]
) -> None:
    model = _model(slope)
    rewritten = rewrite_prelu(model)
    assert "PRelu" not in {node.op_type for node in rewritten.graph.node}
    assert np.allclose(answer_of(rewritten, picture), answer_of(model, picture), atol=1e-4, rtol=1e-5)


def test_a_slope_that_is_computed_is_left_alone() -> None:
    model = _model(np.zeros((3, 1, 1), np.float32))
    del model.graph.initializer[:]
    model.graph.input.append(helper.make_tensor_value_info("slope", TensorProto.FLOAT, [3, 1, 1]))
    assert [node.op_type for node in rewrite_prelu(model).graph.node] == ["PRelu"]
