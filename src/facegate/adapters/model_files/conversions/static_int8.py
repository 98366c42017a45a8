"""Static 8-bit build of a float graph from activation ranges stored as numbers: no pictures are needed.

Quantise/dequantise pairs (QDQ) go around every tensor that has a range; convolutions get per-filter 8-bit
weights. Runtimes fuse the pairs into integer kernels. Measuring the ranges lives outside the package.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from facegate.adapters.model_files.conversions.graph_parts import copied
from facegate.adapters.model_files.conversions.int8_blocks import drop_unused_constants

Range = tuple[float, float]
"""Least and greatest value of an activation as measured on faces."""

_GREATEST_WEIGHT = 63
"""Weights use 7 of their 8 bits. Processors with AVX2 but without VNNI add two products of uint8 and int8 in
16 bits, which overflows with 8: on one the dlib net's templates fell to cosine 0.979 to the float net, with 7
bits they stay above 0.998 there and everywhere, so that a gallery can move to another machine (2026-11)."""


def quantise(model: ModelProto, ranges: Mapping[str, Range]) -> ModelProto:
    """A copy of an opset-13 graph with uint8 activations and int8 convolution weights.

    `ranges` maps tensor names of the graph to their measured range; zero is always made representable.
    A convolution is quantised if its input has a range.

    Raises:
        ValueError: a range names no tensor of the graph.
    """
    built = ModelProto()
    built.CopyFrom(model)
    graph = built.graph
    produced = {name for node in graph.node for name in node.output} | {item.name for item in graph.input}
    if unknown := sorted(set(ranges) - produced):
        raise ValueError(f"no such tensors in the graph: {', '.join(unknown)}")
    constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    added: list[TensorProto] = []
    nodes: list[NodeProto] = []
    for item in graph.input:
        if item.name in ranges:
            nodes += _pair(item.name, ranges[item.name], added)
    for node in graph.node:
        is_convolution = node.op_type == "Conv" and node.input[0] in ranges
        replaced = {name: f"{name}/dq" for name in node.input if name in ranges}
        if is_convolution:
            nodes += _weights(node, constants, _scale_and_zero(ranges[node.input[0]])[0], added)
            replaced |= {name: f"{name}/dq" for name in node.input[1:]}
        for index, name in enumerate(node.input):
            node.input[index] = replaced.get(name, name)
        nodes.append(node)
        for name in node.output:
            if name in ranges:
                nodes += _pair(name, ranges[name], added)
    kept = [copied(node) for node in nodes]
    del graph.node[:]
    graph.node.extend(kept)
    graph.initializer.extend(added)
    drop_unused_constants(built)
    return built


def _scale_and_zero(limits: Range) -> tuple[np.float32, np.uint8]:
    low, high = min(0.0, limits[0]), max(0.0, limits[1])
    scale = max(high - low, 1e-6) / 255.0
    return np.float32(scale), np.uint8(round(-low / scale))


def _pair(name: str, limits: Range, added: list[TensorProto]) -> list[NodeProto]:
    """Nodes `name` -> `name/q` (uint8) -> `name/dq` (float)."""
    scale, zero = _scale_and_zero(limits)
    added.append(numpy_helper.from_array(np.asarray(scale), f"{name}/scale"))
    added.append(numpy_helper.from_array(np.asarray(zero), f"{name}/zero"))
    parameters = [f"{name}/scale", f"{name}/zero"]
    return [
        helper.make_node("QuantizeLinear", [name, *parameters], [f"{name}/q"], name=f"{name}/q"),
        helper.make_node("DequantizeLinear", [f"{name}/q", *parameters], [f"{name}/dq"], name=f"{name}/dq"),
    ]


def _weights(
    node: NodeProto,
    constants: Mapping[str, NDArray[np.generic]],
    input_scale: np.float32,
    added: list[TensorProto],
) -> list[NodeProto]:
    """Weights int8 per filter, symmetric; biases int32 at input scale times weight scale, as kernels want."""
    weight_name, bias_name = node.input[1], node.input[2]
    weight = constants[weight_name].astype(np.float64)
    scale = np.maximum(np.abs(weight).max(axis=(1, 2, 3)), 1e-12) / _GREATEST_WEIGHT
    quantised = np.rint(weight / scale.reshape(-1, 1, 1, 1)).astype(np.int8)
    bias_scale = scale * float(input_scale)
    bias = np.rint(constants[bias_name].astype(np.float64) / bias_scale).astype(np.int32)
    return [
        *_dequantised(weight_name, quantised, scale, added),
        *_dequantised(bias_name, bias, bias_scale, added),
    ]


def _dequantised(
    name: str, values: NDArray[np.generic], scale: NDArray[np.float64], added: list[TensorProto]
) -> list[NodeProto]:
    added.append(numpy_helper.from_array(values, f"{name}/q"))
    added.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}/scale"))
    added.append(numpy_helper.from_array(np.zeros(scale.shape, values.dtype), f"{name}/zero"))
    inputs = [f"{name}/q", f"{name}/scale", f"{name}/zero"]
    return [helper.make_node("DequantizeLinear", inputs, [f"{name}/dq"], name=f"{name}/dq", axis=0)]
