"""Merges small heads that read one tensor into one, where each is a 1x1 and then a depthwise convolution."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

from facegate.adapters.model_files.conversions.int8_blocks import drop_unused_constants

_Constants = Mapping[str, NDArray[np.generic]]
_Head = tuple[NodeProto, NodeProto]


def merge_heads(model: ModelProto) -> ModelProto:
    """A copy in which heads that share their input run as one, and their outputs are split off at its end.

    Same output to rounding. Kernels work on 8 channels or more at once, and YuNet's four heads per level
    have 1, 1, 4 and 10: merged, a look of 320x256 takes 2.19 instead of 2.39 ms (one core with AVX2,
    2026-11). Needs opset 13 or newer.
    """
    merged = ModelProto()
    merged.CopyFrom(model)
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    groups: dict[tuple[str, bytes], list[_Head]] = {}
    for head in _heads(model, constants):
        groups.setdefault((head[0].input[0], _attributes(head[1])), []).append(head)
    shared = [heads for heads in groups.values() if len(heads) > 1]
    gone = {node.output[0] for heads in shared for head in heads for node in head}
    # Where the first head began its input is there, and nobody has asked for an output yet.
    starts = {heads[0][0].output[0]: heads for heads in shared}
    del merged.graph.node[:]
    for node in model.graph.node:
        if node.output[0] in starts:
            merged.graph.node.extend(_one_head(merged, starts[node.output[0]], constants))
        elif node.output[0] not in gone:
            merged.graph.node.append(node)
    drop_unused_constants(merged)
    return merged


def _heads(model: ModelProto, constants: _Constants) -> Iterator[_Head]:
    readers: dict[str, list[NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    answers = {output.name for output in model.graph.output}
    for first in model.graph.node:
        followers = readers.get(first.output[0], [])
        if len(followers) != 1 or first.output[0] in answers or not _is_pointwise(first, constants):
            continue
        if _is_depthwise(followers[0], constants):
            yield first, followers[0]


def _is_pointwise(node: NodeProto, constants: _Constants) -> bool:
    if node.op_type != "Conv" or len(node.input) != 3 or node.input[1] not in constants:
        return False
    attributes = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    moves = [*attributes.get("strides", ()), *(pad + 1 for pad in attributes.get("pads", ()))]
    is_plain = attributes.get("group", 1) == 1 and all(move == 1 for move in moves)
    return is_plain and constants[node.input[1]].shape[2:] == (1, 1)


def _is_depthwise(node: NodeProto, constants: _Constants) -> bool:
    if node.op_type != "Conv" or len(node.input) != 3 or node.input[1] not in constants:
        return False
    group = next((item.i for item in node.attribute if item.name == "group"), 1)
    return constants[node.input[1]].shape[:2] == (group, 1)


def _attributes(depthwise: NodeProto) -> bytes:
    """What two depthwise convolutions must have in common to become one: all but the channel count."""
    plain = NodeProto()
    plain.attribute.extend(item for item in depthwise.attribute if item.name != "group")
    serialised: bytes = plain.SerializeToString(deterministic=True)
    return serialised


def _one_head(model: ModelProto, heads: Sequence[_Head], constants: _Constants) -> list[NodeProto]:
    """The nodes of the merged head; its constants go into the model."""
    name = f"{heads[0][0].input[0]}/heads"
    firsts, seconds = ([head[place] for head in heads] for place in (0, 1))
    counts = [len(constants[node.input[1]]) for node in seconds]

    def joined(nodes: Sequence[NodeProto], place: int, part: str) -> str:
        array = np.concatenate([constants[node.input[place]] for node in nodes])
        model.graph.initializer.append(numpy_helper.from_array(array, f"{name}/{part}"))
        return f"{name}/{part}"

    sizes = numpy_helper.from_array(np.asarray(counts, dtype=np.int64), f"{name}/counts")
    model.graph.initializer.append(sizes)
    weights = [joined(firsts, 1, "weight1"), joined(firsts, 2, "bias1")]
    pointwise = helper.make_node("Conv", [firsts[0].input[0], *weights], [f"{name}/1"], name=f"{name}/1")
    weights = [joined(seconds, 1, "weight2"), joined(seconds, 2, "bias2")]
    depthwise = helper.make_node(
        "Conv", [f"{name}/1", *weights], [f"{name}/2"], name=f"{name}/2", group=sum(counts)
    )
    depthwise.attribute.extend(item for item in seconds[0].attribute if item.name != "group")
    outputs = [node.output[0] for node in seconds]
    split = helper.make_node("Split", [f"{name}/2", sizes.name], outputs, name=f"{name}/split", axis=1)
    return [pointwise, depthwise, split]
