"""Merged heads give what the single ones gave."""

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from facegate.adapters.model_files.conversions.merged_heads import merge_heads

SHAPE = (1, 8, 6, 7)


def _head(
    name: str, channels: int, random: np.random.Generator, kernel: int = 3
) -> tuple[list[NodeProto], list[TensorProto]]:
    arrays = {
        "w1": random.normal(0, 1, (channels, 8, 1, 1)),
        "b1": random.normal(0, 1, channels),
        "w2": random.normal(0, 1, (channels, 1, kernel, kernel)),
        "b2": random.normal(0, 1, channels),
    }
    constants = [
        numpy_helper.from_array(array.astype(np.float32), name + key) for key, array in arrays.items()
    ]
    nodes = [
        helper.make_node("Conv", ["picture", f"{name}w1", f"{name}b1"], [f"{name}1"]),
        helper.make_node(
            "Conv",
            [f"{name}1", f"{name}w2", f"{name}b2"],
            [name],
            group=channels,
            pads=[kernel // 2] * 4,
        ),
    ]
    return nodes, constants


def _model(*heads: tuple[list[NodeProto], list[TensorProto]]) -> ModelProto:
    nodes = [node for of_head, _ in heads for node in of_head]
    constants = [item for _, of_head in heads for item in of_head]
    outputs = [
        helper.make_tensor_value_info(of_head[-1].output[0], TensorProto.FLOAT, ["n", "c", "h", "w"])
        for of_head, _ in heads
    ]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, SHAPE)
    graph = helper.make_graph(nodes, "heads", [picture], outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


def _run(model: ModelProto) -> list[NDArray[np.float32]]:
    checker.check_model(model)
    picture = np.random.default_rng(5).normal(0, 1, SHAPE).astype(np.float32)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    answers: list[NDArray[np.float32]] = session.run(None, {"picture": picture})
    return answers


def _kinds(model: ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_the_merged_heads_answer_as_the_single_ones() -> None:
    random = np.random.default_rng(1)
    model = _model(_head("classes", 1, random), _head("boxes", 4, random), _head("points", 10, random))
    merged = merge_heads(model)
    assert _kinds(merged) == ["Conv", "Conv", "Split"]
    for answer, expected in zip(_run(merged), _run(model), strict=True):
        assert answer.shape == expected.shape
        assert np.allclose(answer, expected, atol=1e-4)


def test_heads_of_different_windows_and_single_heads_stay() -> None:
    random = np.random.default_rng(2)
    model = _model(_head("narrow", 2, random), _head("wide", 2, random, kernel=5))
    assert _kinds(merge_heads(model)) == ["Conv"] * 4


def test_a_head_whose_middle_is_an_answer_too_stays() -> None:
    random = np.random.default_rng(3)
    model = _model(_head("one", 2, random), _head("other", 2, random))
    model.graph.output.append(helper.make_tensor_value_info("one1", TensorProto.FLOAT, ["n", "c", "h", "w"]))
    assert _kinds(merge_heads(model)) == ["Conv"] * 4
    assert len(_run(merge_heads(model))) == 3
