"""One net in ONNX Runtime. The only place that imports it; which net is run is the caller's affair."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native
from typing_extensions import override

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
    """`provider` must be there: it is never replaced silently. `intra_op_threads` are per call."""

    provider: ExecutionProvider = ExecutionProvider.CPU
    intra_op_threads: int = 1


# The native module's exceptions have no common base of their own, hence gathered instead of named.
RUNTIME_ERRORS: tuple[type[Exception], ...] = (
    *(kind for kind in vars(native).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    RuntimeError,
    TypeError,
    ValueError,
)


class OnnxRuntimeSession(InferenceSession):
    """A graph loaded once; calls from several threads run side by side, each on its own thread.

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
        settings = _session_options(options)
        # The CPU stands in for single operators that the provider lacks, not for the whole provider.
        providers = list(dict.fromkeys([wanted, "CPUExecutionProvider"]))
        try:
            self._session = onnxruntime.InferenceSession(source, settings, providers=providers)
        except RUNTIME_ERRORS as error:
            raise EngineFailed(f"The net {name} could not be loaded by ONNX Runtime.") from error
        self._session.disable_fallback()
        if self._session.get_providers()[0] != wanted:
            raise CapabilityMissing(
                f"ONNX Runtime could not start its provider {options.provider} and fell back to the CPU.",
                capability=self._runtime,
            )

    @property
    @override
    def runtime(self) -> str:
        return self._runtime

    @override
    def run(self, feeds: Mapping[str, Tensor]) -> list[Tensor]:
        try:
            outputs = self._session.run(None, dict(feeds))
        except RUNTIME_ERRORS as error:
            raise EngineFailed(f"The net {self._name} failed in ONNX Runtime.") from error
        return [np.ascontiguousarray(output, dtype=np.float32) for output in outputs]


def _session_options(options: OnnxRuntimeOptions) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.intra_op_threads
    settings.inter_op_num_threads = 1
    settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    settings.log_severity_level = 3
    # One arena for all nets. Without it two threads spent a third of their time in the allocator and in
    # page faults (detection 3.4 instead of 1.6 ms); with one per net each would keep its largest activations.
    # The weights stay out of it. The memory pattern keeps one plan per input shape; detectors see many.
    # docs/engine.md has the figures.
    _register_shared_arena()
    settings.add_session_config_entry("session.use_env_allocators", "1")
    settings.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    settings.enable_mem_pattern = False
    return settings


@cache
def _register_shared_arena() -> None:
    """Once per process. It grows by what is asked for, not by powers of two."""
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    same_as_requested = onnxruntime.OrtArenaCfg({"arena_extend_strategy": 1})
    onnxruntime.create_and_register_allocator(memory, same_as_requested)
