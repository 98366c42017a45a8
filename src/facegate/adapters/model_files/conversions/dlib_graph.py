"""Builds dlib's face recognition ResNet as an ONNX graph from its layers' parameters.

Architecture: dlib's dnn_face_recognition_ex (Davis King), 29 convolutions, 128 numbers out, no normalisation.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from facegate.adapters.model_files.conversions.dlib_file import BrokenDlibFile, DlibLayer

OPSET = 13
"""Oldest opset with per-channel DequantizeLinear, which the int8 build needs."""

SIDE_PX = 150
MEAN_RGB = (122.782, 117.001, 104.298)
SCALE = 1.0 / 256.0

_LEVELS = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Filters, blocks, and whether the first block halves the picture, from input to output."""

INPUT_NAME = "chips_rgb"
OUTPUT_NAME = "embeddings"

Floats = NDArray[np.float32]


@dataclass(slots=True)
class _Build:
    """Nodes and constants so far, and the layers not used yet."""

    layers: list[DlibLayer]
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def take(self, kind: str) -> Floats:
        """Parameters of the next layer, which must be of this kind."""
        if not self.layers or self.layers[0].kind != kind:
            raise BrokenDlibFile(f"a {kind} layer was expected")
        return self.layers.pop(0).parameters

    def add(self, op: str, inputs: list[str], output: str, **attributes: object) -> str:
        """Append a node and give its output's name back."""
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def constant(self, array: NDArray[np.generic], name: str) -> str:
        """Append an initialiser and give its name back."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def build_dlib_resnet(layers: list[DlibLayer]) -> ModelProto:
    """The net as ONNX: `chips_rgb` N x 3 x 150 x 150 float, RGB 0..255, to `embeddings` N x 128.

    Affine layers and the input's mean and scale are folded into the convolutions; the first one has no
    padding, so that is exact. Vectors are dlib's own, not normalised.

    Raises:
        BrokenDlibFile: the layers are not those of this net.
    """
    build = _Build(list(layers))
    value = _first_convolution(build)
    value = build.add("MaxPool", [value], "pool0", kernel_shape=[3, 3], strides=[2, 2])
    channels, side = 32, 35
    for level, (filters, block_count, halves) in enumerate(_LEVELS):
        for block in range(block_count):
            is_down = halves and block == 0
            value = _block(build, f"l{level}b{block}", value, (channels, side), filters, is_down)
            channels, side = filters, side // 2 if is_down else side
    weights = build.take("fc")
    if weights.size != 256 * 128 or build.layers:
        raise BrokenDlibFile("the last layer is not 256 x 128")
    build.add("GlobalAveragePool", [value], "mean")
    build.add("Flatten", ["mean"], "flat")
    build.add("MatMul", ["flat", build.constant(weights.reshape(256, 128), "fc_weight")], OUTPUT_NAME)
    return _model(build)


def _first_convolution(build: _Build) -> str:
    weight, bias = _convolution_parameters(build, 32, 3, 7)
    mean = np.asarray(MEAN_RGB, np.float64).reshape(1, 3, 1, 1)
    bias = bias - (weight * mean * SCALE).sum(axis=(1, 2, 3))
    _convolution(build, INPUT_NAME, "conv0", (weight * SCALE, bias), stride=2)
    return build.add("Relu", ["conv0"], "relu0")


def _block(build: _Build, name: str, value: str, shape: tuple[int, int], filters: int, is_down: bool) -> str:
    """relu(shortcut + affine(conv(relu(affine(conv(value)))))); `shape` is channels and side of `value`."""
    channels, side = shape
    first = _convolution_parameters(build, filters, channels, 3)
    _convolution(build, value, f"{name}_conv1", first, stride=2 if is_down else 1)
    build.add("Relu", [f"{name}_conv1"], f"{name}_relu1")
    second = _convolution_parameters(build, filters, filters, 3)
    branch = _convolution(build, f"{name}_relu1", f"{name}_conv2", second, stride=1)
    shortcut = value
    if is_down:
        branch_side, pooled_side = (side - 3) // 2 + 1, side // 2
        shortcut = build.add("AveragePool", [value], f"{name}_short", kernel_shape=[2, 2], strides=[2, 2])
        # dlib adds tensors of unequal size as if the smaller one were zero beyond its end.
        shortcut = _padded(build, shortcut, f"{name}_short_pad", filters - channels, 0)
        branch = _padded(build, branch, f"{name}_conv2_pad", 0, pooled_side - branch_side)
    build.add("Add", [branch, shortcut], f"{name}_sum")
    return build.add("Relu", [f"{name}_sum"], f"{name}_out")


def _padded(build: _Build, value: str, name: str, channels: int, rows_and_columns: int) -> str:
    if channels == 0 and rows_and_columns == 0:
        return value
    ends = [0, channels, rows_and_columns, rows_and_columns]
    pads = build.constant(np.asarray([0, 0, 0, 0, *ends], np.int64), f"{name}_sizes")
    return build.add("Pad", [value, pads], name, mode="constant")


def _convolution_parameters(
    build: _Build, filters: int, channels: int, kernel: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights [out, in, k, k] and biases of the next convolution with its affine layer folded in."""
    flat = build.take("con").astype(np.float64)
    affine = build.take("affine").astype(np.float64)
    weight_count = filters * channels * kernel * kernel
    if flat.size != weight_count + filters or affine.size != 2 * filters:
        raise BrokenDlibFile(f"a {filters} x {channels} x {kernel} x {kernel} convolution was expected")
    weight = flat[:weight_count].reshape(filters, channels, kernel, kernel)
    gamma, beta = affine[:filters], affine[filters:]
    return weight * gamma.reshape(-1, 1, 1, 1), flat[weight_count:] * gamma + beta


def _convolution(
    build: _Build,
    value: str,
    name: str,
    parameters: tuple[NDArray[np.float64], NDArray[np.float64]],
    stride: int,
) -> str:
    """A convolution as dlib pads it: stride 1 keeps the size, a larger stride has no padding."""
    weight, bias = parameters
    kernel = weight.shape[2]
    inputs = [
        value,
        build.constant(weight.astype(np.float32), f"{name}_weight"),
        build.constant(bias.astype(np.float32), f"{name}_bias"),
    ]
    pad = kernel // 2 if stride == 1 else 0
    return build.add(
        "Conv", inputs, name, kernel_shape=[kernel, kernel], strides=[stride, stride], pads=[pad] * 4
    )


def _model(build: _Build) -> ModelProto:
    picture = helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["batch", 3, SIDE_PX, SIDE_PX])
    vectors = helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["batch", 128])
    graph = helper.make_graph(build.nodes, "dlib_face_recognition_resnet_v1", [picture], [vectors])
    graph.initializer.extend(build.constants)
    model: ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="facegate"
    )
    model.ir_version = 8
    checker.check_model(model)
    return model
