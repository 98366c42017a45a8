"""Maps the conversion steps that the manifest names to the functions that do them."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from types import MappingProxyType

import onnx
from onnx import ModelProto

from facegate.adapters.model_files.conversions.batch_norms import connection_as_convolution, fold_batch_norms
from facegate.adapters.model_files.conversions.dlib_file import read_layers
from facegate.adapters.model_files.conversions.dlib_graph import build_dlib_resnet
from facegate.adapters.model_files.conversions.focus import focus_as_convolution
from facegate.adapters.model_files.conversions.free_axes import free_axes
from facegate.adapters.model_files.conversions.int8_blocks import fold_int8_blocks
from facegate.adapters.model_files.conversions.joined_levels import join_levels
from facegate.adapters.model_files.conversions.kept_class import only_class
from facegate.adapters.model_files.conversions.merged_heads import merge_heads
from facegate.adapters.model_files.conversions.prelu import rewrite_prelu
from facegate.adapters.model_files.conversions.prelu_scales import prelu_by_scales
from facegate.adapters.model_files.conversions.static_int8 import Range, quantise
from facegate.adapters.model_files.manifest import ConversionStep

_PLAIN_STEPS: Mapping[str, Callable[[ModelProto], ModelProto]] = MappingProxyType(
    {
        "fold_int8_blocks": fold_int8_blocks,
        "fold_batch_norms": fold_batch_norms,
        "connection_as_convolution": connection_as_convolution,
        "merge_heads": merge_heads,
        "join_levels": join_levels,
        "focus_as_convolution": focus_as_convolution,
        "rewrite_prelu": rewrite_prelu,
        "prelu_by_scales": prelu_by_scales,
    }
)
"""The steps that take nothing but the graph."""


def convert(source: bytes, steps: Sequence[ConversionStep]) -> bytes:
    """The ready-to-run ONNX file that these steps make of a published file.

    Raises:
        ValueError: the file is not what a step expects.
    """
    model: ModelProto | None = None
    for step in steps:
        if step.name == "build_dlib_resnet":
            model = build_dlib_resnet(read_layers(source))
        else:
            model = _after(step, onnx.load_model_from_string(source) if model is None else model)
    if model is None:
        return source
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString()
    return serialised


def _after(step: ConversionStep, model: ModelProto) -> ModelProto:
    match step.name:
        case "free_axes":
            return free_axes(model, step.input_axes, step.output_axes)
        case "static_int8":
            return quantise(model, stored_ranges(step.ranges))
        case "only_class":
            if step.kept_class is None:
                raise ValueError("the step only_class names no class")
            return only_class(model, step.kept_class)
        case name:
            return _PLAIN_STEPS[name](model)


def stored_ranges(name: str) -> dict[str, Range]:
    """Activation ranges of a net on aligned faces, measured once (2026-11).

    `dlib`: least and greatest values on 110 faces. `sface`: the range that loses least (mean square) when
    rounded to 8 bits, on 106 faces; it cuts off rare values beyond 0.4 to 0.75 of the extremes.

    Raises:
        ValueError: there are no ranges of this name.
    """
    file = resources.files(__package__).joinpath(f"{name}_activation_ranges.json")
    if not file.is_file():
        raise ValueError(f"no activation ranges named {name!r}")
    return {
        name: (float(low), float(high)) for name, (low, high) in json.loads(file.read_text("utf-8")).items()
    }
