"""Rewrites PRelu into operations that runtimes have fast kernels for."""

import numpy as np
from onnx import ModelProto, NodeProto, helper, numpy_helper


def rewrite_prelu(model: ModelProto) -> ModelProto:
    """A copy in which every PRelu with a constant slope is `relu(x) + (-slope) * relu(-x)`.

    Same output to rounding (1e-6 on SFace). ONNX Runtime's PRelu kernel alone took 20 of SFace's 34 ms
    (one thread of a 2.3 GHz server core); the rewritten net takes 17 ms. Of the forms that are as fast
    there (all factors per channel), OpenVINO knows this one as a PRelu and fuses it into the convolution
    before: SFace takes 15.5 ms instead of 17.9 (one core with AVX2, 2026-11).
    """
    rewritten = ModelProto()
    rewritten.CopyFrom(model)
    graph = rewritten.graph
    constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.op_type != "PRelu" or node.input[1] not in constants:
            nodes.append(node)
            continue
        value, slope_name = node.input
        name = node.output[0]
        slope = constants[slope_name].astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(-slope, f"{name}/slope"))
        graph.initializer.append(numpy_helper.from_array(-np.ones_like(slope), f"{name}/turn"))
        nodes += [
            helper.make_node("Relu", [value], [f"{name}/positive"]),
            helper.make_node("Mul", [value, f"{name}/turn"], [f"{name}/turned"]),
            helper.make_node("Relu", [f"{name}/turned"], [f"{name}/negative"]),
            helper.make_node("Mul", [f"{name}/negative", f"{name}/slope"], [f"{name}/sloped"]),
            helper.make_node("Add", [f"{name}/positive", f"{name}/sloped"], [name]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    return rewritten
