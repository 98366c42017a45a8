"""Of YOLOX's classes one stays, with the same numbers."""

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from facegate.adapters.model_files.conversions.kept_class import only_class
from facegate.adapters.model_files.conversions.steps import convert
from facegate.adapters.model_files.manifest import ConversionStep

CLASS_COUNT = 7
COLUMN_COUNT = 5 + CLASS_COUNT


def _model() -> ModelProto:
    """Boxes, objectness and classes on every pixel and on every second one, as YOLOX joins them."""
    random = np.random.default_rng(3)
    nodes, constants = [], {}
    for stride in (1, 2):
        heads = {"boxes": 4, "objects": 1, "classes": CLASS_COUNT}
        taken = f"taken{stride}"
        nodes.append(
            helper.make_node("MaxPool", ["picture"], [taken], kernel_shape=[1, 1], strides=[stride] * 2)
        )
        parts = []
        for head, count in heads.items():
            name = f"{head}{stride}"
            constants[f"{name}w"] = random.normal(0, 1, (count, 3, 1, 1)).astype(np.float32)
            constants[f"{name}b"] = random.normal(0, 1, count).astype(np.float32)
            nodes.append(helper.make_node("Conv", [taken, f"{name}w", f"{name}b"], [name]))
            if head != "boxes":
                nodes.append(helper.make_node("Sigmoid", [name], [f"{name}s"]))
            parts.append(name if head == "boxes" else f"{name}s")
        constants[f"shape{stride}"] = np.asarray([0, COLUMN_COUNT, -1], np.int64)
        nodes += [
            helper.make_node("Concat", parts, [f"level{stride}"], axis=1),
            helper.make_node("Reshape", [f"level{stride}", f"shape{stride}"], [f"flat{stride}"]),
        ]
    nodes += [
        helper.make_node("Concat", ["flat1", "flat2"], ["joined"], axis=2),
        helper.make_node("Transpose", ["joined"], ["output"], perm=[0, 2, 1]),
    ]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 3, "h", "w"])
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", "cells", COLUMN_COUNT])
    recorded = helper.make_tensor_value_info("joined", TensorProto.FLOAT, ["n", COLUMN_COUNT, "cells"])
    stored = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "yolox", [picture], [output], stored, value_info=[recorded])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 6
    return model


def _run(model: ModelProto) -> NDArray[np.float32]:
    checker.check_model(model)
    picture = np.random.default_rng(5).normal(0, 1, (2, 3, 4, 6)).astype(np.float32)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"picture": picture})
    return np.asarray(answer, dtype=np.float32)


@pytest.mark.parametrize("kept", [0, 4, CLASS_COUNT - 1])
def test_the_kept_class_stays_as_it_was(kept: int) -> None:
    model = _model()
    before = model.SerializeToString(deterministic=True)

    reduced = only_class(model, kept)

    assert model.SerializeToString(deterministic=True) == before
    assert reduced.graph.output[0].type.tensor_type.shape.dim[2].dim_value == 6
    read = {name for node in reduced.graph.node for name in node.input}
    assert {item.name for item in reduced.graph.initializer} <= read
    assert np.allclose(_run(reduced), _run(model)[:, :, [*range(5), 5 + kept]], atol=1e-6)


@pytest.mark.parametrize("kept", [-1, CLASS_COUNT])
def test_a_class_that_the_net_does_not_have_is_refused(kept: int) -> None:
    with pytest.raises(ValueError, match=f"has no class {kept}"):
        only_class(_model(), kept)


def test_graphs_that_end_otherwise_are_refused() -> None:
    model = _model()
    model.graph.output[0].name = "joined"
    with pytest.raises(ValueError, match="not from Transpose"):
        only_class(model, 0)

    model = _model()
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = 90
    with pytest.raises(ValueError, match="the output's columns"):
        only_class(model, 0)

    model = _model()
    next(node for node in model.graph.node if node.op_type == "Reshape").input[1] = "computed"
    with pytest.raises(ValueError, match="is no constant"):
        only_class(model, 0)

    model = _model()
    model.graph.node[-1].attribute[0].CopyFrom(helper.make_attribute("perm", [0, 1, 2]))
    with pytest.raises(ValueError, match="not cells with columns"):
        only_class(model, 0)


def test_the_step_must_name_a_class() -> None:
    with pytest.raises(ValueError, match="names no class"):
        convert(_model().SerializeToString(), [ConversionStep(name="only_class")])
    step = ConversionStep(name="only_class", kept_class=2)
    assert convert(_model().SerializeToString(), [step]) == only_class(_model(), 2).SerializeToString()
