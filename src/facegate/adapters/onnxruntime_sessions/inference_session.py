"""One net in ONNX Runtime. The only place that imports it; which net is run is the caller's affair."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native
from typing_extensions import override

from facegate.adapters.onnxruntime_sessions.net_copies import NetCopies
from facegate.domain.errors import CapabilityMissing, EngineFailed
from facegate.ports.inference_session import InferenceSession, Tensor


class ExecutionProvider(StrEnum):
    """Where ONNX Runtime computes; all but CPU need another build of it."""

    CPU = "CPU"
    CUDA = "CUDA"
    OPENVINO = "OpenVINO"
    COREML = "CoreML"


@dataclass(frozen=True, slots=True)
class OnnxRuntimeOptions:
    """`provider` must be there: it is never replaced silently. `intra_op_threads` are per call.

    `copies` of the net are loaded on the CPU, for so many calls at once to have memory of their own.
    """

    provider: ExecutionProvider = ExecutionProvider.CPU
    intra_op_threads: int = 1
    copies: int = 1


_LARGE_INPUT_VALUES = 3 * 640 * 640
"""What a larger picture left behind in the memory of a copy is given back now and then."""


# The native module's exceptions have no common base of their own, hence gathered instead of named.
RUNTIME_ERRORS: tuple[type[Exception], ...] = (
    *(kind for kind in vars(native).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    RuntimeError,
    TypeError,
    ValueError,
)


class OnnxRuntimeSession(InferenceSession):
    """A net whose calls from several threads run side by side, each on its own thread.

    Args:
        model: a file, or the serialised graph.
        name: what people call the net, for messages.
        options: provider and threads.

    Raises:
        CapabilityMissing: the provider is not in this build, or could not be started.
        EngineFailed: the graph cannot be loaded.
    """

    def __init__(self, model: Path | bytes, name: str, options: OnnxRuntimeOptions | None = None) -> None:
        options = options or OnnxRuntimeOptions()
        self._name = name
        self._runtime = f"onnxruntime/{options.provider}"
        wanted = f"{options.provider}ExecutionProvider"
        available = onnxruntime.get_available_providers()
        if wanted not in available:
            listed = ", ".join(provider.removesuffix("ExecutionProvider") for provider in available)
            raise CapabilityMissing(
                f"ONNX Runtime has no provider {options.provider} here; available: {listed}.",
                capability=self._runtime,
            )
        source = model if isinstance(model, bytes) else str(model)
        # The CPU stands in for single operators that the provider lacks, not for the whole provider.
        providers = list(dict.fromkeys([wanted, "CPUExecutionProvider"]))
        count = options.copies if options.provider is ExecutionProvider.CPU else 1
        try:
            sessions = [
                onnxruntime.InferenceSession(source, _session_options(options), providers=providers)
                for _ in range(count)
            ]
        except RUNTIME_ERRORS as error:
            raise EngineFailed(f"The net {name} could not be loaded by ONNX Runtime.") from error
        for session in sessions:
            session.disable_fallback()
        if sessions[0].get_providers()[0] != wanted:
            raise CapabilityMissing(
                f"ONNX Runtime could not start its provider {options.provider} and fell back to the CPU.",
                capability=self._runtime,
            )
        self._copies = NetCopies(sessions)
        self._giving_back = onnxruntime.RunOptions()
        if options.provider is ExecutionProvider.CPU:
            self._giving_back.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    @property
    @override
    def runtime(self) -> str:
        return self._runtime

    @override
    def run(self, feeds: Mapping[str, Tensor]) -> list[Tensor]:
        is_large = sum(feed.size for feed in feeds.values()) > _LARGE_INPUT_VALUES
        try:
            with self._copies.least_busy() as copy:
                gives_back = copy.is_to_give_back(is_large=is_large, now_s=time.monotonic())
                outputs = copy.session.run(None, dict(feeds), self._giving_back if gives_back else None)
        except RUNTIME_ERRORS as error:
            raise EngineFailed(f"The net {self._name} failed in ONNX Runtime.") from error
        return [np.ascontiguousarray(output, dtype=np.float32) for output in outputs]


def _session_options(options: OnnxRuntimeOptions) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.intra_op_threads
    settings.inter_op_num_threads = 1
    settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    settings.log_severity_level = 3
    # The memory pattern keeps one plan per input shape; detectors see many.
    settings.enable_mem_pattern = False
    return settings
