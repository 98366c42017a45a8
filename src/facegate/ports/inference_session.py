"""One loaded net, whatever runtime runs it."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.float32]


class InferenceSession(Protocol):
    """Runs a graph. Safe to call from several threads at once; one intra-op thread per call."""

    @property
    def runtime(self) -> str:
        """Runtime and provider for people, such as `onnxruntime/CPU` or `openvino/CPU`."""
        ...

    def run(self, feeds: Mapping[str, Tensor]) -> list[Tensor]:
        """Outputs in the order of the graph, C-contiguous float32.

        Raises:
            EngineFailed: the runtime refused or broke.
        """
        ...
