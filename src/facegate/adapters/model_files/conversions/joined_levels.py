"""Joins a detector's outputs, one for each head and level, into one of scores and one of rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from facegate.adapters.model_files.conversions.graph_parts import (
    attributes_of,
    constant_input,
    copied,
    drop_unused_nodes,
    made_by,
)

_Constants = Mapping[str, NDArray[np.generic]]


@dataclass(slots=True)
class _Level:
    """One merged head, and which of its channels are scores (they pass a sigmoid) and which are not."""

    pointwise: NodeProto
    depthwise: NodeProto
    channel_count: int
    scores: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def join_levels(model: ModelProto) -> ModelProto:
    """A copy that gives `scores` and `rows`, n x cells x channels, the levels one after the other.

    Scores are the outputs that were sigmoids, rows the others; channels and levels keep the order that the
    outputs had. Takes what `merge_heads` leaves: the heads' weights are put in order, so that each level is
    turned once and all are split once. Exactly the same numbers. After YuNet's heads 9 nodes are left of 33,
    and its adapter has nothing to join: a look of 320x256 with the adapter's part takes 4.2 instead of 4.5 ms
    (one thread, a busy machine, 2026-11).

    Raises:
        ValueError: an output is not a transposed and flattened part of a merged head.
    """
    joined = ModelProto()
    joined.CopyFrom(model)
    graph = joined.graph
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    levels = _levels(model, constants)
    score_count, row_count = len(levels[0].scores), len(levels[0].rows)
    shape = _constant(joined, "levels/shape", [0, -1, score_count + row_count])
    sizes = _constant(joined, "levels/counts", [score_count, row_count])
    flat = []
    for number, level in enumerate(levels):
        ordered, turned = _ordered_head(joined, level, constants), f"levels/{number}/turned"
        graph.node.append(helper.make_node("Transpose", [ordered], [turned], perm=[0, 2, 3, 1]))
        flat.append(f"levels/{number}")
        graph.node.append(helper.make_node("Reshape", [turned, shape], [flat[-1]]))
    graph.node.extend(
        [
            helper.make_node("Concat", flat, ["levels"], axis=1),
            helper.make_node("Split", ["levels", sizes], ["levels/scores", "rows"], axis=2),
            helper.make_node("Sigmoid", ["levels/scores"], ["scores"]),
        ]
    )
    batch = model.graph.output[0].type.tensor_type.shape.dim[0]
    del graph.output[:]
    for name, count in (("scores", score_count), ("rows", row_count)):
        sides = [batch.dim_param or batch.dim_value, "cells", count]
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, sides))
    drop_unused_nodes(joined)
    return joined


def _levels(model: ModelProto, constants: _Constants) -> list[_Level]:
    levels: dict[str, _Level] = {}
    for output in model.graph.output:
        is_score = any(output.name in node.output and node.op_type == "Sigmoid" for node in model.graph.node)
        name = made_by(model, output.name, "Sigmoid").input[0] if is_score else output.name
        turned = made_by(model, made_by(model, name, "Reshape").input[0], "Transpose")
        split = made_by(model, turned.input[0], "Split")
        if attributes_of(turned).get("perm") != [0, 2, 3, 1] or attributes_of(split).get("axis") != 1:
            raise ValueError(f"{output.name!r} is no flattened part of a head's channels")
        counts = [int(count) for count in constant_input(split, 1, constants)]
        place = list(split.output).index(turned.input[0])
        first = sum(counts[:place])
        if split.input[0] not in levels:
            levels[split.input[0]] = _level(model, split.input[0], sum(counts), constants)
        level = levels[split.input[0]]
        (level.scores if is_score else level.rows).extend(range(first, first + counts[place]))
    found = list(levels.values())
    if any(sorted(level.scores + level.rows) != list(range(level.channel_count)) for level in found):
        raise ValueError("a head has channels that are no output, or are two")
    if len({(len(level.scores), len(level.rows)) for level in found}) != 1:
        raise ValueError("the levels have different channels")
    return found


def _level(model: ModelProto, name: str, channel_count: int, constants: _Constants) -> _Level:
    depthwise = made_by(model, name, "Conv")
    pointwise = made_by(model, depthwise.input[0], "Conv")
    groups = [attributes_of(node).get("group", 1) for node in (pointwise, depthwise)]
    lengths = {
        len(constants[constant]) if constant in constants else 0
        for node in (pointwise, depthwise)
        for constant in node.input[1:]
    }
    if groups != [1, channel_count] or lengths != {channel_count}:
        raise ValueError(f"{name!r} is no depthwise convolution after a plain one, one filter a channel")
    return _Level(pointwise, depthwise, channel_count)


def _ordered_head(model: ModelProto, level: _Level, constants: _Constants) -> str:
    """Adds the head with its scores first; gives the name of what comes out of it."""
    order = [*level.scores, *level.rows]
    value: str = level.pointwise.input[0]
    for node in (level.pointwise, level.depthwise):
        ordered = copied(node)
        names = [f"{name}/ordered" for name in node.input[1:]]
        for name, new_name in zip(node.input[1:], names, strict=True):
            array = np.ascontiguousarray(constants[name][order])
            model.graph.initializer.append(numpy_helper.from_array(array, new_name))
        ordered.input[:] = [value, *names]
        value = f"{node.output[0]}/ordered"
        ordered.output[:] = [value]
        ordered.name = value
        model.graph.node.append(ordered)
    return value


def _constant(model: ModelProto, name: str, numbers: list[int]) -> str:
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(numbers, np.int64), name))
    return name
