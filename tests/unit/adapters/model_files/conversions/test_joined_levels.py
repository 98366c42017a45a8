"""Joined levels give the numbers that the single outputs gave."""

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from facegate.adapters.model_files.conversions.joined_levels import join_levels

HEADS = {"classes": (1, True), "boxes": (4, False), "objects": (1, True), "points": (10, False)}
"""Channels, and whether they pass a sigmoid, in the order in which the head has them."""
OUTPUTS = ("classes", "objects", "boxes", "points")
STRIDES = (1, 2)


def _level(
    stride: int, random: np.random.Generator
) -> tuple[list[NodeProto], dict[str, NDArray[np.generic]]]:
    """A merged head on every pixel or on every second one, taken apart into flat outputs."""
    total = sum(count for count, _ in HEADS.values())
    weights: dict[str, NDArray[np.generic]] = {
        "w1": random.normal(0, 1, (total, 3, 1, 1)).astype(np.float32),
        "b1": random.normal(0, 1, total).astype(np.float32),
        "w2": random.normal(0, 1, (total, 1, 3, 3)).astype(np.float32),
        "b2": random.normal(0, 1, total).astype(np.float32),
        "counts": np.asarray([count for count, _ in HEADS.values()], np.int64),
    }
    inputs = {key: f"{key}_{stride}" for key in weights}
    taken, first, second = (f"{part}_{stride}" for part in ("taken", "first", "second"))
    parts = [f"{name}_{stride}_part" for name in HEADS]
    nodes = [
        helper.make_node("MaxPool", ["picture"], [taken], kernel_shape=[1, 1], strides=[stride] * 2),
        helper.make_node("Conv", [taken, inputs["w1"], inputs["b1"]], [first]),
        helper.make_node(
            "Conv", [first, inputs["w2"], inputs["b2"]], [second], group=total, pads=[1, 1, 1, 1]
        ),
        helper.make_node("Split", [second, inputs["counts"]], parts, axis=1),
    ]
    for (name, (count, is_score)), part in zip(HEADS.items(), parts, strict=True):
        output = f"{name}_{stride}"
        weights[f"{name}_shape"] = np.asarray([0, -1, count], np.int64)
        inputs[f"{name}_shape"] = f"{output}_shape"
        flat = f"{output}_flat" if is_score else output
        nodes.append(helper.make_node("Transpose", [part], [f"{output}_turned"], perm=[0, 2, 3, 1]))
        nodes.append(helper.make_node("Reshape", [f"{output}_turned", f"{output}_shape"], [flat]))
        if is_score:
            nodes.append(helper.make_node("Sigmoid", [flat], [output]))
    return nodes, {inputs[key]: array for key, array in weights.items()}


def _model() -> ModelProto:
    random = np.random.default_rng(1)
    levels = [_level(stride, random) for stride in STRIDES]
    constants = {name: array for _, arrays in levels for name, array in arrays.items()}
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["batch", 3, "height", "width"])
    outputs = [
        helper.make_tensor_value_info(
            f"{name}_{stride}", TensorProto.FLOAT, ["batch", f"{name}_{stride}_count", HEADS[name][0]]
        )
        for name in OUTPUTS
        for stride in STRIDES
    ]
    graph = helper.make_graph(
        [node for nodes, _ in levels for node in nodes],
        "levels",
        [picture],
        outputs,
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


def _run(model: ModelProto, shape: tuple[int, int, int, int]) -> dict[str, NDArray[np.float32]]:
    checker.check_model(model)
    picture = np.random.default_rng(5).normal(0, 1, shape).astype(np.float32)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"picture": picture}), strict=True))


@pytest.mark.parametrize("shape", [(1, 3, 4, 6), (3, 3, 8, 2)])
def test_scores_and_rows_are_the_single_outputs_one_after_the_other(
    shape: tuple[int, int, int, int],
) -> None:
    single = _run(_model(), shape)

    joined = _run(join_levels(_model()), shape)

    whole = {
        name: np.concatenate([single[f"{name}_{stride}"] for stride in STRIDES], axis=1) for name in OUTPUTS
    }
    assert list(joined) == ["scores", "rows"]
    assert np.allclose(
        joined["scores"], np.concatenate([whole["classes"], whole["objects"]], axis=2), atol=1e-6
    )
    assert np.allclose(joined["rows"], np.concatenate([whole["boxes"], whole["points"]], axis=2), atol=1e-5)


def test_nothing_is_left_over_and_the_argument_stays() -> None:
    model = _model()
    before = model.SerializeToString(deterministic=True)

    joined = join_levels(model)

    assert model.SerializeToString(deterministic=True) == before
    kinds = [node.op_type for node in joined.graph.node]
    assert kinds.count("Conv") == 4
    assert kinds.count("Transpose") == 2
    assert kinds.count("Sigmoid") == kinds.count("Split") == kinds.count("Concat") == 1
    read = {name for node in joined.graph.node for name in node.input}
    assert {item.name for item in joined.graph.initializer} <= read
    sides = [
        [dimension.dim_param or dimension.dim_value for dimension in output.type.tensor_type.shape.dim]
        for output in joined.graph.output
    ]
    assert sides == [["batch", "cells", 2], ["batch", "cells", 14]]


def test_outputs_that_are_no_parts_of_a_merged_head_are_refused() -> None:
    model = _model()
    turned = next(node for node in model.graph.node if node.op_type == "Transpose")
    turned.attribute[0].CopyFrom(helper.make_attribute("perm", [0, 3, 2, 1]))
    with pytest.raises(ValueError, match="no flattened part"):
        join_levels(model)

    model = _model()
    next(node for node in model.graph.node if node.op_type == "Split").op_type = "Identity"
    with pytest.raises(ValueError, match="not from Split"):
        join_levels(model)


def test_a_head_that_is_not_depthwise_at_its_end_is_refused() -> None:
    model = _model()
    depthwise = [node for node in model.graph.node if node.op_type == "Conv"][1]
    group = next(item for item in depthwise.attribute if item.name == "group")
    group.i = 2
    with pytest.raises(ValueError, match="no depthwise convolution"):
        join_levels(model)


def test_channels_without_an_output_and_unlike_levels_are_refused() -> None:
    model = _model()
    del model.graph.output[-1]
    with pytest.raises(ValueError, match="channels that are no output"):
        join_levels(model)

    model = _model()
    scores = next(node for node in model.graph.node if node.output[0] == "classes_1")
    for output in model.graph.output:
        if output.name == "classes_1":
            output.name = scores.input[0]
    with pytest.raises(ValueError, match="different channels"):
        join_levels(model)
