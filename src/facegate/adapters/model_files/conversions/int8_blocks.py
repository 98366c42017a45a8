"""Turns block-quantised weights back into float initialisers. Nothing about activations lives here.

The OpenCV Zoo's int8bq files hold weights as DequantizeLinear (+ Reshape) over constants, which general
runtimes reject or recompute at every call.
"""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, numpy_helper

NEWEST_IR_VERSION = 10
"""Understood by every runtime we accept; the files come with 6, too old for initialisers without inputs."""


def fold_int8_blocks(model: ModelProto) -> ModelProto:
    """A copy whose constant DequantizeLinear and following constant Reshape nodes are float32 initialisers.

    `weight = (x - zero) * scale`, the scale and zero repeated `block_size` times along `axis`; a scalar
    scale ignores `block_size`. Graph inputs that only named weights are dropped.
    """
    folded = ModelProto()
    folded.CopyFrom(model)
    constants = {item.name: numpy_helper.to_array(item) for item in folded.graph.initializer}
    kept: list[NodeProto] = []
    made: dict[str, NDArray[np.float32]] = {}
    for node in folded.graph.node:
        is_dequantize = node.op_type == "DequantizeLinear" and all(name in constants for name in node.input)
        if is_dequantize:
            made[node.output[0]] = _dequantized(node, constants)
        elif node.op_type == "Reshape" and node.input[0] in made and node.input[1] in constants:
            shape = [int(side) for side in constants[node.input[1]]]
            made[node.output[0]] = made[node.input[0]].reshape(shape)
        else:
            kept.append(node)
    _replace_nodes(folded, kept)
    for name, array in made.items():
        folded.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
    drop_unused_constants(folded)
    drop_stray_inputs(folded)
    folded.ir_version = max(folded.ir_version, NEWEST_IR_VERSION)
    return folded


def drop_unused_constants(model: ModelProto) -> None:
    """Remove initialisers that no node and no output names."""
    used = {name for node in model.graph.node for name in node.input}
    used |= {output.name for output in model.graph.output}
    kept = [item for item in model.graph.initializer if item.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def drop_stray_inputs(model: ModelProto) -> None:
    """Remove graph inputs that are initialisers or that nothing reads."""
    constants = {item.name for item in model.graph.initializer}
    read = {name for node in model.graph.node for name in node.input}
    kept = [item for item in model.graph.input if item.name in read and item.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(kept)


def _dequantized(node: NodeProto, constants: dict[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    quantised = constants[node.input[0]].astype(np.float32)
    scale = constants[node.input[1]].astype(np.float32)
    zero = (
        constants[node.input[2]].astype(np.float32)
        if len(node.input) > 2
        else np.zeros(scale.shape, np.float32)
    )
    if scale.size > 1:
        axis = int(attributes.get("axis", 1)) % quantised.ndim
        scale = _spread(scale, quantised, axis, int(attributes.get("block_size", 0)))
        zero = _spread(zero, quantised, axis, int(attributes.get("block_size", 0)))
    else:
        scale, zero = scale.reshape(()), zero.reshape(())
    result: NDArray[np.float32] = ((quantised - zero) * scale).astype(np.float32)
    return result


def _spread(
    values: NDArray[np.float32], like: NDArray[np.generic], axis: int, block_size: int
) -> NDArray[np.float32]:
    """Values per channel or per block along `axis`, in a shape that broadcasts against `like`."""
    if values.ndim == 1 and like.ndim > 1:
        shape = [1] * like.ndim
        shape[axis] = values.size
        values = values.reshape(shape)
    if block_size:
        values = np.repeat(values, block_size, axis=axis)
        values = values[tuple(slice(0, side) for side in like.shape)]
    return values


def _replace_nodes(model: ModelProto, nodes: list[NodeProto]) -> None:
    copies = []
    for node in nodes:
        copy = NodeProto()
        copy.CopyFrom(node)
        copies.append(copy)
    del model.graph.node[:]
    model.graph.node.extend(copies)
