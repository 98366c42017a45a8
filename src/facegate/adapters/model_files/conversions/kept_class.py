"""Leaves one class of those that a YOLOX net tells apart."""

import numpy as np
from onnx import ModelProto, numpy_helper

from facegate.adapters.model_files.conversions.graph_parts import (
    attributes_of,
    constant_input,
    drop_unused_nodes,
    made_by,
)


def only_class(model: ModelProto, kept_class: int) -> ModelProto:
    """A copy whose class heads have the filter of this class alone, and whose rows end with its probability.

    The numbers that stay are the same. YOLOX-Nano for phones: 6 columns a cell instead of 85, hence a
    fourteenth of the numbers to turn, copy and read; `focus_as_convolution` has the time of both.

    Raises:
        ValueError: the graph does not end as YOLOX's does, or it has no such class.
    """
    reduced = ModelProto()
    reduced.CopyFrom(model)
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    (answer,) = reduced.graph.output
    columns = answer.type.tensor_type.shape.dim[2]
    column_count = columns.dim_value
    turned = made_by(reduced, answer.name, "Transpose")
    joined = made_by(reduced, turned.input[0], "Concat")
    if attributes_of(turned).get("perm") != [0, 2, 1] or attributes_of(joined).get("axis") != 2:
        raise ValueError(f"{answer.name!r} is not cells with columns")
    for name in joined.input:
        flat = made_by(reduced, name, "Reshape")
        level = made_by(reduced, flat.input[0], "Concat")
        head = made_by(reduced, made_by(reduced, level.input[-1], "Sigmoid").input[0], "Conv")
        class_count = len(constant_input(head, 1, constants))
        shape = constant_input(flat, 1, constants).copy()
        if not 0 <= kept_class < class_count or attributes_of(head).get("group", 1) != 1:
            raise ValueError(f"{level.input[-1]!r} has no class {kept_class}")
        if shape.size != 3 or shape[1] != column_count or column_count <= class_count:
            raise ValueError(f"{name!r} does not have the output's columns")
        shape[1] = column_count - class_count + 1
        columns.dim_value = int(shape[1])
        reduced.graph.initializer.append(numpy_helper.from_array(shape, f"{name}/shape"))
        flat.input[1] = f"{name}/shape"
        for place, constant in enumerate(head.input[1:], 1):
            filters = constant_input(head, place, constants)
            kept = np.ascontiguousarray(filters[kept_class : kept_class + 1])
            reduced.graph.initializer.append(numpy_helper.from_array(kept, f"{constant}/kept"))
            head.input[place] = f"{constant}/kept"
    # They were those of all classes.
    del reduced.graph.value_info[:]
    drop_unused_nodes(reduced)
    return reduced
