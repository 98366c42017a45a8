"""Focus and its convolution are one convolution afterwards, with the same answer."""

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from facegate.adapters.model_files.conversions.focus import focus_as_convolution

OFFSETS = ((0, 0), (1, 0), (0, 1), (1, 1))


def _model(offsets: Sequence[tuple[int, int]] = OFFSETS, pads: int = 1) -> ModelProto:
    """A picture in four parts (by first line and column), a convolution and something after it."""
    random = np.random.default_rng(2)
    constants = {
        "0": np.asarray([0], np.int64),
        "1": np.asarray([1], np.int64),
        "end": np.asarray([np.iinfo(np.int64).max], np.int64),
        "lines": np.asarray([2], np.int64),
        "columns": np.asarray([3], np.int64),
        "two": np.asarray([2], np.int64),
        "weights": random.normal(0, 1, (5, 3 * len(offsets), 3, 3)).astype(np.float32),
        "bias": random.normal(0, 1, 5).astype(np.float32),
    }
    nodes = []
    for number, (line, column) in enumerate(offsets):
        nodes += [
            helper.make_node("Slice", ["picture", str(line), "end", "lines", "two"], [f"lines{number}"]),
            helper.make_node(
                "Slice", [f"lines{number}", str(column), "end", "columns", "two"], [f"part{number}"]
            ),
        ]
    parts = [f"part{number}" for number in range(len(offsets))]
    nodes += [
        helper.make_node("Concat", parts, ["stacked"], axis=1),
        helper.make_node(
            "Conv",
            ["stacked", "weights", "bias"],
            ["first"],
            kernel_shape=[3, 3],
            pads=[pads] * 4,
            strides=[1, 1],
            group=1,
        ),
        helper.make_node("Relu", ["first"], ["answer"]),
    ]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 3, "h", "w"])
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["n", 5, "lines", "columns"])
    stored = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "focus", [picture], [answer], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 6
    return model


def _run(model: ModelProto, shape: tuple[int, int, int, int]) -> NDArray[np.float32]:
    checker.check_model(model)
    picture = np.random.default_rng(5).normal(0, 1, shape).astype(np.float32)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"picture": picture})
    return np.asarray(answer, dtype=np.float32)


@pytest.mark.parametrize("shape", [(1, 3, 8, 12), (2, 3, 2, 6)])
@pytest.mark.parametrize("offsets", [OFFSETS, OFFSETS[::-1]])
def test_the_answer_is_the_same_up_to_the_border(
    shape: tuple[int, int, int, int], offsets: Sequence[tuple[int, int]]
) -> None:
    model = _model(offsets)
    before = model.SerializeToString(deterministic=True)

    rewritten = focus_as_convolution(model)

    assert model.SerializeToString(deterministic=True) == before
    assert [node.op_type for node in rewritten.graph.node] == ["Conv", "Relu"]
    assert {item.name for item in rewritten.graph.initializer} == {"weights/whole", "bias"}
    assert np.allclose(_run(rewritten, shape), _run(model, shape), atol=1e-5)


def test_a_graph_that_begins_otherwise_is_refused() -> None:
    with pytest.raises(ValueError, match="not the picture in four parts"):
        focus_as_convolution(_model(((0, 0), (1, 0), (0, 1))))
    with pytest.raises(ValueError, match="not a plain one"):
        focus_as_convolution(_model(pads=0))
    with pytest.raises(ValueError, match="not from Concat"):
        focus_as_convolution(focus_less(_model()))


def focus_less(model: ModelProto) -> ModelProto:
    """The picture's parts are read without being stacked."""
    stacked = next(node for node in model.graph.node if node.op_type == "Concat")
    stacked.op_type = "Sum"
    return model


@pytest.mark.parametrize(("name", "value"), [("two", 1), ("end", 40)])
def test_parts_that_are_not_every_second_pixel_are_refused(name: str, value: int) -> None:
    model = _model()
    for item in model.graph.initializer:
        if item.name == name:
            item.CopyFrom(numpy_helper.from_array(np.asarray([value], np.int64), name))
    with pytest.raises(ValueError, match="not every second"):
        focus_as_convolution(model)


def test_parts_that_are_cut_along_two_axes_at_once_or_at_computed_places_are_refused() -> None:
    model = _model()
    for item in model.graph.initializer:
        if item.name == "two":
            item.CopyFrom(numpy_helper.from_array(np.asarray([2, 2], np.int64), "two"))
    with pytest.raises(ValueError, match="one axis"):
        focus_as_convolution(model)

    model = _model()
    model.graph.node[0].input[1] = "computed"
    with pytest.raises(ValueError, match="is no constant"):
        focus_as_convolution(model)


def test_parts_that_are_cut_only_one_way_are_refused() -> None:
    model = _model()
    for node in model.graph.node:
        if node.op_type == "Concat":
            node.input[0] = "lines0"
    with pytest.raises(ValueError, match="both axes"):
        focus_as_convolution(model)


def test_another_first_convolution_is_refused() -> None:
    model = _model()
    for item in model.graph.initializer:
        if item.name == "weights":
            item.CopyFrom(numpy_helper.from_array(np.zeros((5, 12, 1, 1), np.float32), "weights"))
    with pytest.raises(ValueError, match="no first convolution of 3x3"):
        focus_as_convolution(model)
