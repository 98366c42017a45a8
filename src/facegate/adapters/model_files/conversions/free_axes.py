"""Frees batch and picture size where a published graph has them fixed."""

from collections.abc import Sequence

import numpy as np
from onnx import ModelProto, numpy_helper

_AXIS_NAMES = {0: "batch", 2: "height_px", 3: "width_px"}


def free_axes(model: ModelProto, input_axes: Sequence[int], output_axes: Sequence[int]) -> ModelProto:
    """A copy whose single input has these axes free (0 batch, 2 height, 3 width), and its outputs theirs.

    Constant Reshape targets that say `[1, ..., -1, ...]` keep the batch of what they reshape. Recorded
    intermediate shapes are dropped, since they were those of the fixed size.
    """
    freed = ModelProto()
    freed.CopyFrom(model)
    graph = freed.graph
    targets = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for item in graph.initializer:
        shape = numpy_helper.to_array(item)
        if item.name in targets and shape.size > 1 and shape[0] == 1 and -1 in shape[1:]:
            item.CopyFrom(numpy_helper.from_array(np.concatenate([[0], shape[1:]]), item.name))
    (picture,) = graph.input
    for axis in input_axes:
        _free(picture.type.tensor_type.shape.dim[axis], _AXIS_NAMES[axis])
    for output in graph.output:
        for axis in output_axes:
            _free(output.type.tensor_type.shape.dim[axis], "batch" if axis == 0 else f"{output.name}_count")
    del graph.value_info[:]
    return freed


def _free(dimension: object, name: str) -> None:
    dimension.ClearField("dim_value")  # type: ignore[attr-defined]
    dimension.dim_param = name  # type: ignore[attr-defined]
