"""One net in OpenVINO, which is imported only when a session is made. Nothing about particular nets."""

import importlib
import queue
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from typing_extensions import override

from facegate.domain.errors import CapabilityMissing, EngineFailed
from facegate.ports.inference_session import InferenceSession, Tensor


@dataclass(frozen=True, slots=True)
class OpenVinoOptions:
    """`parallel_calls` run at once, each on one thread; further callers wait their turn."""

    device: str = "CPU"
    parallel_calls: int = 1


class OpenVinoSession(InferenceSession):
    """A compiled graph with one infer request per parallel call.

    Args:
        model: a file, or the serialised ONNX graph.
        name: what people call the net, for messages.
        options: device and parallel calls.

    Raises:
        CapabilityMissing: OpenVINO is not installed or has no such device.
        EngineFailed: the graph cannot be compiled.
    """

    def __init__(self, model: Path | bytes, name: str, options: OpenVinoOptions | None = None) -> None:
        options = options or OpenVinoOptions()
        self._name = name
        self._runtime = f"openvino/{options.device}"
        try:
            openvino = _imported_without_telemetry()
        except ImportError as error:
            raise CapabilityMissing(
                "OpenVINO is not installed: pip install facegate[openvino]", capability=self._runtime
            ) from error
        core = openvino.Core()
        if options.device not in core.available_devices:
            listed = ", ".join(core.available_devices)
            raise CapabilityMissing(
                f"OpenVINO has no device {options.device} here; available: {listed}.",
                capability=self._runtime,
            )
        try:
            graph = core.read_model(model if isinstance(model, bytes) else str(model))
            compiled = core.compile_model(graph, options.device, _compile_settings(options))
            requests = [compiled.create_infer_request() for _ in range(options.parallel_calls)]
        except (RuntimeError, TypeError, ValueError) as error:
            raise EngineFailed(f"The net {name} could not be compiled by OpenVINO.") from error
        self._input_names = {port.any_name for port in compiled.inputs}
        self._outputs = compiled.outputs
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for request in requests:
            self._idle.put(request)

    @property
    @override
    def runtime(self) -> str:
        return self._runtime

    @override
    def run(self, feeds: Mapping[str, Tensor]) -> list[Tensor]:
        if set(feeds) != self._input_names:
            # A request would take the tensors of its last run for the missing ones.
            raise EngineFailed(f"The net {self._name} was fed with other inputs than it has.")
        with self._borrowed_request() as request:
            try:
                results = request.infer(dict(feeds), share_inputs=True, share_outputs=True)
            except (RuntimeError, TypeError, ValueError) as error:
                raise EngineFailed(f"The net {self._name} failed in OpenVINO.") from error
            # Copied, since the request owns the memory and is about to serve another thread.
            return [np.array(results[output], dtype=np.float32, order="C") for output in self._outputs]

    @contextmanager
    def _borrowed_request(self) -> Iterator[Any]:
        request = self._idle.get()
        try:
            yield request
        finally:
            self._idle.put(request)


def _imported_without_telemetry() -> ModuleType:
    """OpenVINO, which tells an analytics service of each import unless this package of its is missing."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # an import of it fails
    return importlib.import_module("openvino")


def _compile_settings(options: OpenVinoOptions) -> dict[str, Any]:
    if options.device != "CPU":
        return {}
    return {
        "NUM_STREAMS": options.parallel_calls,
        "INFERENCE_NUM_THREADS": options.parallel_calls,
        # On CPUs with bf16 the default would change templates from machine to machine.
        "INFERENCE_PRECISION_HINT": "f32",
        # Threads of two processes would be tied to the same core: each then waits for it 12 % of the time.
        "ENABLE_CPU_PINNING": False,
    }
