"""Freed graphs take other batches and sizes and answer each picture as before."""

import numpy as np
import onnxruntime as ort
from onnx import ModelProto, TensorProto, helper, numpy_helper

from facegate.adapters.model_files.conversions.free_axes import free_axes


def _model() -> ModelProto:
    """1 x 2 x 8 x 8 -> 1 x 64 x 2, the way detectors flatten their maps."""
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 2, 8, 8])
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, 64, 2])
    nodes = [
        helper.make_node("Transpose", ["picture"], ["last"], perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", ["last", "target"], ["answer"]),
    ]
    target = numpy_helper.from_array(np.asarray([1, -1, 2], np.int64), "target")
    recorded = helper.make_tensor_value_info("last", TensorProto.FLOAT, [1, 8, 8, 2])
    graph = helper.make_graph(nodes, "flatten", [picture], [answer], [target], value_info=[recorded])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


def test_batches_and_other_sizes_run_and_keep_pictures_apart() -> None:
    freed = free_axes(_model(), [0, 2, 3], [0, 1])
    session = ort.InferenceSession(freed.SerializeToString(), providers=["CPUExecutionProvider"])
    pictures = np.random.default_rng(0).uniform(size=(3, 2, 4, 6)).astype(np.float32)
    (answer,) = session.run(None, {"picture": pictures})
    assert answer.shape == (3, 24, 2)
    assert np.array_equal(answer, pictures.transpose(0, 2, 3, 1).reshape(3, 24, 2))


def test_only_the_named_axes_are_freed() -> None:
    freed = free_axes(_model(), [0], [0])
    (picture,) = freed.graph.input
    dimensions = picture.type.tensor_type.shape.dim
    assert [dimension.dim_param or dimension.dim_value for dimension in dimensions] == ["batch", 2, 8, 8]
