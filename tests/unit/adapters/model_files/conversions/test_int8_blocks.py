"""Folding agrees with onnx's own reference evaluator, which knows block quantisation."""

import numpy as np
import onnx
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from facegate.adapters.model_files.conversions.int8_blocks import drop_stray_inputs, fold_int8_blocks


def _quantised_model(seed: int, rows: int, blocks: int, block_size: int, *, is_scalar: bool) -> ModelProto:
    """Picture 2 x (rows * blocks * block_size) times weights that are stored as int8 blocks and reshaped."""
    random = np.random.default_rng(seed)
    columns = blocks * block_size
    quantised = random.integers(-128, 128, (rows, columns)).astype(np.int8)
    shape: tuple[int, ...] = () if is_scalar else (rows, blocks)
    scale = random.uniform(0.001, 0.1, shape).astype(np.float32)
    zero = random.integers(-5, 6, shape).astype(np.int8)
    constants = [
        numpy_helper.from_array(quantised, "w_quantised"),
        numpy_helper.from_array(scale, "w_scale"),
        numpy_helper.from_array(zero, "w_zero"),
        numpy_helper.from_array(np.asarray([columns, rows], np.int64), "w_shape"),
        numpy_helper.from_array(np.ones((1,), np.float32), "never_read"),
    ]
    attributes: dict[str, int] = {} if is_scalar else {"axis": 1, "block_size": block_size}
    nodes = [
        helper.make_node("DequantizeLinear", ["w_quantised", "w_scale", "w_zero"], ["w_float"], **attributes),
        helper.make_node("Reshape", ["w_float", "w_shape"], ["w"]),
        helper.make_node("MatMul", ["picture", "w"], ["answer"]),
    ]
    inputs = [
        helper.make_tensor_value_info("picture", TensorProto.FLOAT, [2, columns]),
        # The quantiser leaves names of weights behind as inputs.
        helper.make_tensor_value_info("w_scale", TensorProto.FLOAT, list(shape)),
        helper.make_tensor_value_info("w", TensorProto.FLOAT, [columns, rows]),
    ]
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, [2, rows])
    graph = helper.make_graph(nodes, "quantised", inputs, [answer], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    rows=st.integers(1, 5),
    blocks=st.integers(1, 4),
    block_size=st.integers(2, 8),
    is_scalar=st.booleans(),
)
def test_a_folded_graph_computes_the_same(
    seed: int, rows: int, blocks: int, block_size: int, is_scalar: bool
) -> None:
    model = _quantised_model(seed, rows, blocks, block_size, is_scalar=is_scalar)
    before = model.SerializeToString()
    folded = fold_int8_blocks(model)
    picture = np.random.default_rng(seed + 1).uniform(-1, 1, (2, blocks * block_size)).astype(np.float32)
    only_picture = ModelProto()
    only_picture.CopyFrom(model)
    drop_stray_inputs(only_picture)
    del only_picture.graph.input[1:]
    (expected,) = ReferenceEvaluator(only_picture).run(None, {"picture": picture})
    (answer,) = ReferenceEvaluator(folded).run(None, {"picture": picture})
    assert np.allclose(answer, expected, atol=1e-4)
    assert model.SerializeToString() == before


def test_a_folded_graph_has_one_input_and_no_quantised_rest() -> None:
    folded = fold_int8_blocks(_quantised_model(1, 3, 2, 4, is_scalar=False))
    assert [item.name for item in folded.graph.input] == ["picture"]
    assert [node.op_type for node in folded.graph.node] == ["MatMul"]
    assert [item.name for item in folded.graph.initializer] == ["w"]
    onnx.checker.check_model(folded)


def test_a_dequantised_activation_is_left_alone() -> None:
    model = _quantised_model(1, 3, 2, 4, is_scalar=False)
    model.graph.input.append(helper.make_tensor_value_info("q", TensorProto.INT8, [1]))
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(0.5, np.float32), "q_scale"))
    model.graph.node.append(helper.make_node("DequantizeLinear", ["q", "q_scale"], ["q_float"]))
    model.graph.output.append(helper.make_tensor_value_info("q_float", TensorProto.FLOAT, [1]))
    folded = fold_int8_blocks(model)
    assert [node.op_type for node in folded.graph.node] == ["MatMul", "DequantizeLinear"]
