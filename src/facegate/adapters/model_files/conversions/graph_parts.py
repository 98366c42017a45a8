"""What the steps that follow a graph's edges share: who made a value, what a node states, what is left."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper

from facegate.adapters.model_files.conversions.int8_blocks import drop_unused_constants


def made_by(model: ModelProto, name: str, kind: str) -> NodeProto:
    """The node of this kind that gives this value.

    Raises:
        ValueError: it is of another kind, or there is none.
    """
    node = next((node for node in model.graph.node if name in node.output), None)
    if node is None or node.op_type != kind:
        raise ValueError(f"{name!r} comes from {node.op_type if node else 'no node'}, not from {kind}")
    return node


def copied(node: NodeProto) -> NodeProto:
    """The same node, in no graph."""
    copy = NodeProto()
    copy.CopyFrom(node)
    return copy


def attributes_of(node: NodeProto) -> dict[str, object]:
    """The attributes that the node states; those with a default may be missing."""
    return {item.name: helper.get_attribute_value(item) for item in node.attribute}


def constant_input(
    node: NodeProto, place: int, constants: Mapping[str, NDArray[np.generic]]
) -> NDArray[np.generic]:
    """What the node is given there, by the graph's initialisers.

    Raises:
        ValueError: it is given nothing, or something computed.
    """
    name = node.input[place] if place < len(node.input) else ""
    if name not in constants:
        raise ValueError(f"input {place} of the {node.op_type} for {node.output[0]!r} is no constant")
    return constants[name]


def drop_unused_nodes(model: ModelProto) -> None:
    """Remove the nodes that no output needs, and the initialisers that are then named by none."""
    needed = {output.name for output in model.graph.output}
    kept: list[NodeProto] = []
    for node in reversed(model.graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(copied(node))
    del model.graph.node[:]
    model.graph.node.extend(reversed(kept))
    drop_unused_constants(model)
