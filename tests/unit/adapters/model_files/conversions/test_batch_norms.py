"""Folding normalisations, and the last layer as a convolution, change no answer."""

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from facegate.adapters.model_files.conversions.batch_norms import connection_as_convolution, fold_batch_norms

SHAPE = (2, 3, 6, 6)


def _norm(
    name: str, source: str, channels: int, random: np.random.Generator
) -> tuple[NodeProto, list[TensorProto]]:
    values = {
        "gamma": random.normal(1, 0.3, channels),
        "beta": random.normal(0, 1, channels),
        "mean": random.normal(0, 1, channels),
        "variance": random.uniform(0.2, 2, channels),
    }
    constants = [
        numpy_helper.from_array(array.astype(np.float32), f"{name}_{kind}") for kind, array in values.items()
    ]
    inputs = [source, *(item.name for item in constants)]
    return helper.make_node("BatchNormalization", inputs, [name], epsilon=0.01), constants


def _model(seed: int, transposed: int = 1, alpha: float = 1.0) -> ModelProto:
    """Convolution without a bias, normalised, relu, normalised, dropout, full connection, normalised."""
    random = np.random.default_rng(seed)
    norm0, constants0 = _norm("norm0", "conv0", 4, random)
    norm1, constants1 = _norm("norm1", "relu0", 4, random)
    norm2, constants2 = _norm("answer", "connected", 5, random)
    weight = random.normal(0, 0.2, (5, 144)).astype(np.float32)
    constants = [
        numpy_helper.from_array(random.normal(0, 0.3, (4, 3, 3, 3)).astype(np.float32), "conv_weight"),
        numpy_helper.from_array(weight if transposed else weight.T.copy(), "weight"),
        numpy_helper.from_array(random.normal(0, 1, 5).astype(np.float32), "bias"),
        *constants0,
        *constants1,
        *constants2,
    ]
    nodes = [
        helper.make_node("Conv", ["picture", "conv_weight"], ["conv0"], pads=[1, 1, 1, 1]),
        norm0,
        helper.make_node("Relu", ["norm0"], ["relu0"]),
        norm1,
        helper.make_node("Dropout", ["norm1"], ["dropped"]),
        helper.make_node("Flatten", ["dropped"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weight", "bias"], ["connected"], transB=transposed, alpha=alpha),
        norm2,
    ]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, SHAPE)
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, [SHAPE[0], 5])
    graph = helper.make_graph(nodes, "small", [picture], [answer], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


def _run(model: ModelProto) -> NDArray[np.float32]:
    checker.check_model(model)
    picture = np.random.default_rng(99).normal(0, 1, SHAPE).astype(np.float32)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    answer: NDArray[np.float32] = session.run(None, {"picture": picture})[0]
    return answer


def _kinds(model: ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


@pytest.mark.parametrize("transposed", [0, 1])
@pytest.mark.parametrize("seed", range(4))
def test_the_folded_graph_gives_the_same_answers(seed: int, transposed: int) -> None:
    model = _model(seed, transposed)
    folded = fold_batch_norms(model)
    assert _kinds(folded) == ["Conv", "Relu", "BatchNormalization", "Flatten", "Gemm"]
    assert np.allclose(_run(folded), _run(model), atol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_last_layer_as_a_convolution_gives_the_same_answers(seed: int) -> None:
    model = _model(seed)
    convolved = connection_as_convolution(fold_batch_norms(model))
    assert _kinds(convolved) == ["Conv", "Relu", "Conv", "Flatten"]
    assert np.allclose(_run(convolved), _run(model), atol=1e-4)
    read = {name for node in convolved.graph.node for name in node.input}
    assert {item.name for item in convolved.graph.initializer} <= read


def test_a_normalisation_of_what_others_read_too_stays() -> None:
    model = _model(0)
    model.graph.node.append(helper.make_node("Relu", ["conv0"], ["other"]))
    model.graph.output.append(helper.make_tensor_value_info("other", TensorProto.FLOAT, None))
    assert _kinds(fold_batch_norms(model))[:2] == ["Conv", "BatchNormalization"]


def test_a_full_connection_that_scales_is_refused() -> None:
    with pytest.raises(ValueError, match="no plain full connection"):
        fold_batch_norms(_model(0, alpha=2.0))


def test_a_graph_without_such_an_end_is_refused() -> None:
    folded = connection_as_convolution(fold_batch_norms(_model(0)))
    with pytest.raises(ValueError, match="does not end"):
        connection_as_convolution(folded)
